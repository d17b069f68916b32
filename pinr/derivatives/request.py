"""What is asked of an engine: partial derivatives and groups of them."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import final

from pinr.errors import CompilationError

MultiIndex = tuple[int, ...]
"""Order of differentiation by each input: (2, 1) is ∂³/∂x₁²∂x₂, (0, 0) the value."""


def order_of(index: MultiIndex) -> int:
    """Total order |α| of a multi-index."""
    return sum(index)


def below(index: MultiIndex) -> tuple[MultiIndex, ...]:
    """All multi-indices β ≤ α componentwise, α included."""
    return tuple(product(*(range(a + 1) for a in index)))


@final
@dataclass(frozen=True)
class Group:
    """A weighted sum `Σ w_α ∂^α` that is used only as a whole, so that it is carried as one channel.

    A weight is a number, or None where a tensor `(N,)` (or a scalar) is given at each evaluation:
    a function of the point, data, or something trainable.
    """

    indices: tuple[MultiIndex, ...]
    weights: tuple[float | None, ...]

    def __post_init__(self) -> None:
        if not self.indices or len(self.indices) != len(self.weights):
            message = f"`{self}`: a group needs at least one multi-index and one weight for each."
            raise CompilationError(message)
        if any(order_of(index) == 0 for index in self.indices):
            message = f"`{self}`: the value itself cannot be part of a group of derivatives."
            raise CompilationError(message)


@final
@dataclass(frozen=True)
class Request:
    """The derivatives of one network that a residual needs at a set of points.

    An engine answers with a tensor `(len(partials) + len(groups), N, components)` in this order.
    """

    inputs: int
    partials: tuple[MultiIndex, ...]
    groups: tuple[Group, ...] = ()

    def __post_init__(self) -> None:
        for index in self.partials + tuple(i for g in self.groups for i in g.indices):
            if len(index) != self.inputs or min(index, default=0) < 0:
                message = f"The multi-index {index} does not fit a network of {self.inputs} inputs."
                raise CompilationError(message)

    @property
    def value(self) -> MultiIndex:
        return (0,) * self.inputs

    @cached_property
    def order(self) -> int:
        """Highest order of differentiation."""
        indices = self.partials + tuple(i for g in self.groups for i in g.indices)
        return max(map(order_of, indices), default=0)

    @cached_property
    def channels(self) -> tuple[MultiIndex, ...]:
        """The multi-indices that a jet must carry beside the groups: closed under division."""
        needed = {self.value}
        for index in self.partials:
            needed.update(below(index))
        for group in self.groups:
            for index in group.indices:
                needed.update(b for b in below(index) if b != index)
        return tuple(sorted(needed, key=lambda index: (order_of(index), [-a for a in index])))

    @property
    def size(self) -> int:
        """Number of channels of a jet that answers the request, groups included."""
        return len(self.channels) + len(self.groups)
