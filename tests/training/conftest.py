"""A small problem that trains in milliseconds."""

import pytest
from sympy import pi, sin

from pinr import Box, Eq, Problem, coordinates, laplacian, on, unknown

x, y = coordinates("x y")
u = unknown("u", x, y)


@pytest.fixture
def poisson() -> Problem:
    square = Box(x=(0, 1), y=(0, 1))
    exact = sin(pi * x) * sin(pi * y)
    return Problem(
        on(square, Eq(-laplacian(u), 2 * pi**2 * exact), points=64),
        on(square.boundary, Eq(u, 0), points=32),
        reference={u: exact},
        name="poisson",
    )
