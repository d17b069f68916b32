import math

import numpy as np
import pytest
import sympy

from pinr import Box, Eq, Problem, coordinates, dot, grad, integral, laplacian, on, parameter, unknown
from pinr.errors import DeclarationError
from pinr.verification import Verification, verify
from tests.verification.manufactured import PROBLEMS, plate

x, y, t = coordinates("x y", time="t")
u, w = unknown("u", x, y), unknown("w", x, t)
psi = unknown("psi", x, y, complex=True)
square = Box(x=(0, 1), y=(0, 1))


@pytest.mark.parametrize(("name", "error"), list(zip(PROBLEMS, [0.002, 0.3] * 3, strict=True)))
def test_the_reported_error_is_the_true_one_up_to_the_stated_uncertainty(name, error):
    manufactured = PROBLEMS[name]()
    found = verify(manufactured.problem, manufactured.field(1 + error), size=1)
    assert abs(found.relative_l2 - error) <= found.uncertainty < 0.05 * error
    assert found.verdict == ("right" if error < 0.05 else "wrong")


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_reference_error_is_the_distance_from_the_exact_solution_up_to_a_factor(name):
    manufactured = PROBLEMS[name]()
    found = verify(manufactured.problem, manufactured.field(), size=1)
    assert found.relative_l2 <= found.reference_error <= 10 * found.relative_l2
    assert found.maximum_error <= found.reference_maximum_error
    assert found.order == pytest.approx(3, abs=0.25)
    assert found.verified


def test_a_larger_size_gives_a_better_reference():
    manufactured = plate()
    coarse = verify(manufactured.problem, manufactured.field(), size=1)
    fine = verify(manufactured.problem, manufactured.field(), size=25_000)
    assert fine.reference_error < coarse.reference_error / 6
    assert fine.relative_l2 < coarse.relative_l2 / 6


def test_the_worst_point_is_where_the_error_is_largest():
    manufactured = plate()
    exact = manufactured.field()
    found = verify(manufactured.problem, lambda x, y: exact(x=x, y=y) + np.exp(-100 * ((x + 0.5) ** 2 + y**2)), size=1)
    assert found.worst_point["x"] == pytest.approx(-0.5, abs=0.05)
    assert found.worst_point["y"] == pytest.approx(0, abs=0.05)
    assert found.maximum_error == pytest.approx(1, abs=0.1)


def test_a_function_that_is_not_finite_is_wrong():
    manufactured = plate()
    found = verify(manufactured.problem, lambda x, y: np.where(x < 0, np.nan, 1.0))
    assert found.verdict == "wrong"
    assert "nan at x = -" in str(found)


def test_an_error_near_the_tolerance_is_undecided():
    manufactured = plate()
    found = verify(manufactured.problem, manufactured.field(1.05), tolerance=0.05, size=1)
    assert found.verdict == "undecided"
    assert not found.verified


UNVERIFIABLE = {
    "order 2 in time": lambda: wave(),
    "order 4 in space": lambda: Problem(on(square, Eq(laplacian(laplacian(u)), 1)), on(square.boundary, Eq(u, 0))),
    "numbers to identify": lambda: Problem(
        on(square, Eq(parameter("nu", 1.0) * laplacian(u), 1)), on(square.boundary, Eq(u, 0))
    ),
    "complex": lambda: Problem(
        on(square, Eq(laplacian(psi) + psi, 0)), on(square.boundary, Eq(psi, sympy.I)), reference={psi: sympy.I}
    ),
    "integrals": lambda: Problem(on(square, Eq(laplacian(u) + integral(u, square), 1)), on(square.boundary, Eq(u, 0))),
    "vector": lambda: Problem(on(square, Eq(laplacian(unknown("v", x, y, size=2)), 0))),
    "2 equations inside": lambda: Problem(on(square, Eq(grad(u), (x, y))), on(square.boundary, Eq(u, 0))),
    "not elliptic": lambda: Problem(on(square, Eq(u.diff(x, 2), u.diff(y, 2))), on(square.boundary, Eq(u, 0))),
    "no second derivatives": lambda: Problem(on(square, Eq(u.diff(x), 1)), on(square.boundary, Eq(u, 0))),
    "up to a constant": lambda: Problem(
        on(square, Eq(laplacian(u), 0)), on(square.boundary, Eq(dot(grad(u), square.boundary.normal), 0))
    ),
    "no condition": lambda: Problem(on(square, Eq(laplacian(u), 1)), on(square.boundary.part("x-"), Eq(u, 0))),
    "more than one condition": lambda: Problem(
        on(square, Eq(laplacian(u), 1)), on(square.boundary, Eq(u, 0)), on(square.boundary.part("x-"), Eq(u, 1))
    ),
    "conormal": lambda: Problem(
        on(square, Eq(laplacian(u), 1)),
        on(square.boundary.without("x-"), Eq(u, 0)),
        on(square.boundary.part("x-"), Eq(u.diff(y), 0)),
    ),
    "forward in time": lambda: heat(-1),
    "initial conditions": lambda: heat(1, has_start=False),
    "moves with t": lambda: moving(),
    "another place": lambda: Problem(on(square, Eq(laplacian(u), u.subs(x, 0))), on(square.boundary, Eq(u, 0))),
    "not a linear equation": lambda: Problem(on(square, Eq(laplacian(u), 1)), on(square.boundary, Eq(u**2, 1))),
    "highest derivatives": lambda: Problem(on(square, Eq(laplacian(u) ** 2, 1)), on(square.boundary, Eq(u, 0))),
}


def wave():
    string = Box(x=(0, 1)) * Box(t=(0, 1))
    return Problem(on(string, Eq(w.diff(t, 2), laplacian(w))), on(string.boundary, Eq(w, 0)))


def heat(diffusivity, *, has_start=True):
    rod = Box(x=(0, 1)) * Box(t=(0, 1))
    start = (on(rod.at(t=0), Eq(w, 1)),) if has_start else ()
    return Problem(on(rod, Eq(w.diff(t), diffusivity * laplacian(w))), on(rod.boundary, Eq(w, 0)), *start)


def moving():
    rod = Box(x=(t / 10, 1 + t / 10)) * Box(t=(0, 1))
    return Problem(on(rod, Eq(w.diff(t), laplacian(w))), on(rod.boundary, Eq(w, 0)), on(rod.at(t=0), Eq(w, 1)))


@pytest.mark.parametrize("reason", UNVERIFIABLE)
def test_what_cannot_be_verified_says_why(reason):
    found = verify(UNVERIFIABLE[reason](), lambda **points: np.zeros(len(points["x"])))
    assert found.verdict == "unverifiable"
    assert reason in found.reason
    assert not found.verified
    assert math.isnan(found.relative_l2)


def test_a_field_of_another_shape_is_an_error():
    with pytest.raises(DeclarationError, match=r"it must give \(64,\)"):
        verify(plate().problem, lambda x, y: np.stack([x, y]))


def test_a_tolerance_of_zero_is_an_error():
    with pytest.raises(DeclarationError, match="must be positive"):
        verify(plate().problem, lambda x, y: x, tolerance=0)


def test_the_verdict_reads_as_a_sentence():
    found = Verification("wrong", "…", 0.05, relative_l2=0.4523, uncertainty=0.0031, worst_point={"x": 0.25})
    assert str(found).startswith("the solution is wrong: relative L2 error 45 % ± 0.31 %")
