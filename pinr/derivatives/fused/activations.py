"""Elementwise functions with their derivatives as Triton's Python: statements that name `f0 … fn` at `y`."""

import math
from collections.abc import Callable

from pinr.derivatives.printer import horner
from pinr.derivatives.towers import Polynomial, bell_tower, polynomial_tower

Levels = Callable[[int], list[str]]

# Of Triton's own `exp`, float32 is the approximate instruction, whose relative error grows with |x|: libdevice's is
# the exact one, which the interpreter does not have.
EXPONENTIAL = {True: "tl.exp", False: "libdevice.exp"}
"""By whether the interpreter runs it."""

FUNCTIONS = """
@triton.jit
def hyperbolic_tangent(x):
    e = exponential(-2.0 * tl.abs(x))
    t = (1.0 - e) / (1.0 + e)
    return tl.where(x < 0, -t, t)


@triton.jit
def logistic(x):
    e = exponential(-tl.abs(x))
    s = 1.0 / (1.0 + e)
    return tl.where(x < 0, e * s, s)


@triton.jit
def softplus(x):
    return tl.where(x < 0, 0.0, x) + tl.log(1.0 + exponential(-tl.abs(x)))
"""


def functions(*, interpreted: bool) -> str:
    """The elementary functions that the levels call."""
    return f"""
@triton.jit
def exponential(x):
    return {EXPONENTIAL[interpreted]}(x)

{FUNCTIONS}"""


def _declared(expressions: list[str]) -> list[str]:
    return [f"f{r} = {expression}" for r, expression in enumerate(expressions)]


def _trigonometric(cycle: list[str]) -> Levels:
    return lambda order: ["s = tl.sin(y)", "c = tl.cos(y)", *_declared([cycle[r % 4] for r in range(order + 1)])]


def _polynomial(function: str, derivative: Polynomial) -> Levels:
    """A function whose derivative is a polynomial in it."""

    def levels(order: int) -> list[str]:
        return [f"t = {function}(y)", *_declared([_in("t", p) for p in polynomial_tower(derivative, order)])]

    return levels


def _in(variable: str, polynomial: Polynomial) -> str:
    return horner(polynomial, variable, repr)


def _softplus(order: int) -> list[str]:
    tower = polynomial_tower((0.0, 1.0, -1.0), max(order - 1, 0))
    return ["t = logistic(y)", *_declared(["softplus(y)", *(_in("t", p) for p in tower)][: order + 1])]


def _gelu(order: int) -> list[str]:
    # y Φ(y): beyond the first derivative, Hermite-like polynomials times the density.
    higher = [f"{_in('y', p)} * bell" for p in bell_tower((2.0, 0.0, -1.0), -1.0, order - 1)]
    return [
        f"bell = exponential(-0.5 * y * y) * {1 / math.sqrt(2 * math.pi)!r}",
        f"phi = 0.5 * (1.0 + tl.erf(y * {math.sqrt(0.5)!r}))",
        *_declared(["y * phi", "phi + y * bell", *higher][: order + 1]),
    ]


def _error_function(order: int) -> list[str]:
    higher = [f"{_in('y', p)} * bell" for p in bell_tower((1.0,), -2.0, order)]
    return [f"bell = {2 / math.sqrt(math.pi)!r} * exponential(-y * y)", *_declared(["tl.erf(y)", *higher])]


ACTIVATIONS: dict[str, Levels] = {
    "sine": _trigonometric(["s", "c", "-s", "-c"]),
    "cosine": _trigonometric(["c", "-s", "-c", "s"]),
    "tanh": _polynomial("hyperbolic_tangent", (1.0, 0.0, -1.0)),
    "logistic": _polynomial("logistic", (0.0, 1.0, -1.0)),
    "exponential": lambda order: _declared(["exponential(y)", *["f0"] * order]),
    "softplus": _softplus,
    "gelu": _gelu,
    "erf": _error_function,
}
"""By the name of a tower."""
