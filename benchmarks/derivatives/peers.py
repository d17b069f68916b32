"""The same step by hand and by other libraries in torch, each with the operators that its documentation recommends."""

from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.derivatives.engines import Method, Step, gradient
from benchmarks.derivatives.works import Channels, Work
from pinr.derivatives.request import MultiIndex, Request

Derivative = Callable[[int, MultiIndex], Any]
"""Component and multi-index to values `(N,)`."""


def peers_for(work: Work) -> tuple[dict[str, Method], list[str]]:
    """The peers that can be imported and are made for such a work, and the names of those that cannot be imported."""
    methods: dict[str, Method] = {"autograd by hand": by_hand, "torch.func": torch_func}
    missing = []
    for package, name in (("deepxde", "DeepXDE"), ("pina", "PINA"), ("jax", "JAX"), ("folx", "folx")):
        if find_spec(package) is None:
            missing.append(name)
    if find_spec("deepxde"):
        methods["DeepXDE"] = deepxde
    if find_spec("pina"):
        methods["PINA"] = pina
    if find_spec("jax"):
        from benchmarks.derivatives import peers_in_jax

        methods |= peers_in_jax.methods_for(work)
    return methods, missing


def channels_by(request: Request, derivative: Derivative) -> Channels:
    """Channels found one derivative after the other, when they are asked for."""

    @cache
    def channel(number: int, component: int) -> Any:
        if number < len(request.partials):
            return derivative(component, request.partials[number])
        group = request.groups[number - len(request.partials)]
        terms = zip(group.weights, group.indices, strict=True)
        return sum(w * derivative(component, index) for w, index in terms)

    return channel


def lowered(index: MultiIndex, order: int = 1) -> tuple[MultiIndex, int]:
    """A multi-index less `order` in its last direction, and that direction."""
    axis = max(i for i, a in enumerate(index) if a)
    return tuple(a - order * (i == axis) for i, a in enumerate(index)), axis


def by_hand(work: Work, module: nn.Module, points: Tensor) -> Step:
    """`torch.autograd.grad` again and again, as the code of SIREN does."""

    def step() -> Sequence[Tensor]:
        x = points.detach().requires_grad_()
        values = module(x)

        @cache
        def gradient_of(component: int, index: MultiIndex) -> Tensor:
            y = derivative(component, index)
            return torch.autograd.grad(y, x, torch.ones_like(y), create_graph=True)[0]

        def derivative(component: int, index: MultiIndex) -> Tensor:
            if not any(index):
                return values[:, component]
            lower, axis = lowered(index)
            return gradient_of(component, lower)[:, axis]

        return gradient(work.loss(channels_by(work.request, derivative)), module)

    return step


def torch_func(work: Work, module: nn.Module, points: Tensor) -> Step:
    """Forward mode over forward mode by direction; one `vjp` per component for gradients alone."""
    from torch.func import jvp, vjp

    def along(function: Any, direction: Tensor) -> Any:
        return lambda x: jvp(function, (x,), (direction,))[1]

    def step() -> Sequence[Tensor]:
        if work.request.order == 1:
            values, pull = vjp(module, points)
            gradients = [pull(row.expand_as(values))[0] for row in torch.eye(work.outputs, dtype=work.dtype)]
            return gradient(work.loss(channels_by(work.request, lambda c, i: gradients[c][:, lowered(i)[1]])), module)

        @cache
        def values_of(index: MultiIndex) -> Tensor:
            function: Any = module
            for axis, order in enumerate(index):
                for _ in range(order):
                    function = along(function, torch.eye(work.inputs, dtype=work.dtype)[axis].expand_as(points))
            return function(points)

        return gradient(work.loss(channels_by(work.request, lambda c, i: values_of(i)[:, c])), module)

    return step


def deepxde(work: Work, module: nn.Module, points: Tensor) -> Step:
    """`dde.grad.jacobian` and `dde.grad.hessian`, lazy and remembered."""
    import os

    os.environ["DDE_BACKEND"] = "pytorch"
    import deepxde as dde

    def step() -> Sequence[Tensor]:
        x = points.detach().requires_grad_()
        values = module(x)

        def derivative(component: int, index: MultiIndex) -> Tensor:
            return column(component, index)[:, 0]

        @cache
        def column(component: int, index: MultiIndex) -> Tensor:
            if not any(index):
                return values[:, component : component + 1]
            order = min(2, max(index))
            lower, axis = lowered(index, order)
            source, place = (column(component, lower), 0) if any(lower) else (values, component)
            if order == 1:
                return dde.grad.jacobian(source, x, i=place, j=axis)
            return dde.grad.hessian(source, x, component=place, i=axis, j=axis)

        found = gradient(work.loss(channels_by(work.request, derivative)), module)
        dde.grad.clear()
        return found

    return step


def pina(work: Work, module: nn.Module, points: Tensor) -> Step:
    """`fast_grad` and `fast_laplacian` on labelled tensors."""
    from pina import LabelTensor
    from pina.operator import fast_grad, fast_laplacian

    inputs, outputs = [f"x{n}" for n in range(work.inputs)], [f"u{n}" for n in range(work.outputs)]

    def step() -> Sequence[Tensor]:
        x = LabelTensor(points.detach().clone(), inputs).requires_grad_()
        values = LabelTensor(module(x.tensor if hasattr(x, "tensor") else x), outputs)

        @cache
        def labelled(component: int, index: MultiIndex) -> Any:
            if not any(index):
                return values.extract([outputs[component]])
            order = 2 if max(index) > 1 else 1
            lower, axis = lowered(index, order)
            source = labelled(component, lower)
            if order == 2:
                return fast_laplacian(source, x, source.labels, [inputs[axis]])
            return gradient_of(component, lower).extract([f"d{source.labels[0]}d{inputs[axis]}"])

        @cache
        def gradient_of(component: int, index: MultiIndex) -> Any:
            source = labelled(component, index)
            return fast_grad(source, x, source.labels, inputs)

        def derivative(component: int, index: MultiIndex) -> Tensor:
            return labelled(component, index).tensor[:, 0]

        lazy = channels_by(work.request, derivative)

        def channels(number: int, component: int) -> Tensor:
            group = number - len(work.request.partials)
            if group >= 0 and is_laplacian(work.request, group):  # one gradient serves all directions
                source = labelled(component, (0,) * work.inputs)
                return fast_laplacian(source, x, source.labels, inputs).tensor[:, 0]
            return lazy(number, component)

        return gradient(work.loss(channels), module)

    return step


def is_laplacian(request: Request, number: int) -> bool:
    group = request.groups[number]
    return all(max(i) == sum(i) == 2 for i in group.indices) and set(group.weights) == {1.0}
