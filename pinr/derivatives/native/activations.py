"""Elementwise functions with their derivatives as C: `levels` prints `f0 … fn` at `y`."""

import math
from collections.abc import Callable

from pinr.derivatives.native.mathematics import horner, number
from pinr.derivatives.towers import Polynomial, bell_tower, polynomial_tower

Levels = Callable[[int], str]


def declared(expressions: list[str]) -> str:
    """Statements that name the levels."""
    return " ".join(f"T f{r} = {expression};" for r, expression in enumerate(expressions))


def _sine(order: int) -> str:
    cycle = ["s", "c", "-s", "-c"]
    return "T s, c; sine_and_cosine(y, &s, &c); " + declared([cycle[r % 4] for r in range(order + 1)])


def _cosine(order: int) -> str:
    cycle = ["c", "-s", "-c", "s"]
    return "T s, c; sine_and_cosine(y, &s, &c); " + declared([cycle[r % 4] for r in range(order + 1)])


def _polynomial(function: str, derivative: Polynomial) -> Levels:
    """A function whose derivative is a polynomial in it."""

    def levels(order: int) -> str:
        tower = polynomial_tower(derivative, order)
        return f"T t = {function}(y); " + declared([horner(p, "t") for p in tower])

    return levels


def _exponential(order: int) -> str:
    return "T t = exponential(y); " + declared(["t"] * (order + 1))


def _softplus(order: int) -> str:
    tower = polynomial_tower((0.0, 1.0, -1.0), max(order - 1, 0))
    return "T t = logistic(y); " + declared(["softplus(y)", *(horner(p, "t") for p in tower)][: order + 1])


def _gelu(order: int) -> str:
    # y Φ(y): beyond the first derivative, Hermite-like polynomials times the density.
    text = (
        f"T bell = exponential({number(-0.5)} * y * y) * {number(1 / math.sqrt(2 * math.pi))}; "
        f"T phi = {number(0.5)} * ((T)1 + error_function(y * {number(math.sqrt(0.5))})); "
    )
    higher = [f"{horner(p, 'y')} * bell" for p in bell_tower((2.0, 0.0, -1.0), -1.0, order - 1)]
    return text + declared(["y * phi", "phi + y * bell", *higher][: order + 1])


def _error_function(order: int) -> str:
    expressions = ["error_function(y)", *(f"{horner(p, 'y')} * bell" for p in bell_tower((1.0,), -2.0, order))]
    return f"T bell = {number(2 / math.sqrt(math.pi))} * exponential(-y * y); " + declared(expressions)


def _square(order: int) -> str:
    return declared(["y * y", f"{number(2.0)} * y", number(2.0), *[number(0.0)] * order][: order + 1])


def _root(order: int) -> str:
    # f⁽ʳ⁾ = (1/2)(1/2 − 1) … (1/2 − r + 1) / t²ʳ⁻¹, t = √y
    factors = [math.prod(0.5 - k for k in range(r)) for r in range(order + 1)]
    further = [number(c) + " * over" * (2 * r - 1) for r, c in enumerate(factors) if r]
    return "T t = SQRT(y), over = (T)1 / t; " + declared(["t", *further])


ACTIVATIONS: dict[str, Levels] = {
    "sine": _sine,
    "cosine": _cosine,
    "tanh": _polynomial("hyperbolic_tangent", (1.0, 0.0, -1.0)),
    "logistic": _polynomial("logistic", (0.0, 1.0, -1.0)),
    "exponential": _exponential,
    "softplus": _softplus,
    "gelu": _gelu,
    "erf": _error_function,
    "square": _square,
    "root": _root,
}
"""By the name of a tower."""
