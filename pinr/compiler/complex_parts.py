"""Complex expressions in real symbols, taken apart: `f = a + ib` with real expressions `a` and `b`.

SymPy's own `as_real_imag` leaves `re` and `im` of what it cannot take apart; here that is an error, and
`Abs` becomes a norm with subgradient 0 at 0.
"""

from collections.abc import Callable
from functools import reduce

import sympy
from sympy import Abs, I, atan2, conjugate, cos, cosh, exp, im, log, re, sin, sinh
from sympy.functions.elementary.piecewise import ExprCondPair

from pinr.errors import CompilationError
from pinr.language.operators import Norm, ReciprocalOrZero

Parts = tuple[sympy.Expr, sympy.Expr]


def complex_parts(expression: sympy.Expr) -> Parts:
    """Real and imaginary part of an expression whose symbols are all real.

    Raises:
        CompilationError: There is no rule for a function of a complex argument in it.
    """
    if not expression.has(I, conjugate, re, im, sympy.arg):
        return expression, sympy.S.Zero
    if expression == I:
        return sympy.S.Zero, sympy.S.One
    rule = _RULES.get(type(expression))
    if rule is None:
        return _of_real_arguments(expression)
    return rule(expression)


def _of_real_arguments(node: sympy.Expr) -> Parts:
    """What is defined for real arguments only: `Max`, `erf`, comparisons."""
    arguments = []
    for argument in node.args:
        real, imaginary = complex_parts(argument)
        if imaginary != 0:
            message = (
                f"`{node}`: there is no rule for {type(node).__name__} of a complex number. Take `re`, `im` or `Abs` "
                "of it first, or rewrite it with exp, log and powers."
            )
            raise CompilationError(message)
        arguments.append(real)
    return node.func(*arguments), sympy.S.Zero


def _sum(node: sympy.Expr) -> Parts:
    parts = [complex_parts(a) for a in node.args]
    return sympy.Add(*(a for a, _ in parts)), sympy.Add(*(b for _, b in parts))


def _times(first: Parts, second: Parts) -> Parts:
    (a, b), (c, d) = first, second
    return a * c - b * d, a * d + b * c


def _product(node: sympy.Expr) -> Parts:
    return reduce(_times, (complex_parts(a) for a in node.args))


def _power(node: sympy.Expr) -> Parts:
    base, exponent = node.args
    a, b = complex_parts(base)
    if exponent.is_Integer and exponent > 0:
        return reduce(_times, [(a, b)] * int(exponent))
    if exponent.is_Integer:
        square = a**2 + b**2
        return reduce(_times, [(a / square, -b / square)] * int(-exponent))
    return _exponential(_times(_logarithm((a, b)), complex_parts(exponent)))


def _exponential(of: Parts) -> Parts:
    a, b = of
    return exp(a) * cos(b), exp(a) * sin(b)


def _logarithm(of: Parts) -> Parts:
    a, b = of
    if b == 0:
        return (log(a), sympy.S.Zero) if a.is_positive else (log(Abs(a)), atan2(0, a))
    return log(Norm(a, b)), atan2(b, a)


def _pieces(node: sympy.Expr) -> Parts:
    pairs = [(complex_parts(p.expr), complex_parts(p.cond)[0]) for p in node.args if isinstance(p, ExprCondPair)]
    real = sympy.Piecewise(*((a, condition) for (a, _), condition in pairs))
    return real, sympy.Piecewise(*((b, condition) for (_, b), condition in pairs))


def _norm(node: sympy.Expr) -> Parts:
    return Norm(*(part for a in node.args for part in complex_parts(a))), sympy.S.Zero


def _direction(a: sympy.Expr, b: sympy.Expr) -> Parts:
    factor = ReciprocalOrZero(Norm(a, b))
    return a * factor, b * factor


def _by_parts(formula: Callable[[sympy.Expr, sympy.Expr], Parts]) -> Callable[[sympy.Expr], Parts]:
    return lambda node: formula(*complex_parts(node.args[0]))


_RULES: dict[type[sympy.Basic], Callable[[sympy.Expr], Parts]] = {
    sympy.Add: _sum, sympy.Mul: _product, sympy.Pow: _power, sympy.Piecewise: _pieces, Norm: _norm, Abs: _norm,
    exp: lambda node: _exponential(complex_parts(node.args[0])),
    log: lambda node: _logarithm(complex_parts(node.args[0])),
    sin: _by_parts(lambda a, b: (sin(a) * cosh(b), cos(a) * sinh(b))),
    cos: _by_parts(lambda a, b: (cos(a) * cosh(b), -sin(a) * sinh(b))),
    sinh: _by_parts(lambda a, b: (sinh(a) * cos(b), cosh(a) * sin(b))),
    cosh: _by_parts(lambda a, b: (cosh(a) * cos(b), sinh(a) * sin(b))),
    sympy.sign: _by_parts(_direction), conjugate: _by_parts(lambda a, b: (a, -b)),
    re: _by_parts(lambda a, b: (a, sympy.S.Zero)), im: _by_parts(lambda a, b: (b, sympy.S.Zero)),
    sympy.arg: _by_parts(lambda a, b: (atan2(b, a), sympy.S.Zero)),
}  # fmt: skip
