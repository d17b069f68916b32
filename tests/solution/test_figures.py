import pytest
from matplotlib.figure import Figure

from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.geometry import Box
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import laplacian
from pinr.networks.siren import Siren
from tests.solution.closed_forms import nu, solution_of, u, v, w


def _places(figure: Figure) -> int:
    return len([axes for axes in figure.axes if axes.get_subplotspec() is not None])


def test_a_reference_and_the_error_stand_beside_the_field(disk):
    figure = disk.plot(None, x=21, y=21)
    assert _places(figure) == 3
    assert figure.axes[0].get_aspect() == 1
    assert "drum" in figure.get_suptitle()
    assert _places(disk.plot(u, x=21, y=0.0)) == 2


def test_time_runs_to_the_right(string):
    (axes,) = [a for a in string.plot(w, x=9, t=9).axes if a.get_subplotspec() is not None]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("$t$", "$x$")
    assert axes.get_aspect() == "auto"


def test_time_and_plane_are_snapshots_of_every_component(flow):
    assert _places(flow.plot(v, x=9, y=9)) == 8
    assert _places(flow.plot({"speed": v[0]}, x=9, y=9, t=[0.0, 0.5])) == 2


def test_four_dimensions_are_reduced():
    x, y, z, t, mu = coordinates("x y z", time="t", varying="mu")
    q = unknown("q", x, y, z, t, mu)
    region = Box(x=(0, 1), y=(0, 1), z=(0, 1)) * Box(t=(0, 1)) * Box(mu=(1, 2))
    solution = solution_of(Problem(on(region, Eq(q.diff(t), laplacian(q)))), Siren(width=4, depth=1))
    figure = solution.plot(q, x=5, y=5)
    assert _places(figure) == 4
    assert figure.axes[0].get_title() == "$z$ = 0.125"


def test_a_number_has_no_figure(disk):
    with pytest.raises(DeclarationError, match="depends on no coordinate"):
        disk.plot(nu)


def test_an_axis_that_the_problem_does_not_have_is_refused(disk):
    with pytest.raises(DeclarationError, match=r"no coordinate 'z'.*It has x, y"):
        disk.plot(z=1)
    disk.plot(x=0.5)
