"""Integrals of a solution, with an estimate of their error."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pinr.geometry.quadrature import Integral
from pinr.language.integrals import RegionIntegral, integral
from pinr.solution.evaluate import evaluate

if TYPE_CHECKING:
    from pinr.solution.solution import Solution


def integral_with_error(
    solution: "Solution", expression: Any, region: Any, *, order: int | None, coordinates: Mapping[str, Any]
) -> Integral:
    """`∫ e` over a region, by twice the nodes per axis that training takes, and the difference to two thirds of them.

    Args:
        solution: Networks, parameters and problem.
        expression: The integrand, a scalar or a vector.
        region: Where.
        order: Nodes along each axis; None takes what the dimension suggests.
        coordinates: Positions along the coordinates that are not integrated over.
    """
    if order is None:
        (first, *_) = integral(expression, region).atoms(RegionIntegral)
        order = 2 * first.nodes
    fine, coarse = (
        evaluate(solution, integral(expression, region, order=n), coordinates) for n in (order, max(1, 2 * order // 3))
    )
    error = np.abs(fine - coarse)
    return Integral(fine[()], error[()])
