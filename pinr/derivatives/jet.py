"""A jet: a value with its directional derivatives, flowing through ordinary torch code."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, final

import torch
from torch import Tensor
from typing_extensions import override

from pinr.derivatives.affine import affine
from pinr.derivatives.algebra import Algebra, Weights
from pinr.derivatives.composition import compose, multiply
from pinr.derivatives.differentiable import rows_of
from pinr.derivatives.towers import Tower

Rule = Callable[..., Any]
RULES: dict[Any, Rule] = {}
"""Rules by torch function. Users add their own with `rule_for`."""


class MissingRuleError(Exception):
    """A network uses a torch function, or a form of it, that jets have no rule for."""


class AbstractJet(ABC):
    """Stands in for a tensor `(N, …)` in torch functions, and carries its derivatives along.

    `channels[c]` is the channel c of an algebra, `(k, N, …)`; channel 0 is the value. A torch function without a
    rule in `RULES` raises `MissingRuleError`, upon which a network is differentiated by nested autograd.
    """

    __slots__ = ()
    algebra: Algebra
    weights: Weights

    @property
    @abstractmethod
    def channels(self) -> Tensor: ...

    @property
    @abstractmethod
    def shape(self) -> torch.Size: ...

    def selected(self, wanted: Sequence[int]) -> Tensor:
        """Some of the channels, in ascending order."""
        if list(wanted) == list(range(self.algebra.size)):
            return self.channels
        return rows_of(self.channels, wanted)

    def shifted(self, constant: Any) -> "AbstractJet":
        """Plus a constant."""
        value = self.channels[0] + constant
        return self.with_channels(torch.cat([value[None], self.channels[1:].expand(-1, *value.shape)]))

    def scaled(self, factor: Any) -> "AbstractJet":
        """Times a constant."""
        other = factor.shape if isinstance(factor, Tensor) else ()
        shape = torch.broadcast_shapes(self.shape, other)
        return PendingJet(lambda wanted: self.selected(wanted) * factor, shape, self.algebra, self.weights)

    def mapped(self, weight: Tensor, bias: Tensor | None) -> "AbstractJet":
        """`W y + b`."""

        def compute(wanted: Sequence[int]) -> Tensor:
            return affine(self.selected(wanted), weight, bias if wanted[0] == 0 else None)

        shape = torch.Size((*self.shape[:-1], weight.shape[0]))
        return PendingJet(compute, shape, self.algebra, self.weights)

    def composed(self, tower: Tower) -> "AbstractJet":
        """An elementwise function of it."""

        def compute(wanted: Sequence[int]) -> Tensor:
            return compose(tower, self.channels, self.algebra, self.weights, wanted)

        return PendingJet(compute, self.shape, self.algebra, self.weights)

    def plus(self, other: "AbstractJet", alpha: float) -> "AbstractJet":
        """`y + α z` with another jet."""
        return self.with_channels(torch.add(self.channels, other.channels, alpha=alpha))

    def times(self, other: "AbstractJet") -> "AbstractJet":
        """The product with another jet, by Leibniz' rule."""
        return self.with_channels(multiply(self.channels, other.channels, self.algebra, self.weights))

    def joined(self, parts: Sequence[Any], axis: int) -> "AbstractJet":
        """Jets and constants one after the other along an axis behind the points."""
        return self.with_channels(torch.cat([self.lifted(p) for p in parts], dim=axis + 1 if axis >= 0 else axis))

    def lifted(self, part: Any) -> Tensor:
        """The channels of a jet, or of a constant, whose derivatives vanish."""
        if isinstance(part, AbstractJet):
            return part.channels
        return torch.cat([part[None], part.new_zeros((self.algebra.size - 1, *part.shape))])

    def with_channels(self, channels: Tensor) -> "Jet":
        """A jet of the same algebra."""
        return Jet(channels, self.algebra, self.weights)

    @classmethod
    def __torch_function__(
        cls, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        rule = RULES.get(function)
        if rule is None:
            name = getattr(function, "__name__", str(function))
            message = f"jets have no rule for torch's `{name}`"
            raise MissingRuleError(message)
        return rule(*args, **(kwargs or {}))

    def __getattr__(self, name: str) -> Any:
        method = getattr(torch.Tensor, name, None)
        if name.startswith("__") or not callable(method):
            message = f"a jet has no attribute `{name}`"
            raise AttributeError(message)
        return lambda *args, **kwargs: self.__torch_function__(method, (type(self),), (self, *args), kwargs)

    @property
    def dtype(self) -> torch.dtype:
        return self.channels.dtype

    @property
    def device(self) -> torch.device:
        return self.channels.device

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def size(self, dim: int | None = None) -> Any:
        return self.shape if dim is None else self.shape[dim]

    def dim(self) -> int:
        return self.ndim

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> "AbstractJet":
        return self.__torch_function__(torch.Tensor.__getitem__, (type(self),), (self, index))

    def __add__(self, other: Any) -> "AbstractJet":
        return torch.add(self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> "AbstractJet":
        return torch.sub(self, other)

    def __rsub__(self, other: Any) -> "AbstractJet":
        return torch.add(torch.neg(self), other)

    def __mul__(self, other: Any) -> "AbstractJet":
        return torch.mul(self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "AbstractJet":
        return torch.div(self, other)

    def __rtruediv__(self, other: Any) -> "AbstractJet":
        return torch.mul(torch.reciprocal(self), other)

    def __pow__(self, exponent: Any) -> "AbstractJet":
        return torch.pow(self, exponent)

    def __abs__(self) -> "AbstractJet":
        return torch.abs(self)

    def __neg__(self) -> "AbstractJet":
        return torch.neg(self)

    def __matmul__(self, other: Any) -> "AbstractJet":
        return torch.matmul(self, other)


@final
class Jet(AbstractJet):
    """A jet with all channels at all points."""

    __slots__ = ("_channels", "algebra", "weights")

    def __init__(self, channels: Tensor, algebra: Algebra, weights: Weights) -> None:
        self._channels, self.algebra, self.weights = channels, algebra, weights

    @property
    @override
    def channels(self) -> Tensor:
        return self._channels

    @property
    @override
    def shape(self) -> torch.Size:
        return self._channels.shape[1:]


@final
class PendingJet(AbstractJet):
    """The result of an operation that is carried out when it is asked for, and for the channels that are.

    So the last layers of a network compute the channels of the request and not those that only led there.
    """

    __slots__ = ("_channels", "_compute", "_shape", "algebra", "weights")

    def __init__(
        self, compute: Callable[[Sequence[int]], Tensor], shape: torch.Size, algebra: Algebra, weights: Weights
    ) -> None:
        self._compute, self._shape = compute, shape
        self._channels: Tensor | None = None
        self.algebra, self.weights = algebra, weights

    @property
    @override
    def channels(self) -> Tensor:
        if self._channels is None:
            self._channels = self._compute(range(self.algebra.size))
        return self._channels

    @property
    @override
    def shape(self) -> torch.Size:
        return self._shape

    @override
    def selected(self, wanted: Sequence[int]) -> Tensor:
        if self._channels is None and len(wanted) < self.algebra.size:
            return self._compute(wanted)
        return super().selected(wanted)


def rule_for(*functions: Any) -> Callable[[Rule], Rule]:
    """Register a rule for torch functions: it takes their arguments, jets among them, and gives a jet."""

    def register(rule: Rule) -> Rule:
        for function in functions:
            RULES[function] = rule
        return rule

    return register
