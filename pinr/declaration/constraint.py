"""A constraint: equations on a region."""

import math
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import Any, Literal, final, get_args

import sympy
from sympy.core.relational import Relational

from pinr.declaration.source import Source, callers_source
from pinr.errors import DeclarationError
from pinr.geometry.boundary import Boundary
from pinr.geometry.interface import Interface
from pinr.geometry.measurements import Measurements
from pinr.geometry.point_cloud import PointCloud
from pinr.geometry.region import AbstractRegion
from pinr.geometry.signal import AbstractSignal
from pinr.geometry.substitution import coordinates_of_numbers
from pinr.geometry.suggestion import did_you_mean
from pinr.geometry.surface import Surface
from pinr.language.columns import MeasuredColumn
from pinr.language.coordinates import Coordinate, Role
from pinr.language.dimensions import UnitClashError, has_units, in_agreeing_units, scope_of, without_units
from pinr.language.equations import as_equation, residual_components
from pinr.language.fields import Field, Unknown, fields_in
from pinr.language.integrals import RegionIntegral, integrals_in, is_pointwise, written_symbols
from pinr.language.operators import Expression
from pinr.language.parameters import Parameter

LossKind = Literal["l2", "l1", "huber"]


@final
@dataclass(frozen=True)
class Constraint:
    """Equations that hold on a region, with how much they weigh. Made by `on`.

    Of equations with units, `equations` are numbers: every sum is in one unit, and quantities are their magnitudes in
    it. `written` keeps how they were written, and `clash` says where units do not agree.
    """

    region: AbstractRegion
    equations: tuple[Relational | Expression, ...]
    weight: float | None = None
    points: int | None = None
    loss: LossKind = "l2"
    name: str | None = None
    exact: bool | None = None
    source: Source = field(default=Source("", 0), compare=False)
    written: tuple[Relational | Expression, ...] = ()
    clash: str = ""

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
        if self.points and isinstance(self.region, Measurements | PointCloud) and self.points > self.region.count:
            message = (
                f"{place}: points={self.points}, but `{self.region!r}` has {self.region.count} rows to draw from. "
                "Ask for fewer, or leave `points=` out to use them all at every step."
            )
            raise DeclarationError(message)
        if self.exact not in (None, True, False):
            message = f"{place}: exact={self.exact!r} must be True, False or None."
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
        """What the region suggests, `interior`, `boundary x-`, `t = 0`; `integral` if there is nothing else."""
        region = self.region
        if self.equations and not self.is_pointwise and self.integrals:
            return "integral"
        if isinstance(region, Interface):
            return "interface"
        if isinstance(region, Boundary):
            parts = ", ".join(region.parts)
            return "boundary" if parts == ", ".join(region.region.boundary.parts) else f"boundary {parts}"
        if isinstance(region, Measurements | PointCloud | Surface | AbstractSignal):
            return region.table.name if isinstance(region, Measurements) else region.name
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
    def integrals(self) -> tuple[RegionIntegral, ...]:
        """The integrals in the equations."""
        return tuple(dict.fromkeys(i for equation in self.equations for i in integrals_in(equation)))

    @cached_property
    def is_pointwise(self) -> bool:
        """Whether the equations differ from point to point; a condition on integrals alone is one for the region."""
        return any(is_pointwise(equation) for equation in self.equations)

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
    exact: bool | None = None,
) -> Constraint:
    """Equations that hold on a region: `on(plate.boundary, Eq(u, 0))`.

    Args:
        region: Where; it must bind every coordinate that the equations use.
        equations: `Eq(left, right)`, inequalities, or plain expressions that are to vanish.
        weight: Factor of this constraint in the loss; None leaves it to the balance.
        points: How many points are drawn at a time; None takes what the dimension suggests.
        loss: `l2` mean of squares, `l1` mean of absolute values, `huber` between them.
        name: What logs, histories and errors call it; None takes what the region suggests.
        exact: Whether conditions are built into the unknowns, so that they hold whatever the networks give: True
            demands it, False leaves them to the loss; None builds in what is sound, unless a weight or loss is given.

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
    region.require_closed(", …)", before="on(")
    equations, clash = _as_numbers(written)
    resolved = region.resolve(_roles(region, equations)).knowing(_columns(equations))
    if weight is not None and (isinstance(weight, bool) or not isinstance(weight, Real)):
        message = f"`on({region!r}, …, weight={weight!r})` ({source}): the weight must be a positive number."
        raise DeclarationError(message)
    number = None if weight is None else float(weight)
    as_written = written if equations != written else ()
    return Constraint(resolved, equations, number, points, loss, name, exact, source, as_written, clash)


def _as_numbers(written: tuple[Any, ...]) -> tuple[tuple[Any, ...], str]:
    """Equations in agreeing units, or what `check` has to say of them."""
    if not any(has_units(equation) for equation in written):
        return written, ""
    try:
        scope = scope_of(written)
        return tuple(in_agreeing_units(equation, scope) for equation in written), ""
    except UnitClashError as error:
        return tuple(without_units(equation) for equation in written), str(error)


def coordinates_in(expressions: Any) -> tuple[Coordinate, ...]:
    """Coordinates of fields and expressions, each once, fields' arguments first."""
    symbols = [s for s in _symbols(expressions) if isinstance(s, Coordinate)]
    return tuple(dict.fromkeys(symbols))


def _symbols(expressions: Any) -> list[sympy.Symbol]:
    return [symbol for expression in expressions for symbol in written_symbols(expression)]


def _roles(region: AbstractRegion, equations: tuple[Any, ...]) -> dict[str, Role]:
    """What the equations declare, and the numbers of a region that depend on coordinates."""
    declared = (*coordinates_of_numbers(region).values(), *coordinates_in(equations))
    return {c.name: c.role for c in declared}


def _columns(equations: tuple[Any, ...]) -> frozenset[str]:
    return frozenset(f.key for e in equations for f in fields_in(e) if isinstance(f, MeasuredColumn))
