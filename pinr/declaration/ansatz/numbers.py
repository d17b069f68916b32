"""Numbers of SymPy for floats, so that sines of multiples of π are 0 and formulas stay readable."""

import math
from fractions import Fraction

import sympy

LARGEST_DENOMINATOR = 1000


def exact_number(value: float, tolerance: float = 0.0) -> sympy.Expr:
    """A fraction, or a fraction of π, that has this value up to rounding, or a tolerance; else the value."""
    for unit, symbol in ((1.0, sympy.S.One), (math.pi, sympy.pi)):
        fraction = Fraction(value / unit).limit_denominator(LARGEST_DENOMINATOR)
        if abs(float(fraction) * unit - value) <= max(tolerance, math.ulp(value)):
            return sympy.Rational(fraction.numerator, fraction.denominator) * symbol
    return sympy.Float(value)


def about(value: float, digits: int = 2) -> sympy.Expr:
    """A fraction of few digits near a value."""
    return sympy.Rational(f"{value:.{digits}g}")
