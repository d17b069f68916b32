"""Integrals in equations: exact where Gauss rules are, equal to autograd, with their own nodes."""

import math

import numpy as np
import pytest
import sympy
import torch
from sympy import I, cos, exp, pi, sin

from pinr import (
    LBFGS,
    Ball,
    Box,
    DeclarationError,
    Eq,
    Problem,
    Siren,
    Solution,
    compile_problem,
    coordinates,
    dot,
    grad,
    integral,
    laplacian,
    on,
    solve,
    unknown,
)
from pinr.language.evaluation import evaluate

x, y, t = coordinates("x y", time="t")
s = coordinates("s")
u, w = unknown("u", x, y), unknown("w", x, t)
square, line, times = Box(x=(0, 1), y=(0, 2)), Box(x=(0, 1)), Box(t=(0, 2))
plate = square - Ball(x=0.5, y=1, radius=0.3, name="hole")


class Formula(torch.nn.Module):
    """A known field in place of a network, so that integrals have closed forms."""

    def __init__(self, formula):
        super().__init__()
        self.formula = formula
        self.factor = torch.nn.Parameter(torch.ones(()))

    def forward(self, points):
        return self.factor * self.formula(*points.unbind(1))[:, None]


def residual_of(constraint, formula):
    program = compile_problem(Problem(constraint), Formula(formula), dtype="float64")
    parameters = program.initial()
    (residual,) = program.residuals(parameters, program.batch(seed=3)).values()
    return program, parameters, residual


CASES = {
    "a square": (on(square, Eq(integral(u**2, square), 0)), lambda x, y: x * y, 8 / 9),
    "its boundary": (on(square, Eq(integral(u, square.boundary), 0)), lambda x, y: x * y, 3.0),
    "the flux through it": (
        on(square, Eq(integral(dot(grad(u), square.boundary.normal), square.boundary), integral(laplacian(u), square))),
        lambda x, y: x**3 * y + y**2,
        0.0,
    ),
    "a disc": (
        on(square, Eq(integral(u, Ball(x=0.5, y=1, radius=0.5)), 0)),
        lambda x, y: (x - 0.5) ** 2 + (y - 1) ** 2,
        math.pi / 32,
    ),
    "a line in it": (on(square, Eq(integral(u, square.at(y=1)), 0)), lambda x, y: x * y**3, 0.5),
    "numbers": (on(square, Eq(integral(1 + 0 * u, square) * u, u * 2)), lambda x, y: x, 0.0),
}


@pytest.mark.parametrize("name", CASES)
def test_smooth_integrals_are_exact(name):
    constraint, formula, value = CASES[name]
    _, _, residual = residual_of(constraint, formula)
    torch.testing.assert_close(residual, torch.full_like(residual, value), rtol=1e-12, atol=1e-12)


def test_a_cut_region_is_integrated_by_new_points_at_every_draw():
    program, parameters, residual = residual_of(on(plate, Eq(integral(u, plate), 0)), lambda x, y: x + y)
    exact = 3 - math.pi * 0.3**2 * 1.5
    assert float(residual.detach()) == pytest.approx(exact, rel=2e-3)
    batches = [program.batch(seed=3, draw=draw) for draw in range(16)]
    values = [float(program.residuals(parameters, batch)["integral"].detach()) for batch in batches]
    assert len(set(values)) == 16
    # The bias of the squared residual is the variance of the integral, here below 1e-6 of its square.
    assert np.std(values) < 1e-3 * exact


def test_a_condition_on_integrals_alone_is_one_row():
    program, _, residual = residual_of(on(square, Eq(integral(u, square), 1)), lambda x, y: x)
    assert residual.shape == (1, 1)
    assert program.blocks["integral"].rows == "independent"
    assert "integrals over Box(x=(0, 1), y=(0, 2)): 576 nodes" in program.explain()


def test_an_integral_beside_a_field_couples_all_rows():
    program, _, residual = residual_of(on(square, Eq(u, integral(u, square))), lambda x, y: x)
    assert residual.shape[0] > 1 and program.blocks["interior"].rows == "coupled"


def test_free_coordinates_stay():
    constraint = on(times, Eq(integral(w * x, line), 0), points=20)
    program, _, residual = residual_of(constraint, lambda x, t: x * torch.sin(t))
    moments = program.batch(seed=3)["interior"].samples.points["t"]
    np.testing.assert_allclose(residual[:, 0].detach(), np.sin(moments) / 3, rtol=1e-12)
    assert program.blocks["interior"].rows == "independent"


def test_kernels_have_a_coordinate_of_their_own():
    constraint = on(line * times, Eq(integral(exp(-s * t) * w.subs(x, s), Box(s=(0, 1))), 0), points=20)
    program, _, residual = residual_of(constraint, lambda x, t: x)
    moments = program.batch(seed=3)["interior"].samples.points["t"]
    exact = (1 - (1 + moments) * np.exp(-moments)) / moments**2
    np.testing.assert_allclose(residual[:, 0].detach(), exact, rtol=1e-9)


def test_integrals_of_integrals():
    inner = integral(u, Box(y=(0, 2)))
    _, _, residual = residual_of(on(square, Eq(integral(inner**2, line), 0)), lambda x, y: x * y)
    assert float(residual.detach()) == pytest.approx(4 / 3, rel=1e-12)


def test_complex_integrals():
    psi = unknown("psi", x, complex=True)

    class Wave(torch.nn.Module):
        def forward(self, points):
            return torch.cat([torch.cos(points), torch.sin(points)], dim=1)

    program = compile_problem(Problem(on(line, Eq(integral(I * psi, line), 0))), Wave(), dtype="float64")
    residual = program.residuals({}, program.batch())["integral"]
    np.testing.assert_allclose(residual[0], [math.cos(1) - 1, math.sin(1)], rtol=1e-12)


def test_gradients_are_those_of_autograd():
    program, parameters, _ = residual_of(on(square, Eq(integral(u**2, square), 1)), lambda x, y: x * y)
    program.loss(parameters, program.batch()).backward()
    (factor,) = parameters.values()
    exact = 8 / 9  # loss ((8/9) f² − 1)² over the scale squared, at f = 1
    scale = float(program.scales["integral"][0])
    assert float(factor.grad) == pytest.approx(2 * (exact - 1) * 2 * exact / scale**2, rel=1e-10)


def test_the_calculus_of_integrals():
    node = integral(sin(x * t) * w, line)
    assert node.diff(t) == integral((sin(x * t) * w).diff(t), line)
    assert node.diff(x) == 0 and node.subs(x, 3) == node
    assert node.free_symbols >= {t} and x not in node.free_symbols
    assert node.subs(t, 1).free == ()
    assert integral(grad(u), square).shape == (2, 1)
    assert str(node) == "integral(w*sin(t*x), Box(x=(0, 1)))"
    assert sympy.latex(integral(u, line)).startswith(r"\int_{\text{Box(x=(0, 1))}} u")
    known = integral(cos(x * t), line)
    np.testing.assert_allclose(evaluate(known, {"t": np.array([1.0, 2.0])}), [math.sin(1), math.sin(2) / 2], rtol=1e-12)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (lambda: integral(u, 3), "must be a region"),
        (lambda: integral(u, square, order=0), "positive integer"),
        (lambda: integral(u, x), "must be a region"),
    ],
    ids=["a number", "order 0", "a coordinate"],
)
def test_what_is_no_integral_says_so(written, words):
    with pytest.raises(DeclarationError, match=words):
        written()


@pytest.fixture(scope="module")
def neumann():
    exact = cos(pi * x) + 1
    unit = Box(x=(0, 1), y=(0, 1))
    n = unit.boundary.normal
    problem = Problem(
        on(unit, Eq(-laplacian(u), pi**2 * cos(pi * x))),
        on(unit.boundary, Eq(dot(grad(u), n), 0)),
        on(unit, Eq(integral(u, unit), 1)),
        reference={u: exact},
    )
    return unit, solve(problem, Siren(16, 2), stages=[LBFGS(steps=300)], seed=0, progress=False)


def test_an_integral_fixes_the_constant_of_a_neumann_problem(neumann):
    _, solution = neumann
    assert solution.problem.check(strict=True) == ()
    assert solution.error() < 1e-2


def test_integrals_of_solutions_need_no_coordinates(neumann, tmp_path):
    unit, solution = neumann
    assert solution.evaluate(integral(u, unit)) == pytest.approx(1, abs=1e-3)
    found = solution.integral(u, unit)
    assert found.value == pytest.approx(1, abs=1e-3) and found.error < 1e-8
    along = solution.integral(u, Box(y=(0, 1)), x=[0.0, 0.5, 1.0])
    np.testing.assert_allclose(along.value, [2, 1, 0], atol=0.05)
    assert along.error.shape == (3,)
    vector = solution.integral(grad(u), unit)
    np.testing.assert_allclose(vector.value, [-2, 0], atol=0.05)
    solution.save(tmp_path / "neumann.h5")
    loaded = Solution.load(tmp_path / "neumann.h5")
    assert str(loaded.problem) == str(solution.problem)
    assert loaded.evaluate(integral(u, unit)) == solution.evaluate(integral(u, unit))


def test_a_probe_that_cancels_by_symmetry_leaves_sane_scales():
    """The half wave that stands in for the solution has the integral 0 over the boundary of any box."""
    unit = Box(x=(0, 1), y=(0, 1))
    constraints = (on(unit, Eq(-laplacian(u), 1)), on(unit, Eq(integral(u, unit.boundary), 1), name="mean"))
    program = compile_problem(Problem(*constraints), Siren(8, 2))
    assert 0.1 < program.unknown_scales["u"] < 10
    assert all(0.05 < float(scale) < 100 for scale in program.scales.values())


def test_the_variable_of_integration_is_not_captured():
    kernel = integral(exp(-x * s) * u.subs(x, s), Box(s=(0, 1)))
    with pytest.raises(DeclarationError, match="s is what is integrated over"):
        kernel.subs(x, s)
    assert kernel.subs(x, 2).free == (y,)
    assert integral(u, square).subs(u, sin(x)) == integral(sin(x), square)  # a field of the same variable
    assert kernel.xreplace({s: y}) == kernel


def test_a_stored_order_beyond_all_measure_is_refused():
    from pinr.errors import FileFormatError
    from pinr.geometry.records import region_from_record
    from pinr.language.tree import from_tree, to_tree

    tree = to_tree(integral(u, square, order=7))
    assert from_tree(tree, region=region_from_record) == integral(u, square, order=7)
    for order in (100_000, 1_900):
        with pytest.raises(FileFormatError, match="refused"):
            from_tree({**tree, "order": order}, region=region_from_record)
