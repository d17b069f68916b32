"""The Jacobian of residuals, point by point, against autograd row by row."""

import pytest
import sympy
import torch
from torch import nn

from pinr import (
    MLP,
    Box,
    CompilationError,
    Eq,
    FourierFeatures,
    ModifiedMLP,
    PirateNet,
    Problem,
    ResidualMLP,
    Siren,
    compile_problem,
    coordinates,
    grad,
    integral,
    laplacian,
    norm,
    on,
    parameter,
    unknown,
)
from pinr.compiler.jacobian import linearized

x, y = coordinates("x y")
u, w, k = unknown("u", x, y), unknown("w", x, y), unknown("k", x)
psi = unknown("psi", x, y, complex=True)
nu, shift = parameter("nu", 0.3, positive=True), parameter("shift", 2.0)
square = Box(x=(0, 1), y=(0, 1))
RECIPES = [Siren(6, 2), MLP(6, 2), ResidualMLP(6, 1), ModifiedMLP(6, 2), PirateNet(6, 1), FourierFeatures(6, 2)]
EQUATIONS = {
    "Poisson": [Eq(-laplacian(u), sympy.sin(x))],
    "values": [Eq(u, x)],
    "numbers to identify": [Eq(u.diff(x) * u - nu * laplacian(u), sympy.sin(shift * x)), Eq(u * u.diff(y), shift)],
    "nonlinear": [Eq(norm(grad(u)), 1), Eq(sympy.exp(u) * laplacian(u) ** 2, x)],
    "two networks": [Eq(laplacian(u) * k, w), Eq(k.diff(x), w.diff(y))],
    "a field in another's argument": [Eq(u.subs(x, w), x), Eq(w, y)],
    "a field before a derivative": [Eq(k * u.diff(x, 2) + u.diff(y, 2), 1)],
    "complex": [Eq(laplacian(psi) + (1 + sympy.I) * psi, 1)],
    "an integral": [Eq(integral(u**2, square), nu)],
}


def assert_right(program, name="interior"):
    parameters, points = program.initial(seed=1), program.batch()[name]
    linearization = linearized(program.blocks[name], program.networks, parameters, points)
    wanted = program.residuals(parameters, {name: points})[name]
    torch.testing.assert_close(linearization.residuals, wanted.detach(), rtol=1e-11, atol=1e-12)
    factors = torch.linspace(0.5, 1.5, wanted.numel(), dtype=torch.float64).reshape(wanted.shape)
    jacobian = linearization.jacobian(factors)
    for n in range(0, len(wanted), 5):
        for m in range(wanted.shape[1]):
            gradients = torch.autograd.grad(
                wanted[n, m], list(parameters.values()), retain_graph=True, allow_unused=True
            )
            for key, gradient in zip(parameters, gradients, strict=True):
                ours = jacobian[m, n, linearization.columns[key]]
                theirs = torch.zeros_like(ours) if gradient is None else factors[n, m] * gradient.flatten()
                torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", EQUATIONS)
def test_every_row_has_the_derivatives_of_autograd(name):
    program = compile_problem(Problem(on(square, *EQUATIONS[name], points=12)), Siren(6, 2), dtype="float64")
    assert_right(program, next(iter(program.blocks)))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: type(r).__name__)
def test_every_recipe_is_known_point_by_point(recipe):
    problem = Problem(on(square, *EQUATIONS["numbers to identify"], points=12))
    assert_right(compile_problem(problem, recipe, dtype="float64"))


def test_periodic_networks():
    ring = Box(x=(0, 1), y=(0, 1), periodic="x")
    assert_right(compile_problem(Problem(on(ring, Eq(laplacian(u), 1), points=12)), Siren(6, 2), dtype="float64"))


def test_a_layer_that_is_used_twice_gets_both_contributions():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.middle, self.last = nn.Linear(2, 5), nn.Linear(5, 5), nn.Linear(5, 1)

        def forward(self, points):
            h = torch.tanh(self.first(points))
            return self.last(torch.tanh(self.middle(torch.tanh(self.middle(h)))))

    torch.manual_seed(0)
    assert_right(compile_problem(Problem(on(square, Eq(laplacian(u), 1), points=12)), Twice(), dtype="float64"))


def test_what_is_not_known_point_by_point_says_so():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(2, 5), nn.Linear(5, 1)

        def forward(self, points):
            return self.last(torch.sqrt(1 + self.first(points) ** 2))

    program = compile_problem(Problem(on(square, Eq(laplacian(u), 1), points=12)), Odd(), dtype="float64")
    with pytest.raises(CompilationError, match="point by point"):
        assert_right(program)
