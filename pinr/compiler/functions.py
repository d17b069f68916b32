"""SymPy functions as torch functions: the table behind `lower`."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import scipy.special
import sympy
import torch
from torch import Tensor

from pinr.compiler.branches import Guarded, pass_where_taken
from pinr.language.operators import Norm, ReciprocalOrZero


class _BesselJ(torch.autograd.Function):
    """J_n by SciPy; `J_n' = (J_{n−1} − J_{n+1})/2`, so gradients of any order work."""

    @staticmethod
    def forward(context: Any, order: float, z: Tensor) -> Tensor:
        context.order = order
        context.save_for_backward(z)
        values = scipy.special.jv(order, z.detach().cpu().numpy())
        return torch.as_tensor(values, dtype=z.dtype, device=z.device)

    @staticmethod
    def backward(context: Any, cotangent: Tensor) -> tuple[None, Tensor]:
        (z,) = context.saved_tensors
        below, above = (_BesselJ.apply(context.order + shift, z) for shift in (-1, 1))
        return None, cotangent * (below - above) / 2


def _bessel_j(order: Any, z: Tensor) -> Tensor:
    return _BesselJ.apply(float(order), z)


def _norm(*components: Tensor) -> Tensor:
    # torch's own norm has subgradient 0 at 0, which the square root of a sum of squares has not.
    return torch.linalg.vector_norm(torch.stack(torch.broadcast_tensors(*components)), dim=0)


def _reciprocal_or_zero(z: Tensor) -> Tensor:
    safe = torch.where(z == 0, torch.ones_like(z), z)
    return torch.where(z == 0, torch.zeros_like(z), 1 / safe)


def _heaviside(z: Tensor, at_zero: Any = 0.5) -> Tensor:
    return torch.where(z > 0, 1.0, torch.where(z < 0, 0.0, at_zero)).to(z.dtype)


def _sinc(z: Tensor) -> Tensor:
    return torch.special.sinc(z / torch.pi)


def _of_tensors(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A function that takes tensors only, given numbers as well."""

    def of_tensors(*values: Any) -> Tensor:
        like = next(v for v in values if isinstance(v, Tensor))
        return function(*(v if isinstance(v, Tensor) else like.new_full((), v) for v in values))

    return of_tensors


FUNCTIONS: dict[type[sympy.Basic], Callable[..., Tensor]] = {
    sympy.sin: torch.sin, sympy.cos: torch.cos, sympy.tan: torch.tan,
    sympy.cot: lambda z: 1 / torch.tan(z), sympy.sec: lambda z: 1 / torch.cos(z), sympy.csc: lambda z: 1 / torch.sin(z),
    sympy.asin: torch.asin, sympy.acos: torch.acos, sympy.atan: torch.atan, sympy.atan2: _of_tensors(torch.atan2),
    sympy.sinh: torch.sinh, sympy.cosh: torch.cosh, sympy.tanh: torch.tanh,
    sympy.asinh: torch.asinh, sympy.acosh: torch.acosh, sympy.atanh: torch.atanh,
    sympy.exp: torch.exp, sympy.log: torch.log, sympy.Abs: torch.abs, sympy.sign: torch.sign,
    sympy.floor: torch.floor, sympy.ceiling: torch.ceil, sympy.sinc: _sinc, sympy.Heaviside: _heaviside,
    sympy.erf: torch.special.erf, sympy.erfc: torch.special.erfc, sympy.loggamma: torch.lgamma,
    sympy.besselj: _bessel_j, Norm: _of_tensors(_norm), ReciprocalOrZero: _reciprocal_or_zero,
    Guarded: _of_tensors(pass_where_taken),
    sympy.Max: _of_tensors(lambda *a: reduce(torch.maximum, a)),
    sympy.Min: _of_tensors(lambda *a: reduce(torch.minimum, a)),
    sympy.Lt: torch.lt, sympy.Le: torch.le, sympy.Gt: torch.gt, sympy.Ge: torch.ge,
    sympy.Eq: torch.eq, sympy.Ne: torch.ne, sympy.Not: torch.logical_not,
    sympy.And: lambda *a: reduce(torch.logical_and, a), sympy.Or: lambda *a: reduce(torch.logical_or, a),
}  # fmt: skip
