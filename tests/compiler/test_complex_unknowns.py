"""Complex unknowns are two real ones: same residuals, and complex numbers wherever a user looks."""

import matplotlib as mpl
import numpy as np
import pytest
import sympy
import torch
from sympy import Abs, I, conjugate, exp, im, re

from pinr import (
    LBFGS,
    Box,
    DeclarationError,
    Eq,
    Problem,
    Siren,
    Solution,
    compile_problem,
    coordinates,
    div,
    dot,
    grad,
    laplacian,
    norm,
    on,
    solve,
    unknown,
)
from pinr.compiler.collect import collect
from pinr.language.operators import Norm

mpl.use("Agg")
x, y = coordinates("x y")
square = Box(x=(0, 1), y=(0, 1))
psi = unknown("psi", x, y, complex=True)
a, b = unknown("a", x, y), unknown("b", x, y)


def in_real_numbers(problem_of):
    """Residuals with `psi`, and with `a + ib`, of the same networks at the same points."""
    values = []
    for unknowns in (psi, a + I * b):
        problem = Problem(on(square, *problem_of(unknowns), points=40))
        torch.manual_seed(1)
        network = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2)).double()
        if problem.unknowns[0].name == "b":  # SymPy orders sums as it likes
            network[2].load_state_dict({name: weight.flip(0) for name, weight in network[2].state_dict().items()})
        program = compile_problem(problem, network, dtype="float64")
        values.append(program.residuals(program.initial(), program.batch(seed=0))["interior"].detach())
    return values


EQUATIONS = {
    "Helmholtz": lambda u: [Eq(laplacian(u) + (3 + 0.5 * I) * u, exp(I * x))],
    "Schrödinger": lambda u: [Eq(I * u.diff(y) + u.diff(x, 2) / 2 + u * conjugate(u) * u, 0)],
    "divergence": lambda u: [Eq(div((1 + I * x) * sympy.Matrix([u.diff(x), u.diff(y)]), x, y), u)],
    "modulus": lambda u: [Eq(Abs(u) ** 2, 1), Eq(re(u.diff(x)) - im(u), x)],
}


@pytest.mark.parametrize("name", EQUATIONS)
def test_a_complex_equation_is_its_real_and_its_imaginary_part(name):
    together, apart = in_real_numbers(EQUATIONS[name])
    assert together.shape[1] == 2
    torch.testing.assert_close(together, apart, rtol=1e-12, atol=1e-12)


def test_the_modulus_has_subgradient_zero_and_its_square_no_root():
    modulus, square_of_it = collect([Abs(psi), Abs(psi) ** 2]).components
    assert isinstance(modulus, Norm)
    assert square_of_it.is_Add and not square_of_it.has(Norm, sympy.sqrt)


def test_the_norm_of_a_complex_vector_is_that_of_all_parts():
    v = unknown("v", x, y, size=2, complex=True)
    (squared,) = collect([norm(v) ** 2]).components
    assert squared.is_Add and len(squared.args) == 4 and not squared.has(I)


def test_the_laplacian_is_one_channel_for_both_parts():
    program = compile_problem(Problem(on(square, Eq(laplacian(psi) + psi, 0))), Siren(8, 2))
    (query,) = program.blocks["interior"].queries
    assert query.request.size == 4  # value, two first derivatives, the collapsed second ones


@pytest.fixture(scope="module")
def wave():
    exact = exp(I * (2 * x + y))
    n = square.boundary.normal
    flux = dot(grad(psi), n)
    problem = Problem(
        on(square, Eq(laplacian(psi) + 5 * psi, 0)),
        on(square.boundary, Eq(flux - 2 * I * psi, dot(grad(exact, x, y), n) - 2 * I * exact)),
        reference={psi: exact},
        name="plane wave",
    )
    return problem, solve(problem, Siren(16, 2), stages=[LBFGS(steps=300)], seed=0, progress=False)


def test_a_complex_problem_is_solved(wave):
    problem, solution = wave
    assert problem.check(strict=True) == ()
    assert solution.error() < 2e-2


def test_values_are_complex_where_the_expression_is(wave):
    _, solution = wave
    values = solution.evaluate(psi, x=[0.1, 0.6], y=0.3)
    assert values.dtype == complex and values.shape == (2,)
    np.testing.assert_allclose(values, np.exp(1j * (2 * np.array([0.1, 0.6]) + 0.3)), atol=0.1)
    for real in (Abs(psi), re(psi), psi * conjugate(psi)):
        assert solution.evaluate(real, x=0.2, y=0.3).dtype == float
    gradient = solution.evaluate(grad(psi), x=0.2, y=0.3)
    np.testing.assert_allclose(gradient, 1j * np.array([2, 1]) * solution.evaluate(psi, x=0.2, y=0.3), atol=0.2)
    assert solution.grid(psi, x=4, y=3).dtype == complex


def test_complex_solutions_are_stored_and_drawn(wave, tmp_path):
    _, solution = wave
    solution.save(tmp_path / "wave.h5")
    loaded = Solution.load(tmp_path / "wave.h5")
    assert loaded.error() == solution.error()
    assert loaded.problem.unknowns[0].is_complex
    solution.export(tmp_path / "wave.vtu", {"psi": psi}, x=5, y=5)
    text = (tmp_path / "wave.vtu").read_bytes()
    assert b"psi_re" in text and b"psi_im" in text
    titles = [axes.get_title() for axes in solution.plot(psi).axes]
    assert sum("Re" in title for title in titles) == sum("Im" in title for title in titles) == 3


def test_complex_numbers_are_not_compared():
    with pytest.raises(DeclarationError, match="compares complex numbers"):
        on(square, sympy.Ge(psi, 0, evaluate=False))
    on(square, Abs(psi) <= 1)


def test_complex_vectors_and_real_unknowns_live_together():
    v = unknown("v", x, y, size=2, complex=True)
    p = unknown("p", x, y)
    problem = Problem(on(square, Eq(v, (I * p, 1 + p)), Eq(p, 2)))
    program = compile_problem(problem, Siren(8, 2), dtype="float64")
    assert program.blocks["interior"].size == 5
    solution = solve(problem, Siren(8, 2), stages=[LBFGS(steps=60)], progress=False)
    np.testing.assert_allclose(solution.evaluate(v, x=0.5, y=0.5), [2j, 3], atol=0.05)


def test_the_derivative_of_the_modulus_is_zero_at_zero():
    class Nothing(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.w = torch.nn.Parameter(torch.zeros(()))

        def forward(self, points):
            return self.w * points

    problem = Problem(on(square, Eq(Abs(psi).diff(x), 0), Eq((Abs(psi) ** 2).diff(x), 0), points=5))
    program = compile_problem(problem, Nothing(), dtype="float64")
    parameters = program.initial()
    loss = program.loss(parameters, program.batch())
    loss.backward()
    assert float(loss.detach()) == 0 and all(torch.isfinite(p.grad).all() for p in parameters.values())
