"""Products with the Jacobian of a program's rows, and the rows and the Jacobian themselves."""

import pytest
import torch
from torch import nn

from pinr import (
    Box,
    CompilationError,
    Eq,
    GaussNewton,
    MatrixFreeGaussNewton,
    Problem,
    Siren,
    compile_problem,
    coordinates,
    integral,
    laplacian,
    on,
    parameter,
    unknown,
)
from pinr.training.layout import Layout
from pinr.training.objective import ProgramObjective

x, y = coordinates("x y")
u, nu = unknown("u", x, y), parameter("nu", 0.3)
square = Box(x=(0, 1), y=(0, 1))
PROBLEM = Problem(
    on(square, Eq(-nu * laplacian(u), 1), Eq(u.diff(x), u.diff(y) ** 2), points=20),
    on(square.boundary, Eq(u, 0.5), points=12, weight=3.0, loss="l1"),
    on(square, Eq(integral(u, square), 1)),
)


@pytest.fixture(scope="module")
def program():
    return compile_problem(PROBLEM, Siren(6, 2), dtype="float64", exact=False)


def objective(program, memory=1 << 30):
    layout = Layout.of(program.initial())
    return ProgramObjective(program, layout, program.batch(), {}, memory=memory), layout.flatten(program.initial())


@pytest.mark.parametrize("memory", [1 << 30, 20_000], ids=["whole", "in parts"])
def test_rows_jacobian_and_products_belong_to_one_another(program, memory):
    whole, theta = objective(program, memory)
    rows, J = whole.linearized(theta)
    assert len(rows) == whole.row_count(theta) == 20 * 2 + 12 + 1
    slope, gram = whole.normal_equations(theta)
    torch.testing.assert_close(J.T @ rows, slope, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close((J.T @ J).tril(), gram.tril(), rtol=1e-10, atol=1e-12)
    products = whole.products(theta)
    assert products.is_kept == (memory == 1 << 30)
    torch.testing.assert_close(products.rows, rows, rtol=1e-10, atol=1e-12)
    v, w = (torch.randn(n, generator=torch.Generator().manual_seed(n), dtype=torch.float64) for n in J.shape[::-1])
    torch.testing.assert_close(products.pull(w), J.T @ w, rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(products.normal(v), J.T @ (J @ v), rtol=1e-9, atol=1e-11)
    h = 1e-6  # the factors of `l1` are those of `θ`, or the derivative would be that of other rows
    torch.testing.assert_close((products.moved(h * v) - rows) / h, J @ v, rtol=1e-3, atol=1e-3)


def test_products_are_in_single_precision_where_that_suffices(program):
    whole, theta = objective(program)
    fine, coarse = whole.products(theta), whole.products(theta, is_coarse=True)
    assert coarse.rows.dtype == torch.float32
    torch.testing.assert_close(coarse.pull(coarse.rows).double(), fine.pull(fine.rows), rtol=1e-3, atol=1e-3)
    assert whole.linearized(theta, is_coarse=True)[1].dtype == torch.float32


def test_a_module_that_is_not_known_point_by_point_is_trained_without_matrices():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(2, 5), nn.Linear(5, 1)

        def forward(self, points):
            return self.last(torch.sqrt(1 + self.first(points) ** 2))

    torch.manual_seed(0)
    odd = compile_problem(Problem(on(square, Eq(laplacian(u), 1), points=20)), Odd(), dtype="float64")
    whole, theta = objective(odd)
    with pytest.raises(CompilationError, match="MatrixFreeGaussNewton"):
        stepped(GaussNewton(steps=1), whole, theta)
    assert stepped(MatrixFreeGaussNewton(steps=5), whole, theta).loss < 0.1 * float(whole.value(theta))


def test_where_rows_are_fewer_than_weights_only_they_are_linearized(program, monkeypatch):
    whole, theta = objective(program)
    monkeypatch.setattr(ProgramObjective, "normal_equations", lambda *arguments, **options: None)
    assert whole.row_count(theta) < theta.numel()
    for acceleration in (False, True):
        state = stepped(GaussNewton(steps=3, acceleration=acceleration), whole, theta)
        assert state.loss < float(whole.value(theta))


def stepped(optimizer, whole, theta):
    state = optimizer.initial(theta)
    for _ in range(optimizer.steps):
        state = optimizer.step(state, whole, 0.0)
    assert state.stopped is None
    return state
