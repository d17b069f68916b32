import numpy as np
import pytest
import sympy
import xarray
from sympy import sin

from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.geometry import Box
from pinr.language.equations import Eq
from pinr.language.operators import laplacian
from pinr.solution import relative_l2
from tests.solution.closed_forms import DISK, SQUARE, ClosedForm, sine_times_y, solution_of, t, u, v, x, y


def test_a_multiple_of_the_reference_has_the_error_of_its_factor(disk):
    assert disk.errors() == {"u": pytest.approx(0.2, rel=1e-12)}
    assert disk.error() == disk.error("u") == disk.error(u) == disk.errors()["u"]


def _solution(reference):
    problem = Problem(on(DISK, Eq(laplacian(u), -sin(x) * y)), reference={u: reference})
    return solution_of(problem, ClosedForm(sine_times_y))


def test_an_array_is_compared_at_its_own_points_inside():
    xs, ys = np.linspace(-1, 1, 33), np.linspace(-1, 1, 17)
    exact = xarray.DataArray(np.sin(xs) * ys[:, None], dims=("y", "x"), coords={"x": xs, "y": ys})
    assert _solution(exact).error() < 1e-15
    outside = exact.where(exact.x**2 + exact.y**2 < 0.81, np.nan)
    assert _solution(outside * 2).error() == pytest.approx(0.5)
    assert _solution(exact.sel(y=0.5) * 2).error() == pytest.approx(0.5)


def test_the_components_of_a_vector_count_together():
    region = SQUARE * Box(t=(0, 1))
    problem = Problem(on(region, Eq(v.diff(t), laplacian(v))), reference={v: sympy.Matrix([3, 4])})
    solution = solution_of(problem, ClosedForm(lambda x, y, t: (0 * x + 3, 0 * x + 5)))
    assert solution.errors() == {"v": pytest.approx(0.2)}


def test_against_zero_the_error_is_absolute():
    assert relative_l2(np.full((10, 1), 3.0), np.zeros((10, 1))) == pytest.approx(3)
    region = SQUARE * Box(t=(0, 1))
    problem = Problem(on(region, Eq(v.diff(t), laplacian(v))), reference={v: sympy.Matrix([0, 0])})
    solution = solution_of(problem, ClosedForm(lambda x, y, t: (0 * x + 3, 0 * x + 4)))
    assert solution.error() == pytest.approx(5)


@pytest.mark.parametrize(
    ("values", "reference", "words"),
    [
        (np.ones((3, 1)), np.ones(3), "nothing is broadcast"),
        ([1.0, np.nan], [1.0, 1.0], "values are not finite, the first at index"),
        ([1.0, 1.0], [np.inf, 1.0], "reference are not finite"),
        ([], [], "no values"),
    ],
)
def test_relative_l2_says_what_is_wrong(values, reference, words):
    with pytest.raises(DeclarationError, match=words):
        relative_l2(values, reference)


def test_mistakes_are_named(disk, string):
    assert string.errors() == {}
    with pytest.raises(DeclarationError, match="no reference"):
        string.error()
    with pytest.raises(DeclarationError, match="no reference for it"):
        disk.error("w")
    with pytest.raises(DeclarationError, match="assign_coords"):
        _solution(xarray.DataArray(np.zeros(3), dims="x", coords={"x": [0.0, 0.1, 0.2]})).errors()
