"""Expressions whose units agree: every sum in one unit, every argument of a function a plain number.

One walk checks and converts: where the terms of a sum have one dimension in different units, all but the first are
multiplied by exact factors; where dimensions differ, the terms are named. An expression that needs no factor and has
no quantity comes back as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import reduce, singledispatch
from operator import mul
from typing import Any, final

import sympy
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import BooleanAtom, BooleanFunction
from sympy.printing.str import StrPrinter

from pinr.errors import DeclarationError
from pinr.language.columns import MeasuredColumn
from pinr.language.coordinates import Coordinate
from pinr.language.equations import Eq
from pinr.language.fields import Field
from pinr.language.integrals import RegionIntegral
from pinr.language.normals import NormalComponent
from pinr.language.operators import DifferentialOperator, Divergence, Expression, Norm, ReciprocalOrZero
from pinr.language.parameters import Parameter
from pinr.language.quantities import Quantity
from pinr.language.units import PLAIN, Unit

LARGEST_ROOT = 12  # exponents of units are fractions up to twelfths; 0.333 of a Float is 1/3 no more


class UnitClashError(DeclarationError):
    """Terms of different dimensions where one is needed; the message names them and their units."""


@final
@dataclass(frozen=True)
class Measured:
    """An expression in agreeing units, its own unit (None of 0, which fits all), and how it was written."""

    expression: Any
    unit: Unit | None
    written: Any


@final
@dataclass(frozen=True)
class Scope:
    """The units of coordinates by name, and of the symbols that a `Subs` binds."""

    coordinates: Mapping[str, str | None] = field(default_factory=dict)
    bound: Mapping[sympy.Basic, Unit] = field(default_factory=dict)


def has_units(expression: sympy.Basic) -> bool:
    """Whether anything in an expression has a unit."""
    return any(_own_unit(node) is not None for node in sympy.preorder_traversal(expression))


def scope_of(expressions: Iterable[sympy.Basic]) -> Scope:
    """The units of the coordinates in expressions, by name."""
    found: dict[str, str | None] = {}
    for node in (n for e in expressions for n in sympy.preorder_traversal(e)):
        if isinstance(node, Coordinate) and node.unit:
            found[node.name] = node.unit
        elif isinstance(node, Field) and node.label.axes:
            found.update({n: u for n, u in zip(node.label.coordinates, node.label.axes, strict=True) if u})
    return Scope(found)


def measured(expression: Expression, scope: Scope | None = None) -> tuple[Expression, tuple[Unit | None, ...]]:
    """An expression in agreeing units, and the unit of every component; None is that of 0, which fits all.

    Raises:
        UnitClashError: Units do not agree.
    """
    scope = scope or scope_of([expression])
    if isinstance(expression, sympy.MatrixBase):
        parts = [_measured(component, scope) for component in expression]
        plain = sympy.ImmutableMatrix(expression.rows, expression.cols, [p.expression for p in parts])
        return (expression if plain == expression else plain), tuple(p.unit for p in parts)
    found = _measured(expression, scope)
    return found.expression, (found.unit,)


def in_agreeing_units(equation: Relational | Expression, scope: Scope) -> Relational | Expression:
    """An equation, an inequality or an expression that is to vanish, every component in one unit.

    Raises:
        UnitClashError: Units do not agree.
    """
    if not isinstance(equation, Relational):
        return measured(equation, scope)[0]
    left, right = equation.args
    if not isinstance(left, sympy.MatrixBase):
        return _measured(equation, scope).expression
    rows = [_unified([_measured(a, scope), _measured(b, scope)])[0] for a, b in zip(left, right, strict=True)]
    sides = [sympy.ImmutableMatrix(left.rows, left.cols, list(side)) for side in zip(*rows, strict=True)]
    return equation if sides == [left, right] else Eq(*sides)


def without_units(expression: sympy.Basic) -> sympy.Basic:
    """Quantities replaced by their magnitudes, whatever these mean."""
    return expression.xreplace({q: q.magnitude for q in expression.atoms(Quantity)})


def in_unit(expression: Expression, unit: str | None, scope: Scope | None = None) -> Expression:
    """An expression as numbers of a given unit.

    Raises:
        UnitClashError: It has another dimension.
    """
    if isinstance(expression, sympy.MatrixBase):
        return sympy.ImmutableMatrix(expression.applyfunc(lambda e: in_unit(e, unit, scope)))
    found = _measured(expression, scope or scope_of([expression]))
    return _times(_ratio(found, Unit.of(unit), f"{Unit.of(unit).pretty} are wanted"), found.expression)


@singledispatch
def _measured(node: Any, scope: Scope) -> Measured:
    """Any function without a rule of its own: of plain numbers, to plain numbers."""
    if isinstance(node, sympy.Expr) and not node.args:
        return Measured(node, PLAIN, node)
    name = node.func.__name__
    inside = (_measured(child, scope) for child in node.args)
    plain = [_times(_ratio(i, PLAIN, f"the argument of `{name}` must be a plain number"), i.expression) for i in inside]
    return Measured(_rebuilt(node, plain), PLAIN, node)


@_measured.register(sympy.Number)
def _(node: sympy.Number, scope: Scope) -> Measured:
    return Measured(node, None if node == 0 or node.is_infinite else PLAIN, node)


@_measured.register(BooleanAtom)
def _(node: BooleanAtom, scope: Scope) -> Measured:
    return Measured(node, PLAIN, node)


@_measured.register(Quantity)
def _(node: Quantity, scope: Scope) -> Measured:
    return Measured(node.magnitude, Unit.of(node.unit), node)


@_measured.register(sympy.Symbol)
def _(node: sympy.Symbol, scope: Scope) -> Measured:
    return Measured(node, _symbol_unit(node, scope), node)


@_measured.register(Field)
def _(node: Field, scope: Scope) -> Measured:
    label = node.label
    if isinstance(node, NormalComponent):
        _check_one_unit(node, scope)
    if not label.axes or isinstance(node, NormalComponent | MeasuredColumn):
        return Measured(node, Unit.of(label.unit), node)
    places = [_place(a, Unit.of(u), scope) for a, u in zip(node.arguments, label.axes, strict=True)]
    return Measured(_rebuilt(node, [label, *places]), Unit.of(label.unit), node)


@_measured.register(sympy.Derivative)
def _(node: sympy.Derivative, scope: Scope) -> Measured:
    inner = _measured(node.expr, scope)
    units = _bound_units(node.expr)
    along = (units.get(v, _symbol_unit(v, scope)) ** int(n) for v, n in node.variable_count)
    unit = _over(inner.unit, reduce(mul, along, PLAIN))
    return Measured(_rebuilt(node, [inner.expression, *node.args[1:]]), unit, node)


@_measured.register(sympy.Subs)
def _(node: sympy.Subs, scope: Scope) -> Measured:
    units = _bound_units(node.expr)
    bound = {v: units.get(v, _symbol_unit(v, scope)) for v in node.variables}
    inner = _measured(node.expr, replace(scope, bound={**scope.bound, **bound}))
    places = [_place(p, bound[v], scope) for v, p in zip(node.variables, node.point, strict=True)]
    arguments = [inner.expression, node.variables, sympy.Tuple(*places)]
    return Measured(_rebuilt(node, arguments), inner.unit, node)


@_measured.register(DifferentialOperator)
def _(node: DifferentialOperator, scope: Scope) -> Measured:
    units = {c.unit for c in node.coordinates}
    if len(units) > 1:
        return replace(_measured(node.doit(), scope), written=node)
    order = 1 if isinstance(node, Divergence) else 2
    if isinstance(node.operand, sympy.MatrixBase):
        parts, unit = _unified([_measured(q, scope) for q in node.operand])
        operand: Any = sympy.ImmutableMatrix(parts)
    else:
        inner = _measured(node.operand, scope)
        operand, unit = inner.expression, inner.unit
    unit = _over(unit, Unit.of(units.pop()) ** order)
    return Measured(_rebuilt(node, [operand, node.args[1]]), unit, node)


@_measured.register(RegionIntegral)
def _(node: RegionIntegral, scope: Scope) -> Measured:
    units = {**scope.coordinates, **scope_of([node.integrand]).coordinates}
    inner = _measured(node.integrand, replace(scope, coordinates=units))
    domain = node.domain
    along = {n: units.get(n) for n in domain.names if n not in _fixed(domain)}
    unseen = [n for n in along if n not in units]
    if unseen and any(units.values()):
        message = (
            f"`{node}`: the unit of `{unseen[0]}` cannot be seen, since the integrand does not have this coordinate. "
            "Integrate something that has it, or write the problem in plain numbers."
        )
        raise UnitClashError(message)
    volume = reduce(mul, map(Unit.of, along.values()), PLAIN)
    missing = len(along) - domain.dimension  # a surface: one length less
    if missing > 0:
        lengths = {along[n] for n in along if dict(getattr(domain, "roles", ())).get(n, "space") == "space"}
        if len(lengths) > 1:
            raise UnitClashError(_mixed_message(f"the surface of `{domain!r}`", along))
        volume = volume / Unit.of(lengths.pop()) ** missing
    unit = None if inner.unit is None else inner.unit * volume
    return Measured(_rebuilt(node, [inner.expression, *node.args[1:]]), unit, node)


@_measured.register(sympy.Mul)
def _(node: sympy.Mul, scope: Scope) -> Measured:
    factors = [_measured(child, scope) for child in node.args]
    units = [f.unit for f in factors if f.unit is not None]
    unit = reduce(mul, units) if len(units) == len(factors) else None
    return Measured(_rebuilt(node, [f.expression for f in factors]), unit, node)


@_measured.register(sympy.Pow)
def _(node: sympy.Pow, scope: Scope) -> Measured:
    base, exponent = (_measured(child, scope) for child in node.args)
    power = _times(_ratio(exponent, PLAIN, "an exponent must be a plain number"), exponent.expression)
    if base.unit is None:
        return Measured(_rebuilt(node, [base.expression, power]), None if power.is_positive else PLAIN, node)
    if power.is_Rational or power.is_Float:
        unit = base.unit ** Fraction(str(power)).limit_denominator(LARGEST_ROOT)
        return Measured(_rebuilt(node, [base.expression, power]), unit, node)
    plain = _times(_ratio(base, PLAIN, f"only a plain number has the power {power}"), base.expression)
    return Measured(_rebuilt(node, [plain, power]), PLAIN, node)


@_measured.register(sympy.Add)
@_measured.register(sympy.Max)
@_measured.register(sympy.Min)
@_measured.register(sympy.Abs)
@_measured.register(sympy.re)
@_measured.register(sympy.im)
@_measured.register(sympy.conjugate)
@_measured.register(sympy.Mod)
@_measured.register(Norm)
def _(node: sympy.Expr, scope: Scope) -> Measured:
    parts, unit = _unified([_measured(child, scope) for child in node.args])
    return Measured(_rebuilt(node, parts), unit, node)


@_measured.register(sympy.atan2)
@_measured.register(Relational)
def _(node: sympy.Basic, scope: Scope) -> Measured:
    parts, _unit = _unified([_measured(child, scope) for child in node.args])
    return Measured(_rebuilt(node, parts), PLAIN, node)


@_measured.register(BooleanFunction)
@_measured.register(sympy.sign)
@_measured.register(sympy.Heaviside)
def _(node: sympy.Basic, scope: Scope) -> Measured:
    return Measured(_rebuilt(node, [_measured(child, scope).expression for child in node.args]), PLAIN, node)


@_measured.register(ReciprocalOrZero)
def _(node: ReciprocalOrZero, scope: Scope) -> Measured:
    inner = _measured(node.args[0], scope)
    return Measured(_rebuilt(node, [inner.expression]), _over(PLAIN, inner.unit or PLAIN), node)


@_measured.register(sympy.Piecewise)
def _(node: sympy.Piecewise, scope: Scope) -> Measured:
    parts, unit = _unified([_measured(pair.expr, scope) for pair in node.args])
    conditions = [_measured(pair.cond, scope).expression for pair in node.args]
    pairs = [ExprCondPair(part, condition) for part, condition in zip(parts, conditions, strict=True)]
    return Measured(_rebuilt(node, pairs), unit, node)


def _unified(terms: Sequence[Measured]) -> tuple[list[Any], Unit | None]:
    """The terms in the unit of the first that has one, given numbers last."""
    ranked = sorted(terms, key=lambda term: bool(term.written.is_number or not term.written.atoms(Field)))
    unit = next((term.unit for term in ranked if term.unit is not None), None)
    factors = [sympy.S.One if term.unit is None or unit is None else term.unit.ratio(unit) for term in terms]
    if None in factors:
        raise UnitClashError(_clash_message(terms))
    return [_times(factor, term.expression) for factor, term in zip(factors, terms, strict=True)], unit


def _ratio(term: Measured, unit: Unit, why: str) -> sympy.Expr:
    factor = sympy.S.One if term.unit is None else term.unit.ratio(unit)
    if factor is None:
        message = f"`{_text(term.written)}` has {_shown(term.unit)}, but {why}.{_hint([term], unit)}"
        raise UnitClashError(message)
    return factor


def _place(argument: sympy.Expr, unit: Unit, scope: Scope) -> sympy.Expr:
    """Where a field is evaluated, in the unit of its coordinate; a bare number is taken to be in it, as in regions."""
    if argument.is_number:
        return argument
    found = _measured(argument, scope)
    return _times(_ratio(found, unit, f"the coordinate in whose place it stands has {_shown(unit)}"), found.expression)


def _bound_units(expression: sympy.Basic) -> dict[sympy.Basic, Unit]:
    """The units of symbols that stand in the place of a field's coordinates."""
    fields = (f for f in sympy.preorder_traversal(expression) if isinstance(f, Field) and f.label.axes)
    return {
        argument: Unit.of(unit)
        for f in fields
        for argument, unit in zip(f.arguments, f.label.axes, strict=True)
        if isinstance(argument, sympy.Dummy)
    }


def _symbol_unit(symbol: sympy.Basic, scope: Scope) -> Unit:
    return scope.bound.get(symbol, Unit.of(_own_unit(symbol)))


def _own_unit(node: sympy.Basic) -> str | None:
    if isinstance(node, Field):
        return node.label.unit or next((unit for unit in node.label.axes if unit), None)
    return node.unit if isinstance(node, Coordinate | Parameter | Quantity) else None


def _check_one_unit(normal: NormalComponent, scope: Scope) -> None:
    along = {name: scope.coordinates.get(name) for name in normal.label.coordinates}
    if len(set(along.values())) > 1:
        raise UnitClashError(_mixed_message(f"the normal of `{normal.owner}`", along))


def _fixed(domain: Any) -> tuple[str, ...]:
    """The coordinates of which a region, a slice for example, has one value."""
    return tuple(name for name, (low, high) in domain.bounds.items() if low == high)


def _over(unit: Unit | None, below: Unit) -> Unit | None:
    return None if unit is None else unit / below


def _times(factor: sympy.Expr, expression: Any) -> Any:
    return expression if factor == 1 else factor * expression


def _rebuilt(node: Any, arguments: Sequence[Any]) -> Any:
    if all(old == new for old, new in zip(node.args, arguments, strict=True)):
        return node
    if isinstance(node, Relational):
        return node.func(*arguments, evaluate=False)
    return node.func(*arguments)


def _clash_message(terms: Sequence[Measured]) -> str:
    shown: dict[Unit, Measured] = {}
    for term in terms:
        if term.unit is not None and all(term.unit.ratio(unit) is None for unit in shown):
            shown[term.unit] = term
    told = ", ".join(f"`{_text(term.written)}` has {_shown(unit)}" for unit, term in shown.items())
    first, second = list(shown)[:2]
    hint = _hint(shown.values(), first)
    if not hint:
        hint = f" Is a factor of {_shown(first / second)} missing in `{_text(shown[second].written)}`?"
    return f"{told}: they cannot be added or compared.{hint}"


def _hint(terms: Iterable[Measured], wanted: Unit) -> str:
    """What to do about a bare number, or something that was declared without a unit."""
    terms = list(terms)
    others = [t.unit for t in terms if t.unit not in (None, PLAIN)]
    unit = wanted if wanted != PLAIN or not others else others[0]
    for term in terms:
        if term.unit != PLAIN or unit == PLAIN:
            continue
        if term.written.is_number:
            return f" Give the number its unit: `quantity({term.written}, {str(unit)!r})`."
        for node in sympy.preorder_traversal(term.written):
            if isinstance(node, MeasuredColumn):
                return f" A measured column gets a unit by a factor: `{node} * quantity(1, {str(unit)!r})`."
            bare = isinstance(node, Coordinate | Parameter | Field) and not isinstance(node, NormalComponent)
            if bare and (node.label.unit if isinstance(node, Field) else node.unit) is None:
                return f" `{node}` is declared without a unit: give `unit=` where it is declared."
    return ""


def _mixed_message(what: str, along: Mapping[str, str | None]) -> str:
    told = ", ".join(f"{name} has {_shown(Unit.of(unit))}" for name, unit in along.items())
    return f"{what} needs coordinates of one unit, but {told}."


def _shown(unit: Unit | None) -> str:
    return "no unit" if unit in (None, PLAIN) else unit.pretty


class _Printer(StrPrinter):
    """Derivatives as they are written, `u.diff(t)`."""

    def _print_Derivative(self, node: Any) -> str:  # noqa: N802  (SymPy finds it by this name)
        counts = ", ".join(f"{v}" if n == 1 else f"{v}, {n}" for v, n in node.variable_count)
        return f"{self._print(node.expr)}.diff({counts})"

    def _print_FieldDerivative(self, node: Any) -> str:  # noqa: N802
        return self._print_Derivative(node)


def _text(expression: Any) -> str:
    return _Printer().doprint(expression)
