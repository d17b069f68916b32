"""Expressions as plain JSON trees and back, through a whitelist.

Reading never parses text and never calls anything but the constructors listed here, so that a hostile
file cannot run code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

import sympy
from mpmath.libmp import repr_dps, to_str
from sympy.functions.elementary.piecewise import ExprCondPair

from pinr.errors import FileFormatError
from pinr.language.coefficients import Coefficient
from pinr.language.columns import MeasuredColumn
from pinr.language.coordinates import Coordinate
from pinr.language.distance import Distance
from pinr.language.evaluation import FUNCTIONS
from pinr.language.fields import Elsewhere, Field, FieldDerivative, Label, Unknown
from pinr.language.gridded import payload_of
from pinr.language.integrals import RegionIntegral, integral
from pinr.language.known import AbstractKnown
from pinr.language.normals import NormalComponent
from pinr.language.operators import DifferentialOperator, Divergence, Laplacian
from pinr.language.parameters import Parameter
from pinr.language.quantities import Quantity
from pinr.language.units import Unit

Tree = Any

CONSTANTS: dict[str, sympy.Basic] = {
    "pi": sympy.pi, "E": sympy.E, "I": sympy.I, "oo": sympy.oo, "-oo": -sympy.oo,
    "EulerGamma": sympy.EulerGamma, "GoldenRatio": sympy.GoldenRatio, "true": sympy.true, "false": sympy.false,
}  # fmt: skip
FIELDS: dict[str, type[Field]] = {
    c.__name__: c for c in (Unknown, Coefficient, Distance, NormalComponent, MeasuredColumn)
}
NODES: dict[str, type[sympy.Basic]] = {
    node.__name__: node
    for node in (
        *FUNCTIONS, sympy.Pow, sympy.Piecewise, ExprCondPair, sympy.Tuple, sympy.Subs, sympy.Derivative,
        Elsewhere, FieldDerivative, Laplacian, Divergence,
    )
}  # fmt: skip
# SymPy replaces these at once, by polynomials and factorials or by whole numbers.
EXPANDED_AT_INTEGERS = (sympy.gamma, sympy.loggamma, sympy.legendre, sympy.hermite, sympy.chebyshevt)
ROUNDED = (sympy.floor, sympy.ceiling, sympy.Mod)
LARGEST_DIGITS = 400
LARGEST_EXPONENT = 10_000
LARGEST_ORDER = 100  # of a derivative
LARGEST_SIZE = 10_000  # components of a vector
LARGEST_NODES, LARGEST_QUADRATURE = 2_000, 2_000_000  # of an integral, along an axis and in all


def to_tree(expression: sympy.Basic) -> Tree:
    """The JSON tree of an expression, an equation or a matrix.

    Raises:
        FileFormatError: A kind of node that the file format does not have.
    """
    if isinstance(expression, sympy.MatrixBase):
        return {"matrix": [[to_tree(e) for e in expression.row(i)] for i in range(expression.rows)]}
    for name, constant in CONSTANTS.items():
        if expression == constant:
            return {"constant": name}
    if isinstance(expression, sympy.Integer):
        return {"integer": str(expression.p)}
    if isinstance(expression, sympy.Rational):
        return {"rational": [str(expression.p), str(expression.q)]}
    if isinstance(expression, sympy.Float):
        # All digits: `str` rounds to fifteen, and the equation that is read back would be another one.
        return {"float": to_str(expression._mpf_, repr_dps(expression._prec)), "precision": expression._prec}
    if isinstance(expression, Quantity):
        return {"quantity": to_tree(expression.magnitude), "unit": expression.unit}
    if isinstance(expression, sympy.Symbol):
        return _symbol_to_tree(expression)
    if isinstance(expression, Field):
        return _field_to_tree(expression)
    if isinstance(expression, RegionIntegral):
        order = int(expression.args[2])
        return {"integral": to_tree(expression.integrand), "region": expression.domain.record(), "order": order}
    name = type(expression).__name__
    if NODES.get(name) is not type(expression):
        message = f"`{expression}`: {name} cannot be stored in a file. Rewrite it in elementary functions."
        raise FileFormatError(message)
    return {"node": name, "args": [to_tree(argument) for argument in expression.args]}


@final
@dataclass(frozen=True)
class _Context:
    """What a tree refers to and does not hold: data by name, and the reader of regions."""

    using: Mapping[str, Any]
    region: Callable[[Any], Any]


def _no_regions(record: Any) -> Any:
    message = "The stored expression has an integral over a region, which does not belong there."
    raise FileFormatError(message)


def from_tree(
    tree: Tree, *, using: Mapping[str, Any] | None = None, region: Callable[[Any], Any] = _no_regions
) -> sympy.Basic:
    """The expression of a JSON tree.

    Args:
        tree: What `to_tree` gave.
        using: The data of coefficients by name.
        region: Reads the record of a region.

    Raises:
        FileFormatError: The tree is malformed, names something outside the whitelist, or needs data
            that `using` does not give.
    """
    try:
        return _read(tree, _Context(using or {}, region))
    except FileFormatError:
        raise
    except Exception as error:  # whatever SymPy raises for arguments that do not belong there
        message = f"The stored expression is malformed ({type(error).__name__}: {error})."
        raise FileFormatError(message) from error


def _symbol_to_tree(symbol: sympy.Symbol) -> Tree:
    if isinstance(symbol, Coordinate):
        return {"coordinate": symbol.name, "role": symbol.role, **_unit_to_tree(symbol.unit)}
    if isinstance(symbol, Parameter):
        stored = {"parameter": symbol.name, "value": symbol.value, "positive": symbol.is_forced_positive}
        return {**stored, **_unit_to_tree(symbol.unit)}
    if isinstance(symbol, sympy.Dummy):
        return {"place": symbol.name, "index": symbol.dummy_index}
    return {"symbol": symbol.name, "real": bool(symbol.is_real)}


def _unit_to_tree(unit: str | None) -> dict[str, str]:
    return {} if unit is None else {"unit": unit}


def _field_to_tree(field: Field) -> Tree:
    label = field.label
    stored: dict[str, Any] = {
        "name": label.name,
        "coordinates": list(label.coordinates),
        "index": label.index,
        "size": label.size,
    }
    stored |= _unit_to_tree(label.unit)
    if label.axes:
        stored["axes"] = list(label.axes)
    if label.is_complex_valued:
        stored["complex"] = True
    if isinstance(label.payload, str):
        stored["owner"] = label.payload
    return {"field": type(field).__name__, "label": stored, "args": [to_tree(a) for a in field.arguments]}


def _read(tree: Tree, context: _Context) -> sympy.Basic:
    for key, reader in _READERS.items():
        if key in tree:
            return reader(tree, context)
    message = f"The stored expression has a node with the keys {sorted(map(str, tree))}, which is not known."
    raise FileFormatError(message)


def _read_matrix(tree: Tree, context: _Context) -> sympy.Basic:
    return sympy.ImmutableMatrix([[_read(e, context) for e in row] for row in tree["matrix"]])


def _read_constant(tree: Tree, context: _Context) -> sympy.Basic:
    return CONSTANTS[tree["constant"]]


def _read_integer(tree: Tree, context: _Context) -> sympy.Basic:
    return sympy.Integer(_digits(tree["integer"]))


def _read_rational(tree: Tree, context: _Context) -> sympy.Basic:
    numerator, denominator = tree["rational"]
    return sympy.Rational(_digits(numerator), _digits(denominator))


def _read_float(tree: Tree, context: _Context) -> sympy.Basic:
    text = str(tree["float"])
    float(text)  # a plain decimal number, or a ValueError
    if len(text) > LARGEST_DIGITS:
        message = "The stored expression has a number of absurd length."
        raise FileFormatError(message)
    return sympy.Float(text, precision=max(1, min(int(tree["precision"]), 4 * LARGEST_DIGITS)))


def _read_coordinate(tree: Tree, context: _Context) -> sympy.Basic:
    return Coordinate(str(tree["coordinate"]), tree["role"], _read_unit(tree.get("unit")))


def _read_parameter(tree: Tree, context: _Context) -> sympy.Basic:
    unit = _read_unit(tree.get("unit"))
    return Parameter(str(tree["parameter"]), float(tree["value"]), bool(tree["positive"]), unit)


def _read_quantity(tree: Tree, context: _Context) -> sympy.Basic:
    magnitude = _read(tree["quantity"], context)
    if not (isinstance(magnitude, sympy.Expr) and magnitude.is_number):
        message = "The stored expression has a quantity whose magnitude is no number."
        raise FileFormatError(message)
    return Quantity(magnitude, _read_unit(tree["unit"]))


def _read_unit(text: Any) -> str | None:
    """The text of a unit as it was stored; anything else is malformed."""
    return None if text is None else str(Unit.of(str(text)))


def _read_place(tree: Tree, context: _Context) -> sympy.Basic:
    return sympy.Dummy(str(tree["place"]), dummy_index=int(tree["index"]), real=True)


def _read_symbol(tree: Tree, context: _Context) -> sympy.Basic:
    return sympy.Symbol(str(tree["symbol"]), **({"real": True} if tree["real"] else {}))


def _read_field(tree: Tree, context: _Context) -> sympy.Basic:
    stored, kind = tree["label"], FIELDS[tree["field"]]
    payload = stored.get("owner")
    if issubclass(kind, Coefficient):
        if stored["name"] not in context.using:
            message = (
                f"The file uses the coefficient `{stored['name']}`, whose data are not stored in it. "
                f"Give them: `load(..., using={{{stored['name']!r}: …}})`."
            )
            raise FileFormatError(message)
        payload = context.using[stored["name"]]
    names = tuple(map(str, stored["coordinates"]))
    if kind is Coefficient:
        payload = payload_of(payload, names, written=f"The coefficient `{stored['name']}`")
    if kind is Distance and not isinstance(payload, AbstractKnown):
        message = f"The file has no region to which `{stored['name']}` is the distance. The file is damaged."
        raise FileFormatError(message)
    index = None if stored["index"] is None else int(stored["index"])
    size = int(stored["size"])
    arity = 0 if kind is MeasuredColumn else len(names)
    if len(tree["args"]) != arity or not 0 <= (index or 0) < size <= LARGEST_SIZE:
        message = f"The stored field `{stored['name']}` has arguments or components that do not fit."
        raise FileFormatError(message)
    axes = tuple(_read_unit(unit) for unit in stored.get("axes", ()))
    if axes and len(axes) != len(names):
        message = f"The stored field `{stored['name']}` has units that do not fit its coordinates."
        raise FileFormatError(message)
    is_complex, unit = stored.get("complex", False) is True, _read_unit(stored.get("unit"))
    shape: dict[str, Any] = {"index": index, "size": size, "is_complex_valued": is_complex}
    label = Label(str(stored["name"]), names, payload=payload, unit=unit, axes=axes, **shape)
    return kind(label, *(_read(a, context) for a in tree["args"]))


def _read_node(tree: Tree, context: _Context) -> sympy.Basic:
    kind = NODES[tree["node"]]
    arguments = [_read(argument, context) for argument in tree["args"]]
    _check_effort(kind, arguments)
    if issubclass(kind, DifferentialOperator):
        _check_operator(kind, *arguments)
    if issubclass(kind, sympy.core.relational.Relational):
        return kind(*arguments, evaluate=False)
    return kind(*arguments)


def _read_integral(tree: Tree, context: _Context) -> sympy.Basic:
    integrand = _read(tree["integral"], context)
    if not isinstance(integrand, sympy.Expr):
        message = "The stored expression has an integral of something that is no expression."
        raise FileFormatError(message)
    region, order = context.region(tree["region"]), int(tree["order"])
    if order > LARGEST_NODES or order ** max(1, region.dimension) > LARGEST_QUADRATURE:
        message = f"The stored expression has an integral of order {order}, which is refused."
        raise FileFormatError(message)
    return integral(integrand, region, order=order or None)


def _check_effort(kind: type[sympy.Basic], arguments: list[sympy.Basic]) -> None:
    """Refuse what SymPy would compute at once and at length; it cannot be in a file that pinr has written."""
    if kind is sympy.Pow:
        base, exponent = arguments
        if not exponent.is_Rational:
            return
        coefficient = base.as_coeff_Mul()[0]
        bits = max(coefficient.p.bit_length(), coefficient.q.bit_length()) if coefficient.is_Rational else 0
        is_long = coefficient not in (1, -1) and bits * abs(exponent) > 4 * LARGEST_DIGITS
        if abs(exponent) > LARGEST_EXPONENT or is_long:
            message = f"The stored expression raises to the power {str(exponent)[:40]}, which is refused."
            raise FileFormatError(message)
    elif issubclass(kind, sympy.Derivative):
        if any(a.args[1] > LARGEST_ORDER for a in arguments[1:] if isinstance(a, sympy.Tuple)):
            message = f"The stored expression has a derivative of an order beyond {LARGEST_ORDER}, which is refused."
            raise FileFormatError(message)
    elif (kind in EXPANDED_AT_INTEGERS and arguments[0].is_Integer) or (
        kind in ROUNDED and all(a.is_number for a in arguments)
    ):
        message = f"The stored expression has {kind.__name__} of the number {str(arguments[0])[:40]}, which is refused."
        raise FileFormatError(message)


def _check_operator(kind: type[sympy.Basic], operand: sympy.Basic, coordinates: sympy.Basic) -> None:
    is_vector = isinstance(operand, sympy.MatrixBase)
    fits = isinstance(coordinates, sympy.Tuple) and all(isinstance(c, Coordinate) for c in coordinates)
    if not fits or is_vector != (kind is Divergence) or (is_vector and len(operand) != len(coordinates)):
        message = f"The stored expression has a {kind.__name__} whose operand and coordinates do not fit."
        raise FileFormatError(message)


def _digits(text: str) -> int:
    if len(str(text)) > LARGEST_DIGITS:
        message = "The stored expression has a number of absurd length."
        raise FileFormatError(message)
    return int(str(text))


_READERS = {
    "matrix": _read_matrix,
    "constant": _read_constant,
    "integer": _read_integer,
    "rational": _read_rational,
    "float": _read_float,
    "coordinate": _read_coordinate,
    "parameter": _read_parameter,
    "quantity": _read_quantity,
    "place": _read_place,
    "symbol": _read_symbol,
    "field": _read_field,
    "integral": _read_integral,
    "node": _read_node,
}
