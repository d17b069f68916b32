"""Complex expressions taken apart: the parts are the parts, whatever stands there."""

import numpy as np
import pytest
import sympy
from sympy import Abs, I, Piecewise, Rational, arg, conjugate, cos, cosh, exp, im, log, re, sign, sin, sinh, sqrt

from pinr.compiler.complex_parts import complex_parts
from pinr.errors import CompilationError
from pinr.language.evaluation import evaluate
from pinr.language.operators import Norm

a, b, c = sympy.symbols("a b c", real=True)
z = a + I * b

EXPRESSIONS = {
    "sum": z + 3 * I - c, "product": z * (c - 2 * I) * exp(I * a), "square": z**2, "cube": z**3,
    "reciprocal": 1 / z, "power -2": (c + I * b) ** -2, "root": sqrt(z), "power 1/3": z ** Rational(1, 3),
    "power of power": z ** (I * c), "number to a power": 2**z, "exp": exp(z), "plane wave": exp(I * (3 * a + b)),
    "log": log(z), "sin": sin(z), "cos": cos(z), "sinh": sinh(z), "cosh": cosh(z), "conjugate": conjugate(z) * z**2,
    "re": re(z * exp(I * c)), "im": im(z**2 * (1 - I)), "abs": Abs(z) ** 2 * z, "arg": arg(z), "sign": sign(z),
    "pieces": Piecewise((z**2, a > b), (conjugate(z), True)), "real": a * cos(b) + sqrt(c), "norm": Norm(a + I * c, b),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_parts_make_up_the_value(name):
    draws = np.random.default_rng(3).uniform(0.3, 1.7, (3, 50))
    values = dict(zip("abc", draws, strict=True))
    # The norm of complex numbers is that of all their parts; NumPy's evaluator knows it for real ones only.
    wanted = sympy.sqrt(a**2 + b**2 + c**2) if name == "norm" else EXPRESSIONS[name]
    exact = sympy.lambdify((a, b, c), wanted, "numpy")(*draws)
    real, imaginary = complex_parts(EXPRESSIONS[name])
    assert not (real + c * imaginary).has(I, conjugate, re, im, arg)
    np.testing.assert_allclose(evaluate(real, values) + 1j * evaluate(imaginary, values), exact, rtol=1e-12)


def test_what_is_real_has_no_imaginary_part():
    for expression in (a**2 + sin(b), z * conjugate(z), Abs(z), re(z) + im(z**2), a * I * I):
        assert complex_parts(expression)[1] == 0


def test_what_is_defined_for_real_numbers_only_says_so():
    with pytest.raises(CompilationError, match="no rule for erf of a complex number"):
        complex_parts(sympy.erf(z))
    assert complex_parts(sympy.erf(Abs(z)) * I)[1] == sympy.erf(Abs(z))


def test_conditions_are_taken_apart_too():
    modulus = Abs(z * exp(I * c), evaluate=False)
    real, _ = complex_parts(Piecewise((I * z, modulus > 1), (0, True)))
    assert not real.has(I, Abs)


def test_complex_powers_of_negative_numbers():
    values = dict(zip("abc", np.random.default_rng(4).uniform(0.3, 1.7, (3, 20)), strict=True))
    for expression in ((a - 10) ** I, (-2) ** z, (b - 5) ** z):
        exact = sympy.lambdify((a, b, c), expression, "numpy")(*(values[n].astype(complex) for n in "abc"))
        real, imaginary = complex_parts(expression)
        np.testing.assert_allclose(evaluate(real, values) + 1j * evaluate(imaginary, values), exact, rtol=1e-12)
