import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.geometry import Box
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import grad, laplacian
from tests.solution.closed_forms import ClosedForm, sine_times_y, solution_of, u, v, w, x, y


def test_values_inside_and_nothing_outside(disk):
    field = disk.grid(u, x=21, y=11)
    inside = field.x**2 + field.y**2 < 0.81
    assert_array_equal(field.notnull(), inside)
    assert_allclose(field.where(inside, 0), (np.sin(field.x) * field.y).where(inside, 0), atol=1e-15)


def test_an_int_is_a_count_a_list_positions_and_a_number_fixes(disk):
    field = disk.grid(grad(u), y=[0.0, 0.25, 0.3], x=5)
    assert field.dims == ("x", "y", "component")
    assert_array_equal(field.x, np.linspace(-1, 1, 5))
    assert_array_equal(field.y, [0, 0.25, 0.3])
    line = disk.grid(u, x=5, y=0.25)
    assert line.dims == ("x",) and float(line.y) == 0.25
    assert_allclose(line[1:4], np.sin([-0.5, 0, 0.5]) * 0.25)


def test_what_is_left_out_gets_a_default_count(disk, flow):
    assert disk.grid(u).sizes == {"x": 129, "y": 129}
    assert flow.grid(v[0], x=3, y=3).sizes == {"x": 3, "y": 3, "t": 51}
    assert disk.grid(u.subs(x, 0)).dims == ("y",)


def test_coordinates_carry_their_roles_and_the_field_its_name(flow, disk):
    field = flow.grid(v, x=3, y=3, t=2)
    assert [field[axis].attrs["role"] for axis in "xyt"] == ["space", "space", "time"]
    assert (field.name, field.attrs["long_name"]) == ("v", "v")
    assert flow.grid(v[1], x=3, y=3, t=2).name == "v_1"
    assert disk.grid(u.diff(x), x=3, y=3).attrs["long_name"] == "∂u/∂x"
    assert disk.grid(laplacian(u), x=3, y=3).attrs["long_name"] == "Δu"
    assert flow.grid(grad(v), x=3, y=3, t=0.5).dims == ("x", "y", "row", "column")


def test_xarray_plots_it(disk):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    disk.grid(u, x=9, y=9).plot()
    pyplot.close("all")


def test_an_unknown_lives_in_its_own_regions():
    steel, copper = Box(x=(0, 1), y=(0, 1)), Box(x=(1, 2), y=(0, 1))
    a, b = unknown("a", x, y), unknown("b", x, y)
    problem = Problem(on(steel, Eq(laplacian(a), 0)), on(copper, Eq(laplacian(b), 0)))
    solution = solution_of(problem, {a: ClosedForm(sine_times_y), b: ClosedForm(sine_times_y)})
    assert_array_equal(solution.grid(a, x=5, y=0.5).notnull(), [True, True, True, False, False])
    assert_array_equal(solution.grid(b, x=5, y=0.5).notnull(), [False, False, True, True, True])
    assert_array_equal(solution.grid(a - b, x=5, y=0.5).notnull(), [False, False, True, False, False])
    assert_array_equal(solution.grid(x, x=5).notnull(), np.ones(5))


REFUSED = {
    "no such axis": ({"xx": 3}, "Did you mean 'x'"),
    "zero": ({"x": 0}, r"x=0\.0"),
    "nested list": ({"x": [[0, 1]]}, r"\(n,\)"),
    "not finite": ({"x": [0, np.nan]}, "not finite"),
    "too large": ({"x": 100_000, "y": 100_000}, "10,000,000,000"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_mistake_is_named(disk, case):
    axes, words = REFUSED[case]
    with pytest.raises(DeclarationError, match=words):
        disk.grid(u, **axes)


def test_time_of_a_string(string):
    assert string.grid(w, x=3, t=[0.0, 1.0]).dims == ("x", "t")
