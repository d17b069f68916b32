"""Sizes of unknowns, on problems whose solution is known to be of size 1."""

import numpy as np
import pytest
from sympy import cos, sin

from pinr import Box, Eq, Image, Problem, Siren, compile_problem, coordinates, grad, laplacian, on, unknown

x, y = coordinates("x y")
f = unknown("f", x, y)
SQUARE = Box(x=(-1, 1), y=(-1, 1))
NETWORK = Siren(4, 1, omega=30)


def size_of(problem):
    return compile_problem(problem, NETWORK).unknown_scales["f"]


@pytest.mark.parametrize("wavenumber", [40, 150])
@pytest.mark.parametrize("operator", [laplacian, grad], ids=["laplacian", "gradient"])
def test_data_of_high_wavenumber_do_not_enlarge_the_unknown(operator, wavenumber):
    exact = sin(wavenumber * x) * cos(wavenumber * y)
    inside = on(SQUARE, Eq(operator(f), operator(exact, x, y)))
    border = on(SQUARE.boundary, Eq(f, exact))
    for problem in (Problem(inside), Problem(inside, border)):
        assert 0.3 < size_of(problem) < 3


def test_an_image_keeps_its_size_when_only_its_edges_are_known():
    image = Image(np.random.default_rng(0).random((64, 64)))
    edges, border = on(image, Eq(laplacian(f), image.laplacian)), on(image.boundary, Eq(f, image.value))
    assert size_of(Problem(edges, border)) == 1


def test_a_smooth_source_gives_its_own_size():
    problem = Problem(on(SQUARE, Eq(laplacian(f), 1e4)), on(SQUARE.boundary, Eq(f, x * y)))
    assert 1e3 < size_of(problem) < 1e4
