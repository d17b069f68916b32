"""Networks worth trying for a problem."""

import math

from pinr.compiler.collect import collect
from pinr.compiler.thinness import thinness
from pinr.declaration.ansatz import Exactness
from pinr.declaration.problem import Problem
from pinr.networks.mlp import MLP
from pinr.networks.recipe import AbstractRecipe
from pinr.networks.siren import Siren

MANY_MEASUREMENTS = 3000  # points: more of them are a signal to fit, in which a small network has no room
WEIGHTS = ((15.0, 500), (45.0, 700), (math.inf, 900))
"""Weights by seconds: a step of Gauss–Newton costs their cube, and a few hundred are needed."""


def candidates(problem: Problem, seconds: float) -> tuple[AbstractRecipe, ...]:
    """Recipes for a problem, one or more, of which the better one is found by trying.

    Linear equations are fitted best by few wide sine layers, by three where the region is far thinner than its box
    (`docs/decisions/0020-learned-regions.md`). Solutions of nonlinear ones may have fronts, for which
    tanh in more layers is better as often as not. Both are small, so that every step can be one of Gauss–Newton.

    Args:
        problem: What to solve.
        seconds: The time there is.
    """
    if measured_points(problem) > MANY_MEASUREMENTS:
        return (Siren(width=64, depth=4),)
    outputs = sum(len(u.real_components) for u in problem.unknowns)
    dimensions = max(len(u.coordinates) for u in problem.unknowns)
    usual = next(weights for most, weights in WEIGHTS if seconds <= most)
    weights = usual * (1 + 0.2 * (outputs - 1)) * (1.2 if dimensions > 2 else 1.0)
    if is_linear(problem):
        depth = 3 if any(thinness(problem, unknown, Exactness()) < 1 for unknown in problem.unknowns) else 2
        return (Siren(width=_width(weights, depth), depth=depth),)
    return (MLP(width=_width(weights, 4), depth=4), Siren(width=_width(weights, 3), depth=3))


def measured_points(problem: Problem) -> float:
    """How many points of data there are."""
    return sum(c.region.measure for c in problem.constraints if c.region.dimension == 0)


def is_linear(problem: Problem) -> bool:
    """Whether every equation is of first degree in the unknowns, numbers to identify being constants."""
    for constraint in problem.constraints:
        collected = collect(constraint.components)
        atoms = [symbol for symbol, atom in collected.atoms.items() if atom.is_unknown]
        atoms += list(collected.integrals)
        for component in collected.components:
            for symbol in atoms:
                slope = component.diff(symbol)
                if slope.free_symbols & set(atoms):
                    return False
    return True


def _width(weights: float, depth: int) -> int:
    """The width of a network of so many layers with about so many weights: most are between its layers."""
    # (depth − 1) (w² + w) + 4 w: the first and the last layer of a problem in two dimensions.
    a, b = depth - 1, depth + 3
    return max(4, round((math.sqrt(b * b + 4 * a * weights) - b) / (2 * a)))
