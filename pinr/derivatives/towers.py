"""Derivatives of elementwise functions, order by order: `tower(y, n)` gives `[f(y), f'(y), …, f⁽ⁿ⁾(y)]`."""

import math
from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

Tower = Callable[[Tensor, int], list[Tensor]]
Polynomial = tuple[float, ...]
"""Coefficients in ascending powers."""


def sine(y: Tensor, order: int) -> list[Tensor]:
    """sin, cos, −sin, −cos, …"""
    s, c = torch.sin(y), torch.cos(y)
    cycle = [s, c, *((-s,) if order >= 2 else ()), *((-c,) if order >= 3 else ())]
    return [cycle[r % 4] for r in range(order + 1)]


def cosine(y: Tensor, order: int) -> list[Tensor]:
    """cos, −sin, −cos, sin, …"""
    s, c = torch.sin(y), torch.cos(y)
    cycle = [c, *((-s,) if order >= 1 else ()), *((-c,) if order >= 2 else ()), s]
    return [cycle[r % 4] for r in range(order + 1)]


def hyperbolic_tangent(y: Tensor, order: int) -> list[Tensor]:
    """tanh: its derivatives are polynomials in t = tanh y, with t' = 1 − t²."""
    t = torch.tanh(y)
    return [_horner(p, t) for p in _polynomial_tower((1.0, 0.0, -1.0), order)]


def logistic(y: Tensor, order: int) -> list[Tensor]:
    """1/(1 + e⁻ʸ): polynomials in s, with s' = s − s²."""
    s = torch.sigmoid(y)
    return [_horner(p, s) for p in _polynomial_tower((0.0, 1.0, -1.0), order)]


def softplus(y: Tensor, order: int, sharpness: float = 1.0) -> list[Tensor]:
    """log(1 + e^{βy})/β, whose derivative is the logistic function of βy."""
    value = torch.nn.functional.softplus(y, beta=sharpness)
    inner = logistic(sharpness * y, max(order - 1, 0))
    return [value, *(sharpness**r * inner[r] for r in range(order))]


def exponential(y: Tensor, order: int) -> list[Tensor]:
    """eʸ, at every order."""
    return [torch.exp(y)] * (order + 1)


def logarithm(y: Tensor, order: int) -> list[Tensor]:
    """log y, 1/y, −1/y², …"""
    inverse = y.reciprocal()
    return [torch.log(y)] + [
        (-1.0) ** (r - 1) * math.factorial(r - 1) * inverse**r for r in range(1, order + 1)
    ]


def power(y: Tensor, order: int, exponent: float = 2.0) -> list[Tensor]:
    """yᵖ, p yᵖ⁻¹, p(p−1) yᵖ⁻², …; zero beyond the degree of a polynomial."""
    tower, factor = [], 1.0
    for r in range(order + 1):
        tower.append(factor * y ** (exponent - r) if factor else torch.zeros_like(y))
        factor *= exponent - r
    return tower


def square_root(y: Tensor, order: int) -> list[Tensor]:
    return power(y, order, 0.5)


def reciprocal(y: Tensor, order: int) -> list[Tensor]:
    return power(y, order, -1.0)


def square(y: Tensor, order: int) -> list[Tensor]:
    return power(y, order, 2.0)


def error_function(y: Tensor, order: int) -> list[Tensor]:
    """erf: beyond the value, Hermite-like polynomials times 2/√π e^{−y²}."""
    bell = 2.0 / math.sqrt(math.pi) * torch.exp(-y * y)
    tower, p = [torch.erf(y)], (1.0,)
    for _ in range(order):
        tower.append(_horner(p, y) * bell)
        p = _add(_derivative(p), _multiply(p, (0.0, -2.0)))
    return tower


def gelu(y: Tensor, order: int) -> list[Tensor]:
    """y Φ(y) with the normal distribution function Φ."""
    phi = torch.exp(-0.5 * y * y) / math.sqrt(2.0 * math.pi)
    cumulative = 0.5 * (1.0 + torch.erf(y / math.sqrt(2.0)))
    tower, p = [y * cumulative, cumulative + y * phi], (2.0, 0.0, -1.0)
    for _ in range(2, order + 1):
        tower.append(_horner(p, y) * phi)
        p = _add(_derivative(p), _multiply(p, (0.0, -1.0)))
    return tower[: order + 1]


def rectifier(y: Tensor, order: int) -> list[Tensor]:
    """max(y, 0): a step, then zero."""
    return [torch.relu(y), (y > 0).to(y.dtype), *([torch.zeros_like(y)] * (order - 1))][: order + 1]


def absolute(y: Tensor, order: int) -> list[Tensor]:
    """|y|: a sign, then zero."""
    return [torch.abs(y), torch.sign(y), *([torch.zeros_like(y)] * (order - 1))][: order + 1]


@lru_cache(maxsize=64)
def _polynomial_tower(derivative: Polynomial, order: int) -> tuple[Polynomial, ...]:
    """Derivatives of t as polynomials in t, when t' is the given polynomial in t."""
    tower: list[Polynomial] = [(0.0, 1.0)]
    for _ in range(order):
        tower.append(_multiply(_derivative(tower[-1]), derivative))
    return tuple(tower)


def _horner(p: Polynomial, t: Tensor) -> Tensor:
    if len(p) == 1:
        return torch.full_like(t, p[0])
    result = p[-1] * t + p[-2]
    for coefficient in reversed(p[:-2]):
        result = result * t + coefficient
    return result


def _derivative(p: Polynomial) -> Polynomial:
    return tuple(k * a for k, a in enumerate(p))[1:] or (0.0,)


def _add(p: Polynomial, q: Polynomial) -> Polynomial:
    longer = max(len(p), len(q))
    return tuple(
        (p[k] if k < len(p) else 0.0) + (q[k] if k < len(q) else 0.0) for k in range(longer)
    )


def _multiply(p: Polynomial, q: Polynomial) -> Polynomial:
    out = [0.0] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            out[i + j] += a * b
    return tuple(out)
