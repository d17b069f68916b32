from sympy import sin

from pinr import Box, Eq, Problem, laplacian, on
from tests.solution.closed_forms import ClosedForm, sine_times_y, solution_of, u, x, y

square = Box(x=(0, 2), y=(0, 1))
problem = Problem(on(square, Eq(-laplacian(u), sin(x) * y)), on(square.boundary, Eq(u, sin(x) * y)))


def test_a_solution_verifies_itself():
    solution = solution_of(problem, ClosedForm(sine_times_y))
    assert solution.verify(size=1).verdict == "right"


def test_a_wrong_solution_is_found_out():
    solution = solution_of(problem, ClosedForm(lambda x, y: (x * y,)))
    assert solution.verify(tolerance=0.01, size=1).verdict == "wrong"
