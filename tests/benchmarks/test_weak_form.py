"""The weak form of Poisson's equation, on fields whose residual is known."""

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.weak_form import LATTICES, Lattice, WeakPoisson, wavenumbers, waves
from pinr import Box, Eq, Problem, compile_problem, coordinates, grad, on, unknown
from pinr.training.layout import Layout

x, y = coordinates("x y")
u = unknown("u", x, y)
SIDE = 32  # the cells at the ends of a moved lattice leave an error of second order in 1/SIDE


class Wave(nn.Module):
    """`a sin(3 π (x + 1)/2) sin(π (y + 1)/2)`, zero on the border, with the trained factor a."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor([factor], dtype=torch.float64))

    def forward(self, points):
        phases = torch.tensor([3.0, 1.0], dtype=points.dtype) * torch.pi / 2 * (points + 1)
        return self.factor * phases.sin().prod(dim=1, keepdim=True)


def source(px, py):
    """The Laplacian of the wave with a = 1."""
    k = wavenumbers(3)[[2, 0]]
    return -(k @ k) * np.sin(k[0] * (px[:, None] + 1)) * np.sin(k[1] * (py + 1))


def objective(factor):
    flux = Problem(on(Box(x=(-1, 1), y=(-1, 1)), Eq(grad(u), 0), name=WeakPoisson.FLUX))
    program = compile_problem(flux, Wave(factor), dtype="float64")
    layout = Layout.of(program.initial())
    return WeakPoisson(program, layout, source, side=SIDE), layout.flatten(program.initial())


def test_the_loss_is_the_mean_square_of_the_error():
    """Of an error of `(a − 1)` times the wave: `(a − 1)²/4`; and its slope, on each of the lattices."""
    weak, theta = objective(factor=1.5)
    for _ in range(LATTICES):
        loss, gradient = weak.value_and_gradient(theta)
        assert float(loss) == pytest.approx(0.5**2 / 4, rel=0.03)
        assert float(gradient) == pytest.approx(0.5 / 2, rel=0.03)


def test_the_solution_has_no_loss_on_a_lattice_in_the_middle():
    """Where cells are equal, sums of products of resolved waves are their integrals."""
    weak, theta = objective(factor=1.0)
    weak.lattices = [weak._lattice(0.0, 0.0)] * LATTICES
    assert float(weak.value_and_gradient(theta)[0]) < 1e-20


@pytest.mark.parametrize("shift", [-0.5, 0.0, 0.3])
def test_a_moved_lattice_covers_the_whole_interval(shift):
    points, sines, slopes = waves(400, 3, shift)
    exact = 2 / wavenumbers(3) * np.array([1, 0, 1])  # ∫ sin over [−1, 1]
    np.testing.assert_allclose(sines.sum(axis=1), exact, atol=1e-4)
    assert slopes[0] @ points == pytest.approx(-4 / np.pi, abs=1e-4)  # ∫ x k cos(k (x + 1)) = −∫ sin at k = π/2


def test_lattices_lie_where_their_matrices_say():
    drawn = Lattice((0.3, -0.5)).draw(2, 25, 0)
    np.testing.assert_allclose(2 * np.unique(drawn[:, 0]) - 1, waves(5, 5, 0.3)[0])
    np.testing.assert_allclose(2 * drawn[:5, 1] - 1, waves(5, 5, -0.5)[0])
