"""Compositions of jets by fused kernels, as torch functions.

Forward and backward read every channel once and write every channel once; nothing but the jet before the function is
saved. Gradients of gradients go through ordinary operations.
"""

from typing import Any, final

import torch
from torch import Tensor

from pinr.derivatives.algebra import Algebra, Weights
from pinr.derivatives.differentiable import affine_gradients, composition_gradient
from pinr.derivatives.fused.kernels import AffineComposition, Composition, Place
from pinr.derivatives.fused.library import kernels
from pinr.derivatives.printer import Channels, point_weight_places
from pinr.derivatives.towers import Tower

# Not tuned: nothing was measured on a GPU yet.
BLOCK = 256  # numbers of each channel in one program, two for each thread
MOST_UNITS = 128  # of a layer in one program, one for each thread
POINTS = 16  # that such a program takes one after the other
# Products and sums in one instruction, as in the compiled kernels; said because Triton's default will change.
OPTIONS = {"enable_fp_fusion": True}


@final
class FusedComposition(torch.autograd.Function):
    """`f∘y` in the channels wanted, see `composition`."""

    @staticmethod
    def forward(
        context: Any, channels: Tensor, tower: Tower, algebra: Algebra, weights: Weights, wanted: Channels
    ) -> Tensor:
        kernel = Composition(tower.name, algebra, wanted)
        context.save_for_backward(channels)
        context.rest = (kernel, tower, weights)
        out = channels.new_empty((len(wanted), *channels.shape[1:]))
        _elementwise(kernels(kernel).forward, [channels], out, algebra, weights)
        return out

    @staticmethod
    def backward(context: Any, cotangent: Tensor) -> tuple[Tensor | None, None, None, None, None]:
        (channels,) = context.saved_tensors
        kernel, tower, weights = context.rest
        if torch.is_grad_enabled():  # somebody wants the gradient of this gradient
            gradient = composition_gradient(tower, channels, cotangent, kernel.algebra, weights, kernel.wanted)
            return gradient, None, None, None, None
        out = torch.empty_like(channels, memory_format=torch.contiguous_format)
        _elementwise(kernels(kernel).backward, [channels, cotangent], out, kernel.algebra, weights)
        return out, None, None, None, None


def _elementwise(function: Any, given: list[Tensor], out: Tensor, algebra: Algebra, weights: Weights) -> None:
    if not out.numel():
        return
    shape = out.shape[1:]
    size = shape.numel()
    width = size // shape[0]
    at_points = [weights[group][member] for group, member in point_weight_places(algebra)]
    columns = [torch.as_tensor(w, dtype=out.dtype, device=out.device).expand(shape[:1]) for w in at_points]
    tensors = [t.contiguous() for t in (*given, out, *columns)]
    with torch.cuda.device_of(out):
        function[(-(-size // BLOCK),)](*tensors, width, size, BLOCK=BLOCK, num_warps=4, **OPTIONS)


@final
class FusedAffineComposition(torch.autograd.Function):
    """`h_c = Σ_r f⁽ʳ⁾(y) R_{c,r}` with rows R; `h_0 = f(y)`."""

    @staticmethod
    def forward(
        context: Any, value: Tensor, rows: Tensor, tower: Tower, places: tuple[Place, ...], algebra: Algebra
    ) -> Tensor:
        kernel = AffineComposition(tower.name, algebra.order, places, algebra.size)
        context.save_for_backward(value, rows)
        context.rest = (kernel, tower)
        out = value.new_empty((algebra.size, *value.shape))
        _looped(kernels(kernel).forward, [value, rows, out], value)
        return out

    @staticmethod
    def backward(context: Any, cotangent: Tensor) -> tuple[Tensor | None, Tensor | None, None, None, None]:
        value, rows = context.saved_tensors
        kernel, tower = context.rest
        if torch.is_grad_enabled():
            levels = tower(value, kernel.order + 1)
            return *affine_gradients(levels, rows, kernel.places, cotangent), None, None, None
        out = torch.empty_like(value, memory_format=torch.contiguous_format)
        programs = -(-value.shape[0] // POINTS)
        sums = rows.new_empty((programs, *rows.shape))
        _looped(kernels(kernel).backward, [value, rows, cotangent, out, sums], value)
        return out, sums.sum(0), None, None, None


def _looped(function: Any, tensors: list[Tensor], value: Tensor) -> None:
    if not value.numel():
        return
    count = value.shape[0]
    width = value.numel() // count
    block = min(MOST_UNITS, max(32, 1 << (width - 1).bit_length()))
    grid = (-(-count // POINTS), -(-width // block))
    given = [t.contiguous() for t in tensors]
    options = {"POINTS": POINTS, "BLOCK": block, "num_warps": block // 32, **OPTIONS}
    with torch.cuda.device_of(value):
        function[grid](*given, width, value.numel(), **options)
