"""A jet: a value with its directional derivatives, flowing through ordinary torch code."""

from collections.abc import Callable
from functools import partial
from typing import Any, final

import torch
from torch import Tensor

from pinr.derivatives.algebra import Algebra, Weights

Rule = Callable[..., Any]
RULES: dict[Any, Rule] = {}
"""Rules by torch function. Users add their own with `rule_for`."""


class MissingRuleError(Exception):
    """A network uses a torch function, or a form of it, that jets have no rule for."""


@final
class Jet:
    """`channels[c]` holds the channel c of an algebra at N points, `(k, N, …)`; channel 0 is the value.

    It stands in for a tensor `(N, …)` in torch functions, see `RULES`; a function without a rule raises
    `MissingRuleError`, upon which the engine falls back to nested autograd.
    """

    __slots__ = ("algebra", "channels", "weights")

    def __init__(self, channels: Tensor, algebra: Algebra, weights: Weights) -> None:
        self.channels, self.algebra, self.weights = channels, algebra, weights

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
        return partial(Jet.__torch_function__, method, (Jet,), *(), **{}) if method is None else (
            lambda *args, **kwargs: Jet.__torch_function__(method, (Jet,), (self, *args), kwargs)
        )

    @property
    def shape(self) -> torch.Size:
        return self.channels.shape[1:]

    @property
    def dtype(self) -> torch.dtype:
        return self.channels.dtype

    @property
    def device(self) -> torch.device:
        return self.channels.device

    @property
    def ndim(self) -> int:
        return self.channels.dim() - 1

    def size(self, dim: int | None = None) -> Any:
        return self.shape if dim is None else self.shape[dim]

    def dim(self) -> int:
        return self.ndim

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> "Jet":
        return Jet.__torch_function__(torch.Tensor.__getitem__, (Jet,), (self, index))

    def __add__(self, other: Any) -> "Jet":
        return torch.add(self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Jet":
        return torch.sub(self, other)

    def __rsub__(self, other: Any) -> "Jet":
        return torch.add(torch.neg(self), other)

    def __mul__(self, other: Any) -> "Jet":
        return torch.mul(self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Jet":
        return torch.div(self, other)

    def __rtruediv__(self, other: Any) -> "Jet":
        return torch.mul(torch.reciprocal(self), other)

    def __pow__(self, exponent: Any) -> "Jet":
        return torch.pow(self, exponent)

    def __neg__(self) -> "Jet":
        return torch.neg(self)

    def __matmul__(self, other: Any) -> "Jet":
        return torch.matmul(self, other)


def rule_for(*functions: Any) -> Callable[[Rule], Rule]:
    """Register a rule for torch functions: it takes their arguments, jets among them, and gives a jet."""

    def register(rule: Rule) -> Rule:
        for function in functions:
            RULES[function] = rule
        return rule

    return register
