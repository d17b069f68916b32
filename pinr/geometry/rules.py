"""Quadrature rules on the unit cube: nodes `(N, d)` and weights `(N,)` that sum to 1."""

from collections.abc import Callable

import numpy as np
import scipy.special
from numpy.typing import NDArray

Nodes = tuple[NDArray[np.float64], NDArray[np.float64]]
Rule = Callable[[int], Nodes]


def gauss(dimension: int) -> Rule:
    """The tensor product of Gauss–Legendre rules with `order` nodes per axis, exact to degree `2·order − 1`."""
    return tensor(*(_legendre,) * dimension) if dimension else _point


def radial(dimension: int) -> Rule:
    """Gauss–Jacobi nodes in the radius `r` of a ball, in the coordinate `u = r^d` of constant Jacobian."""

    def rule(order: int) -> Nodes:
        roots, weights = scipy.special.roots_jacobi(order, 0, dimension - 1)
        return (((1 + roots) / 2) ** dimension)[:, None], weights / weights.sum()

    return rule


def polar(dimension: int) -> Rule:
    """Gauss–Gegenbauer nodes in the height on a sphere in `d ≥ 3` dimensions, as fractions of the area below."""

    def rule(order: int) -> Nodes:
        roots, weights = scipy.special.roots_jacobi(order, (dimension - 3) / 2, (dimension - 3) / 2)
        half = (dimension - 1) / 2
        return scipy.special.betainc(half, half, (1 + roots) / 2)[:, None], weights / weights.sum()

    return rule


def periodic(order: int) -> Nodes:
    """`2·order` equidistant nodes around a circle: exact for trigonometric polynomials of degree `2·order − 1`."""
    count = 2 * order
    return ((np.arange(count) + 0.5) / count)[:, None], np.full(count, 1 / count)


def tensor(*rules: Rule) -> Rule:
    """The rule whose nodes are all combinations of those of the factors, first factor slowest."""

    def rule(order: int) -> Nodes:
        nodes, weights = np.empty((1, 0)), np.ones(1)
        for factor in rules:
            more, share = factor(order)
            nodes = np.hstack([np.repeat(nodes, len(more), axis=0), np.tile(more, (len(nodes), 1))])
            weights = np.outer(weights, share).ravel()
        return nodes, weights

    return rule


def _legendre(order: int) -> Nodes:
    roots, weights = scipy.special.roots_legendre(order)
    return ((1 + roots) / 2)[:, None], weights / 2


def _point(order: int) -> Nodes:
    return np.empty((1, 0)), np.ones(1)
