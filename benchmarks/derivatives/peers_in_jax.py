"""The same step in JAX, compiled as a whole: nested differentiation, `jax.experimental.jet`, the forward Laplacian."""

from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental.jet import jet
from torch import Tensor, nn

from benchmarks.derivatives.engines import Method, Step
from benchmarks.derivatives.peers import channels_by
from benchmarks.derivatives.works import FREQUENCY, Channels, Work
from pinr.derivatives.request import MultiIndex

jax.config.update("jax_enable_x64", True)  # for the work in float64; the others say float32
Derivatives = Callable[[Work, Callable[[Any], Any], Any], Channels]
"""What finds the channels of one network function of points `(N, inputs)`."""


def methods_for(work: Work) -> dict[str, Method]:
    nested = "JAX gradient" if work.request.order == 1 else "JAX nested"
    found = {nested: _method(_nested)}
    if work.request.order > 1 and not any(map(_is_mixed, work.request.partials)):
        found["JAX jet"] = _method(_jet)
    if find_spec("folx") and work.request.order == 2 and work.request.groups:
        found["folx"] = _method(_folx)
    return found


def _is_mixed(index: MultiIndex) -> bool:
    return sum(order > 0 for order in index) > 1


def _method(derivatives: Derivatives) -> Method:
    def build(work: Work, module: nn.Module, points: Tensor) -> Step:
        weights = [jnp.asarray(p.detach().numpy()) for p in module.parameters()]
        x = jnp.asarray(points.numpy())

        def loss(weights: list[Any], x: Any) -> Any:
            return work.loss(derivatives(work, lambda z: _siren(weights, z), x))

        gradient = jax.jit(jax.grad(loss))

        def step() -> Sequence[Any]:
            return jax.block_until_ready(gradient(weights, x))

        return step

    return build


def _siren(weights: Sequence[Any], x: Any) -> Any:
    for w, b in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        x = jnp.sin(x @ (FREQUENCY * w).T + FREQUENCY * b)
    return x @ weights[-2].T + weights[-1]


def _nested(work: Work, function: Callable[[Any], Any], x: Any) -> Channels:
    """Second derivatives are entries of `jax.hessian`; further ones nest `jax.jvp`."""
    if work.request.order == 1:
        values, pull = jax.vjp(function, x)
        gradients = [pull(jnp.broadcast_to(row, values.shape))[0] for row in jnp.eye(work.outputs, dtype=x.dtype)]
        return channels_by(work.request, lambda c, i: gradients[c][:, i.index(1)])
    values = function(x)
    if work.request.order == 2:
        jacobians = jax.vmap(jax.jacrev(function))(x) if work.request.partials else None

        @cache
        def hessian(component: int) -> Any:
            """`(N, d, d)`, or its diagonal `(N, d)` if that is all."""
            kept = (lambda h: h) if any(map(_is_mixed, work.request.partials)) else jnp.diagonal
            return jax.vmap(lambda z: kept(jax.hessian(lambda y: function(y)[component])(z)))(x)

        def second(component: int, index: tuple[int, ...]) -> Any:
            if not any(index):
                return values[:, component]
            if sum(index) == 1:
                return jacobians[:, component, index.index(1)]
            found = hessian(component)
            axes = [axis for axis, order in enumerate(index) if order]
            return found[:, axes[0]] if found.ndim == 2 else found[:, axes[0], axes[-1]]

        return channels_by(work.request, second)

    def along(function: Callable[[Any], Any], axis: int) -> Callable[[Any], Any]:
        direction = jnp.broadcast_to(jnp.eye(work.inputs, dtype=x.dtype)[axis], x.shape)
        return lambda z: jax.jvp(function, (z,), (direction,))[1]

    @cache
    def derivative(index: tuple[int, ...]) -> Any:
        found = function
        for axis, order in enumerate(index):
            for _ in range(order):
                found = along(found, axis)
        return found(x)

    return channels_by(work.request, lambda c, i: derivative(i)[:, c])


def _jet(work: Work, function: Callable[[Any], Any], x: Any) -> Channels:
    """One series per direction, of the highest order that the direction needs."""
    indices = [*work.request.partials, *(i for g in work.request.groups for i in g.indices)]
    orders = [max(i[axis] for i in indices) for axis in range(work.inputs)]

    @cache
    def series(axis: int) -> Any:
        direction = jnp.broadcast_to(jnp.eye(work.inputs, dtype=x.dtype)[axis], x.shape)
        tail = [jnp.zeros_like(x)] * (orders[axis] - 1)
        value, terms = jet(function, (x,), ((direction, *tail),))
        return value, *terms

    def derivative(component: int, index: tuple[int, ...]) -> Any:
        axis = max(range(work.inputs), key=lambda a: index[a])
        return series(axis)[index[axis]][:, component]

    return channels_by(work.request, derivative)


def _folx(work: Work, function: Callable[[Any], Any], x: Any) -> Channels:
    """One forward Laplacian for all directions of one weight; it gives values and gradients as well."""
    import folx

    (group,) = work.request.groups
    axes = [index.index(2) for index in group.indices]
    split = {w: [a for a, v in zip(axes, group.weights, strict=True) if v == w] for w in dict.fromkeys(group.weights)}

    def of_point(z: Any) -> tuple[Any, Any, Any]:
        total: Any = 0.0
        for weight, members in split.items():
            places = jnp.array(members)
            laplacian = folx.forward_laplacian(lambda part, p=places: function(z.at[p].set(part)))
            found = laplacian(z[places])
            total = total + weight * found.laplacian
        return found.x, found.jacobian.dense_array, total

    value, jacobian, total = jax.vmap(of_point)(x)

    def channel(number: int, component: int) -> Any:
        if number == len(work.request.partials):
            return total[:, component]
        index = work.request.partials[number]
        return jacobian[:, index.index(1), component] if any(index) else value[:, component]

    return channel
