"""A constraint: equations on a region."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import Any, Literal, cast, final, get_args

import sympy
from sympy.core.relational import Relational

from pinr.declaration.source import Source, callers_source
from pinr.errors import DeclarationError
from pinr.geometry.boundary import Boundary
from pinr.geometry.region import AbstractRegion
from pinr.geometry.suggestion import did_you_mean
from pinr.language.coordinates import Coordinate, Role
from pinr.language.equations import as_equation, residual_components
from pinr.language.fields import Field, Unknown, fields_in
from pinr.language.operators import Expression
from pinr.language.parameters import Parameter

LossKind = Literal["l2", "l1", "huber"]


@final
@dataclass(frozen=True)
class Constraint:
    """Equations that hold on a region, with how much they weigh. Made by `on`."""

    region: AbstractRegion
    equations: tuple[Relational | Expression, ...]
    weight: float | None = None
    points: int | None = None
    loss: LossKind = "l2"
    name: str | None = None
    source: Source = field(default=Source("", 0), compare=False)

    def __post_init__(self) -> None:
        place = self.described
        if not self.equations:
            message = f"{place} has no equation. Write `on(region, Eq(left, right))`."
            raise DeclarationError(message)
        if self.weight is not None and not (math.isfinite(self.weight) and self.weight > 0):
            message = f"{place}: the weight is {self.weight}; it must be positive."
            raise DeclarationError(message)
        if self.points is not None and (type(self.points) is not int or self.points < 1):
            message = f"{place}: points={self.points!r} must be a whole number of at least 1."
            raise DeclarationError(message)
        if self.loss not in get_args(LossKind):
            known = get_args(LossKind)
            near = did_you_mean(str(self.loss), known)
            message = f"{place}: loss={self.loss!r} must be one of {', '.join(known)}.{near}"
            raise DeclarationError(message)

    @property
    def described(self) -> str:
        """How errors name the constraint: by name or region, file and line."""
        return f"The constraint {self.name or self.default_name!r} ({self.source})"

    @property
    def default_name(self) -> str:
        """What the region suggests: `interior`, `boundary x-`, `t = 0`."""
        region = self.region
        if isinstance(region, Boundary):
            parts = ", ".join(region.parts)
            return "boundary" if parts == ", ".join(region.region.boundary.parts) else f"boundary {parts}"
        fixed = {name: low for name, (low, high) in region.bounds.items() if low == high}
        return ", ".join(f"{name} = {value:g}" for name, value in fixed.items()) or "interior"

    @cached_property
    def components(self) -> tuple[sympy.Expr, ...]:
        """The scalar residuals of all equations, one after the other."""
        return tuple(r for equation in self.equations for r in residual_components(equation))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The fields in the equations, in the order in which they appear."""
        return tuple(dict.fromkeys(f for r in self.equations for f in fields_in(r)))

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        return tuple(f for f in self.fields if isinstance(f, Unknown))

    @cached_property
    def coordinates(self) -> tuple[Coordinate, ...]:
        """The coordinates in the equations."""
        return coordinates_in(self.equations)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(dict.fromkeys(s for s in _symbols(self.equations) if isinstance(s, Parameter)))


def on(
    region: AbstractRegion,
    *equations: Any,
    weight: float | None = None,
    points: int | None = None,
    loss: LossKind = "l2",
    name: str | None = None,
) -> Constraint:
    """Equations that hold on a region: `on(plate.boundary, Eq(u, 0))`.

    Args:
        region: Where; it must bind every coordinate that the equations use.
        equations: `Eq(left, right)`, inequalities, or plain expressions that are to vanish.
        weight: Factor of this constraint in the loss; None leaves it to the balance.
        points: How many points are drawn at a time; None takes what the dimension suggests.
        loss: `l2` mean of squares, `l1` mean of absolute values, `huber` between them.
        name: What logs, histories and errors call it; None takes what the region suggests.

    Raises:
        DeclarationError: An equation has collapsed, a number is out of range, or the first argument
            is no region.
    """
    source = callers_source()
    if not isinstance(region, AbstractRegion):
        message = (
            f"`on({region}, …)` ({source}): the first argument must be a region such as `Box(x=(0, 1))`, "
            f"not a {type(region).__name__}."
        )
        raise DeclarationError(message)
    try:
        written = tuple(as_equation(equation) for equation in equations)
    except DeclarationError as error:
        message = f"`on({region!r}, …)` ({source}): {error}"
        raise DeclarationError(message) from None
    resolved = region.resolve(_roles(region, written))
    if weight is not None and (isinstance(weight, bool) or not isinstance(weight, Real)):
        message = f"`on({region!r}, …, weight={weight!r})` ({source}): the weight must be a positive number."
        raise DeclarationError(message)
    return Constraint(resolved, written, None if weight is None else float(weight), points, loss, name, source)


def coordinates_in(expressions: Any) -> tuple[Coordinate, ...]:
    """Coordinates of fields and expressions, each once, fields' arguments first."""
    symbols = [s for s in _symbols(expressions) if isinstance(s, Coordinate)]
    return tuple(dict.fromkeys(symbols))


def _symbols(expressions: Any) -> list[sympy.Symbol]:
    return [symbol for expression in expressions for symbol in _free_symbols(expression, frozenset())]


def _free_symbols(node: sympy.Basic, bound: frozenset[sympy.Basic]) -> Iterator[sympy.Symbol]:
    """Symbols in the order in which they stand there, those that a `Subs` binds left out."""
    if isinstance(node, sympy.Symbol):
        if node not in bound:
            yield node
    elif isinstance(node, sympy.Subs):
        yield from _free_symbols(node.expr, bound | frozenset(node.variables))
        yield from _free_symbols(node.point, bound)
    else:
        for child in node.args:
            yield from _free_symbols(child, bound)


def _roles(region: AbstractRegion, equations: tuple[Any, ...]) -> dict[str, Role]:
    roles: dict[str, Role] = dict.fromkeys(region.names, "space")
    guessed = {"t": "time", "time": "time"}
    roles |= {name: cast(Role, guessed[name]) for name in region.names if name in guessed}
    return roles | {c.name: c.role for c in coordinates_in(equations)}
