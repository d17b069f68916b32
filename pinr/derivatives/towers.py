"""Elementwise functions with their derivatives, order by order."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import final

import torch
from torch import Tensor

Polynomial = tuple[float, ...]
"""Coefficients in ascending powers."""

Levels = Callable[[Tensor, tuple[Tensor, ...], int], list[Tensor]]


@final
@dataclass(frozen=True)
class Tower:
    """An elementwise function with its derivatives, all built from a few expensive functions of y.

    Attributes:
        base: What is expensive and worth keeping for the backward pass (sine and cosine, tanh, …).
        levels: `levels(y, base values, n)` gives `[f, f', …, f⁽ⁿ⁾]`.
        name: What compiled kernels know it by, if they do.
    """

    levels: Levels
    base: tuple[Callable[..., Tensor], ...] = ()
    name: str = ""

    def __call__(self, y: Tensor, order: int) -> list[Tensor]:
        return self.levels(y, tuple(function(y) for function in self.base), order)


def _sine(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    s, c = base
    cycle = [s, c, *((-s,) if order >= 2 else ()), *((-c,) if order >= 3 else ())]
    return [cycle[r % 4] for r in range(order + 1)]


def _cosine(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    s, c = base
    cycle = [c, *((-s,) if order >= 1 else ()), *((-c,) if order >= 2 else ()), s]
    return [cycle[r % 4] for r in range(order + 1)]


def _tanh(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    # t' = 1 − t², so every derivative is a polynomial in t.
    return [_horner(p, base[0]) for p in polynomial_tower((1.0, 0.0, -1.0), order)]


def _logistic(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    # s' = s − s²
    return [_horner(p, base[0]) for p in polynomial_tower((0.0, 1.0, -1.0), order)]


def _exponential(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    return [base[0]] * (order + 1)


sine = Tower(_sine, (torch.sin, torch.cos), "sine")
cosine = Tower(_cosine, (torch.sin, torch.cos), "cosine")
hyperbolic_tangent = Tower(_tanh, (torch.tanh,), "tanh")
logistic = Tower(_logistic, (torch.sigmoid,), "logistic")
exponential = Tower(_exponential, (torch.exp,), "exponential")


def _tangent(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    # t' = 1 + t²
    return [_horner(p, base[0]) for p in polynomial_tower((1.0, 0.0, 1.0), order)]


def _hyperbolic_sine(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    return [base[r % 2] for r in range(order + 1)]


def _hyperbolic_cosine(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    return [base[(r + 1) % 2] for r in range(order + 1)]


def _arctangent(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    # f⁽ʳ⁾ = (r − 1)! cosʳθ sin(r (θ + π/2)) with θ = arctan y
    angle = base[0]
    c = torch.cos(angle)
    higher = [math.factorial(r - 1) * c**r * torch.sin(r * (angle + math.pi / 2)) for r in range(1, order + 1)]
    return [angle, *higher]


tangent = Tower(_tangent, (torch.tan,))
hyperbolic_sine = Tower(_hyperbolic_sine, (torch.sinh, torch.cosh))
hyperbolic_cosine = Tower(_hyperbolic_cosine, (torch.sinh, torch.cosh))
arctangent = Tower(_arctangent, (torch.atan,))


def softplus(sharpness: float) -> Tower:
    """log(1 + e^{βy})/β, whose derivative is the logistic function of βy."""
    return Tower(partial(_softplus, sharpness), name="softplus" if sharpness == 1 else "")


def _softplus(sharpness: float, y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    value = torch.nn.functional.softplus(y, beta=sharpness)
    inner = logistic(sharpness * y, max(order - 1, 0))
    return [value, *(sharpness**r * inner[r] for r in range(order))]


def _logarithm(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    inverse = y.reciprocal()
    return [torch.log(y)] + [(-1.0) ** (r - 1) * math.factorial(r - 1) * inverse**r for r in range(1, order + 1)]


def power(exponent: float) -> Tower:
    """yᵖ, p yᵖ⁻¹, p(p−1) yᵖ⁻², …; zero beyond the degree of a polynomial."""
    return Tower(partial(_power, exponent), name={0.5: "root", 2.0: "square"}.get(exponent, ""))


def _power(exponent: float, y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    tower, factor = [], 1.0
    for r in range(order + 1):
        tower.append(factor * y ** (exponent - r) if factor else torch.zeros_like(y))
        factor *= exponent - r
    return tower


def _error_function(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    # Beyond the value, Hermite-like polynomials times 2/√π e^{−y²}.
    bell = 2.0 / math.sqrt(math.pi) * torch.exp(-y * y)
    return [torch.erf(y), *(_horner(p, y) * bell for p in bell_tower((1.0,), -2.0, order))]


def _gelu(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    # y Φ(y) with the normal distribution function Φ
    phi = torch.exp(-0.5 * y * y) / math.sqrt(2.0 * math.pi)
    cumulative = 0.5 * (1.0 + torch.erf(y / math.sqrt(2.0)))
    higher = (_horner(p, y) * phi for p in bell_tower((2.0, 0.0, -1.0), -1.0, order - 1))
    return [y * cumulative, cumulative + y * phi, *higher][: order + 1]


def _rectifier(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    return [torch.relu(y), (y > 0).to(y.dtype), *([torch.zeros_like(y)] * (order - 1))][: order + 1]


def _absolute(y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    return [torch.abs(y), torch.sign(y), *([torch.zeros_like(y)] * (order - 1))][: order + 1]


def leaky_rectifier(slope: float) -> Tower:
    """y where it is positive, a y elsewhere."""
    return Tower(partial(_leaky_rectifier, slope))


def _leaky_rectifier(slope: float, y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    value = torch.nn.functional.leaky_relu(y, slope)
    first = torch.where(y > 0, torch.ones_like(y), slope)
    return [value, first, *([torch.zeros_like(y)] * (order - 1))][: order + 1]


def exponential_unit(factor: float, rate: float, positive: float) -> Tower:
    """p y where y is positive, a (eᵇʸ − 1) elsewhere: ELU, SELU, CELU."""
    return Tower(partial(_exponential_unit, factor, rate, positive))


def _exponential_unit(
    factor: float, rate: float, positive: float, y: Tensor, base: tuple[Tensor, ...], order: int
) -> list[Tensor]:
    is_positive, below = y > 0, y.clamp(max=0.0)  # clamped, because e^y overflows where it is not used
    decay = factor * torch.exp(rate * below)
    tower = [torch.where(is_positive, positive * y, factor * torch.expm1(rate * below))]
    tower += [torch.where(is_positive, positive if r == 1 else 0.0, rate**r * decay) for r in range(1, order + 1)]
    return tower


def clamped(low: float | None, high: float | None) -> Tower:
    """y between the bounds, the bounds outside; of slope 1 on the bounds, as in torch."""
    return Tower(partial(_clamped, low, high))


def _clamped(low: float | None, high: float | None, y: Tensor, base: tuple[Tensor, ...], order: int) -> list[Tensor]:
    value = torch.clamp(y, low, high)
    return [value, (value == y).to(y.dtype), *([torch.zeros_like(y)] * (order - 1))][: order + 1]


logarithm = Tower(_logarithm)
error_function = Tower(_error_function, name="erf")
gelu = Tower(_gelu, name="gelu")
rectifier = Tower(_rectifier)
absolute = Tower(_absolute)


@lru_cache(maxsize=64)
def polynomial_tower(derivative: Polynomial, order: int) -> tuple[Polynomial, ...]:
    """Derivatives of t as polynomials in t, when t' is the given polynomial in t."""
    tower: list[Polynomial] = [(0.0, 1.0)]
    for _ in range(order):
        tower.append(polynomial_product(polynomial_derivative(tower[-1]), derivative))
    return tuple(tower)


def bell_tower(first: Polynomial, rate: float, count: int) -> list[Polynomial]:
    """Polynomials p₀, p₁, … with `dᵏ/dyᵏ (p₀ e^{ρy²/2}) = pₖ e^{ρy²/2}`: `pₖ₊₁ = pₖ' + ρ y pₖ`."""
    tower = [first]
    for _ in range(count - 1):
        p = tower[-1]
        tower.append(polynomial_sum(polynomial_derivative(p), polynomial_product(p, (0.0, rate))))
    return tower[: max(count, 0)]


def _horner(p: Polynomial, t: Tensor) -> Tensor:
    if len(p) == 1:
        return torch.full_like(t, p[0])
    result = p[-1] * t + p[-2]
    for coefficient in reversed(p[:-2]):
        result = result * t + coefficient
    return result


def polynomial_derivative(p: Polynomial) -> Polynomial:
    """The derivative by the variable."""
    return tuple(k * a for k, a in enumerate(p))[1:] or (0.0,)


def polynomial_sum(p: Polynomial, q: Polynomial) -> Polynomial:
    """The sum of two polynomials."""
    longer = max(len(p), len(q))
    return tuple((p[k] if k < len(p) else 0.0) + (q[k] if k < len(q) else 0.0) for k in range(longer))


def polynomial_product(p: Polynomial, q: Polynomial) -> Polynomial:
    """The product of two polynomials."""
    out = [0.0] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            out[i + j] += a * b
    return tuple(out)
