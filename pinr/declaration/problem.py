"""A boundary-value problem: constraints, and where there is one, the exact solution."""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

import numpy as np
import sympy

from pinr.declaration.constraint import Constraint
from pinr.declaration.printing import latex_of, text_of
from pinr.declaration.unknowns import UnknownField, unknowns_of
from pinr.errors import DeclarationError
from pinr.geometry.box import Box
from pinr.geometry.region import AbstractRegion
from pinr.language.coordinates import Coordinate
from pinr.language.dimensions import UnitClashError, has_units, in_unit, measured, scope_of
from pinr.language.equations import shape_of
from pinr.language.fields import fields_in
from pinr.language.operators import Expression, as_expression
from pinr.language.parameters import Parameter
from pinr.language.quantities import Quantity
from pinr.language.units import Unit

if TYPE_CHECKING:
    from pinr.declaration.finding import Finding


@final
class Problem:
    """Constraints that a set of unknown fields must satisfy. Immutable; trains nothing; prints itself.

    Args:
        constraints: What `on(...)` gives.
        reference: The exact solution by unknown, against which errors are reported.
        name: What logs and files call the problem.

    Raises:
        DeclarationError: No constraints, two of one name, or a reference of another shape.
    """

    def __init__(
        self,
        *constraints: Constraint,
        reference: Mapping[Expression, Any] | None = None,
        name: str | None = None,
    ) -> None:
        for constraint in constraints:
            if not isinstance(constraint, Constraint):
                message = f"`Problem(…)` takes constraints made by `on(...)`, not {constraint!r}."
                raise DeclarationError(message)
        if not constraints:
            message = "`Problem()` has no constraints. Give at least one `on(region, equation)`."
            raise DeclarationError(message)
        self._constraints = _named(constraints)
        self._name = name
        self._reference = {
            expression: _reference_value(expression, value) for expression, value in (reference or {}).items()
        }
        _check_reference(self)

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        return tuple(self._constraints.values())

    @property
    def named_constraints(self) -> Mapping[str, Constraint]:
        """The constraints by the names that histories and residuals use."""
        return dict(self._constraints)

    @property
    def name(self) -> str:
        return self._name or "problem"

    @property
    def reference(self) -> Mapping[Expression, Any]:
        """The exact solution by unknown: expressions, or arrays with named dimensions."""
        return dict(self._reference)

    @cached_property
    def unknowns(self) -> tuple[UnknownField, ...]:
        """The unknown fields in the order in which they first appear, vectors as a whole."""
        return unknowns_of(f for c in self.constraints for f in c.unknowns)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The unknown numbers."""
        return tuple(dict.fromkeys(p for c in self.constraints for p in c.parameters))

    @cached_property
    def coordinates(self) -> tuple[Coordinate, ...]:
        """All coordinates, the unknowns' own first."""
        own = [c for u in self.unknowns for c in u.coordinates]
        others = [x for c in self.constraints for x in c.coordinates]
        return tuple(dict.fromkeys(own + others))

    @cached_property
    def units(self) -> Mapping[str, str]:
        """The units of coordinates, unknowns and parameters that have one, by name."""
        named: tuple[Any, ...] = (*self.coordinates, *self.unknowns, *self.parameters)
        return {each.name: each.unit for each in named if each.unit is not None}

    @cached_property
    def dimension(self) -> int:
        """The dimension of the regions where the fields live: the largest of all regions."""
        return max(c.region.dimension for c in self.constraints)

    @cached_property
    def regions(self) -> tuple[AbstractRegion, ...]:
        """The regions of full dimension: where the fields live; of points alone, the box around them."""
        if self.dimension == 0 and all(low < high for low, high in self.bounds.values()):
            return (Box(name=None, periodic=(), **self.bounds),)
        return tuple(dict.fromkeys(c.region for c in self.constraints if c.region.dimension == self.dimension))

    @cached_property
    def bounds(self) -> Mapping[str, tuple[float, float]]:
        """The box around all regions, those of integrals included, by coordinate name."""
        found: dict[str, tuple[float, float]] = {}
        regions = [r for c in self.constraints for r in (c.region, *(i.domain for i in c.integrals))]
        for region in regions:
            for name, (low, high) in region.bounds.items():
                before = found.get(name, (low, high))
                found[name] = (min(low, before[0]), max(high, before[1]))
        return found

    def check(self, *, strict: bool = False) -> "tuple[Finding, ...]":
        """Look for mistakes without training, see `pinr.declaration.checks`.

        Args:
            strict: Whether possibly ill-posed problems are errors too, and not only warnings.

        Raises:
            DeclarationError: There is a mistake; the message has every finding.
        """
        from pinr.declaration.checks import check_problem

        return check_problem(self, strict=strict)

    def __str__(self) -> str:
        return text_of(self._name, self._constraints, self.units)

    def __repr__(self) -> str:
        unknowns = ", ".join(u.name for u in self.unknowns)
        return f"<Problem {self.name!r}: {len(self.constraints)} constraints on {unknowns}>"

    def _repr_latex_(self) -> str:
        return latex_of(self._constraints)


def _named(constraints: tuple[Constraint, ...]) -> dict[str, Constraint]:
    given = Counter(c.name for c in constraints if c.name is not None)
    twice = [name for name, count in given.items() if count > 1]
    if twice:
        places = " and ".join(str(c.source) for c in constraints if c.name == twice[0])
        message = f"Two constraints have the name {twice[0]!r} ({places}). Give every constraint a name of its own."
        raise DeclarationError(message)
    named: dict[str, Constraint] = {}
    for constraint in constraints:
        name, number = constraint.name or constraint.default_name, 2
        while name in named or (constraint.name is None and name in given):
            name = f"{constraint.default_name} ({number})"
            number += 1
        named[name] = constraint
    return named


def _check_reference(problem: Problem) -> None:
    known = {u.expression: u.name for u in problem.unknowns}
    for expression in problem.reference:
        if expression not in known:
            message = (
                f"`Problem(…, reference={{{expression}: …}})`: this is no unknown of the problem, which has "
                f"{', '.join(known.values()) or 'none'}. Give the object that `unknown(...)` returned."
            )
            raise DeclarationError(message)


def _reference_value(expression: Expression, value: Any) -> Any:
    if hasattr(value, "dims"):
        return value
    if hasattr(value, "__array__") and not isinstance(value, sympy.Basic | sympy.MatrixBase) and np.ndim(value):
        message = (
            f"The reference of `{expression}` is an array without positions. Name its axes and their ends, as in "
            f"`gridded(array, x=(0, 1), y=(0, 2))`, or give an xarray.DataArray."
        )
        raise DeclarationError(message)
    value = as_expression(value)
    if shape_of(value) != shape_of(expression):
        message = (
            f"The reference of `{expression}` has the shape {shape_of(value)}, the unknown {shape_of(expression)}."
        )
        raise DeclarationError(message)
    value = value if not isinstance(value, sympy.MatrixBase) else sympy.ImmutableMatrix(value)
    return _in_units_of(expression, value)


def _in_units_of(expression: Expression, value: Expression) -> Expression:
    """A reference whose values are in the unit of its unknown, written with units as before."""
    if not (has_units(expression) or has_units(value)):
        return value
    unit = next((f.label.unit for f in fields_in(expression)), None)
    try:
        in_unit(value, unit, scope_of([expression, value]))
        units = measured(value, scope_of([expression, value]))[1]
    except UnitClashError as error:
        message = f"`Problem(…, reference={{{expression}: …}})`: {error}"
        raise DeclarationError(message) from None
    factors = [
        Quantity(u.ratio(Unit.of(unit)), str(Unit.of(unit) / u)) for u in units if u not in (None, Unit.of(unit))
    ]
    if not factors:
        return value
    if len(set(factors)) > 1 or len(factors) < sum(u is not None for u in units):
        message = f"The reference of `{expression}` has components in different units. Give all in one unit."
        raise DeclarationError(message)
    return value * factors[0]
