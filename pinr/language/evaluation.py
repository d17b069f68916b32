"""A NumPy evaluator for expressions in the coordinates: sources, conditions, references.

A walk over the expression with a table, one entry per kind of node. No code is generated, so an expression
that was read from a file can be evaluated safely.
"""

from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np
import scipy.special
import sympy
from numpy.typing import NDArray
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import BooleanAtom

from pinr.errors import DeclarationError
from pinr.language.fields import Field
from pinr.language.integrals import RegionIntegral, quadrature_values
from pinr.language.operators import DifferentialOperator, Norm, ReciprocalOrZero

Array = NDArray[np.float64]
FieldValues = Callable[[Field], Array]


def _reciprocal_or_zero(z: Array) -> Array:
    z = np.asarray(z, dtype=float)
    return np.divide(1.0, z, out=np.zeros_like(z), where=z != 0)


def _norm(*components: Array) -> Array:
    return np.sqrt(reduce(np.add, (c * c for c in components)))


def _sinc(z: Array) -> Array:
    return np.sinc(z / np.pi)


FUNCTIONS: dict[type[sympy.Basic], Callable[..., Array]] = {
    sympy.sin: np.sin, sympy.cos: np.cos, sympy.tan: np.tan, sympy.cot: lambda z: 1 / np.tan(z),
    sympy.sec: lambda z: 1 / np.cos(z), sympy.csc: lambda z: 1 / np.sin(z),
    sympy.asin: np.arcsin, sympy.acos: np.arccos, sympy.atan: np.arctan, sympy.atan2: np.arctan2,
    sympy.sinh: np.sinh, sympy.cosh: np.cosh, sympy.tanh: np.tanh,
    sympy.asinh: np.arcsinh, sympy.acosh: np.arccosh, sympy.atanh: np.arctanh,
    sympy.exp: np.exp, sympy.log: np.log, sympy.Abs: np.abs, sympy.sign: np.sign,
    sympy.floor: np.floor, sympy.ceiling: np.ceil, sympy.Mod: np.mod, sympy.sinc: _sinc,
    sympy.Heaviside: np.heaviside, sympy.erf: scipy.special.erf, sympy.erfc: scipy.special.erfc,
    sympy.gamma: scipy.special.gamma, sympy.loggamma: scipy.special.gammaln,
    sympy.besselj: scipy.special.jv, sympy.bessely: scipy.special.yv,
    sympy.besseli: scipy.special.iv, sympy.besselk: scipy.special.kv,
    sympy.airyai: lambda z: scipy.special.airy(z)[0], sympy.airybi: lambda z: scipy.special.airy(z)[2],
    sympy.legendre: scipy.special.eval_legendre, sympy.hermite: scipy.special.eval_hermite,
    sympy.chebyshevt: scipy.special.eval_chebyt, sympy.re: np.real, sympy.im: np.imag, sympy.conjugate: np.conjugate,
    sympy.Max: lambda *a: reduce(np.maximum, a), sympy.Min: lambda *a: reduce(np.minimum, a),
    sympy.Add: lambda *a: reduce(np.add, a), sympy.Mul: lambda *a: reduce(np.multiply, a),
    sympy.And: lambda *a: reduce(np.logical_and, a), sympy.Or: lambda *a: reduce(np.logical_or, a),
    sympy.Not: np.logical_not, sympy.Xor: lambda *a: reduce(np.logical_xor, a),
    sympy.Lt: np.less, sympy.Le: np.less_equal, sympy.Gt: np.greater, sympy.Ge: np.greater_equal,
    sympy.Eq: np.equal, sympy.Ne: np.not_equal, Norm: _norm, ReciprocalOrZero: _reciprocal_or_zero,
}  # fmt: skip


def evaluate(expression: sympy.Basic, values: Mapping[str, Array], *, fields: FieldValues | None = None) -> Array:
    """The values of an expression, symbols matched by name.

    Args:
        expression: A scalar expression or a condition.
        values: Arrays or numbers by symbol name; they broadcast as in NumPy.
        fields: Gives the values of known fields, if the expression has any.

    Raises:
        DeclarationError: A symbol without a value, or a function that has no numerical rule.
    """
    known: dict[sympy.Basic, Array] = {}
    with np.errstate(all="ignore"):
        return np.asarray(_value(expression, values, fields, known))


def _value(
    node: sympy.Basic,
    values: Mapping[str, Array],
    fields: FieldValues | None,
    known: dict[sympy.Basic, Array],
) -> Array:
    if node not in known:
        known[node] = _compute(node, values, fields, known)
    return known[node]


def _compute(
    node: sympy.Basic,
    values: Mapping[str, Array],
    fields: FieldValues | None,
    known: dict[sympy.Basic, Array],
) -> Array:
    def below(child: sympy.Basic) -> Array:
        return _value(child, values, fields, known)

    if isinstance(node, BooleanAtom):
        return np.asarray(bool(node))
    if isinstance(node, sympy.Expr) and node.is_number and not node.atoms(sympy.Symbol, Field):
        return number(node)
    if isinstance(node, sympy.Symbol):
        return _symbol(node, values)
    if isinstance(node, DifferentialOperator):
        return below(node.doit())
    if isinstance(node, Field | sympy.Derivative | sympy.Subs):
        return _field(node, fields)
    if isinstance(node, RegionIntegral):
        places, weights = quadrature_values(node, {name: np.asarray(v) for name, v in values.items()})
        integrand = evaluate(node.integrand, places)
        return integrand * weights.sum() if integrand.ndim == 0 else integrand @ weights
    if isinstance(node, sympy.Pow):
        return _power(node, below)
    if isinstance(node, sympy.Piecewise):
        pairs = [(below(p.cond), below(p.expr)) for p in node.args if isinstance(p, ExprCondPair)]
        return np.select([np.asarray(c) for c, _ in pairs], [v for _, v in pairs], default=np.nan)
    rule = FUNCTIONS.get(node.func)
    if rule is None and isinstance(node, Relational):
        rule = FUNCTIONS.get(type(node))
    if rule is None:
        message = (
            f"`{node}`: there is no numerical rule for {node.func.__name__}. Rewrite it in elementary functions "
            "or give it as a `coefficient(...)`."
        )
        raise DeclarationError(message)
    return np.asarray(rule(*(below(child) for child in node.args)))


def number(node: sympy.Expr) -> Array:
    """The numerical value of a constant expression, real if it is real."""
    if node is sympy.zoo:
        return np.asarray(np.inf)
    value = complex(sympy.N(node, 17)) if node not in (sympy.oo, -sympy.oo, sympy.nan) else float(node)
    if isinstance(value, complex) and value.imag == 0:
        value = value.real
    return np.asarray(value)


def _symbol(symbol: sympy.Symbol, values: Mapping[str, Array]) -> Array:
    if symbol.name not in values:
        message = f"`{symbol.name}` has no value here; there are values for {', '.join(sorted(values)) or 'nothing'}."
        raise DeclarationError(message)
    return np.asarray(values[symbol.name])


def _field(node: sympy.Basic, fields: FieldValues | None) -> Array:
    if fields is None or not isinstance(node, Field):
        message = f"`{node}` cannot be evaluated here: only functions of the coordinates can."
        raise DeclarationError(message)
    return np.asarray(fields(node))


def _power(node: sympy.Pow, below: Callable[[sympy.Basic], Array]) -> Array:
    base, exponent = node.args
    if exponent == sympy.S.Half:
        return np.sqrt(below(base))
    if isinstance(exponent, sympy.Integer):
        bottom = np.asarray(below(base))
        bottom = bottom.astype(float) if bottom.dtype.kind in "iub" else bottom
        return np.power(bottom, int(exponent))
    return np.power(np.asarray(below(base), dtype=np.result_type(below(base), float)), below(exponent))
