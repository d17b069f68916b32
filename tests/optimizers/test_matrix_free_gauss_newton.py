"""Gauss–Newton without matrices: its products, its preconditioner, its solver, and the steps that come of them."""

import math

import pytest
import torch

from pinr.errors import DeclarationError
from pinr.optimizers import GaussNewton, MatrixFreeGaussNewton, RowsObjective
from pinr.optimizers.conjugate_gradients import conjugate_gradients
from pinr.optimizers.nystrom import Nystrom, nystrom

N = 60


@pytest.fixture
def decaying():
    """A symmetric matrix with eigenvalues from 1 to 1e-8, in random directions."""
    generator = torch.Generator().manual_seed(0)
    Q = torch.linalg.qr(torch.randn(N, N, generator=generator, dtype=torch.float64)).Q
    return Q @ torch.diag(torch.logspace(0, -8, N, dtype=torch.float64)) @ Q.T


def sketch(A, rank):
    return nystrom(lambda v: A @ v, A[0], rank, torch.Generator().manual_seed(1))


def iterations(A, damping, preconditioner, tolerance=1e-8):
    b = torch.ones(N, dtype=torch.float64)
    x, count = conjugate_gradients(
        lambda v: A @ v + damping * v, b, preconditioner=preconditioner, tolerance=tolerance, iterations=1000
    )
    assert float((A @ x + damping * x - b).norm()) <= 2 * tolerance * float(b.norm())
    return count


def test_products_in_parts_are_those_with_the_jacobian(network_fit):
    objective, theta = network_fit
    rows, J = objective.linearized(theta)
    v, w = (torch.randn(n, generator=torch.Generator().manual_seed(n), dtype=torch.float64) for n in (49, 100))
    for is_kept in (True, False):
        parts = [lambda at: objective.rows(at)[:30], lambda at: objective.rows(at)[30:]]
        products = type(objective.products(theta))(parts, theta, is_kept=is_kept)
        torch.testing.assert_close(products.rows, rows)
        torch.testing.assert_close(products.moved(v), objective.rows(theta + v))
        for _ in range(2):  # a graph that is kept answers more than once
            torch.testing.assert_close(products.pull(w), J.T @ w)
            torch.testing.assert_close(products.normal(v), J.T @ (J @ v))


def test_a_nystrom_approximation_is_orthonormal_never_larger_and_exact_at_full_rank(decaying):
    for rank in (10, 20):
        found = sketch(decaying, rank)
        torch.testing.assert_close(found.basis.T @ found.basis, torch.eye(rank, dtype=torch.float64))
        difference = decaying - found.basis @ torch.diag(found.values) @ found.basis.T
        eigenvalues = torch.linalg.eigvalsh(difference)
        assert eigenvalues.min() > -1e-13
        # Frangella, Tropp and Udell, proposition 2.2, for p = rank / 2: some eigenvalues and their tail
        largest = torch.linalg.eigvalsh(decaying).flip(0)
        assert eigenvalues.max() < 20 * largest[rank // 2]
    full = sketch(decaying, N)
    torch.testing.assert_close(full.basis @ torch.diag(full.values) @ full.basis.T, decaying, rtol=0, atol=1e-12)


def test_products_that_are_not_finite_give_no_preconditioner(decaying):
    found = sketch(decaying * math.nan, 5)
    assert found.values.numel() == 0
    assert torch.equal(found.preconditioned(decaying[0], 1e-3), decaying[0])


def test_the_preconditioner_of_an_eigenbasis_inverts_the_matrix_up_to_a_factor(decaying):
    values, vectors = torch.linalg.eigh(decaying)
    exact = Nystrom(vectors.flip(1), values.flip(0))
    image = exact.preconditioned(decaying @ decaying[0] + 0.1 * decaying[0], 0.1)
    torch.testing.assert_close(image, decaying[0] * (values[0] + 0.1))


def test_preconditioning_takes_a_fraction_of_the_iterations(decaying):
    plain = iterations(decaying, 1e-6, lambda v: v)
    found = sketch(decaying, 30)
    preconditioned = iterations(decaying, 1e-6, lambda v: found.preconditioned(v, 1e-6))
    assert preconditioned < plain / 4


@pytest.mark.parametrize("rank", [0, 10])
def test_a_step_is_that_of_the_factorised_equations(rank, network_fit):
    objective, theta = network_fit
    optimizer = MatrixFreeGaussNewton(steps=1, rank=rank, tolerance=1e-12, iterations=2000, is_mixed=False)
    start = optimizer.initial(theta)
    state = optimizer.step(start, objective, 0.0)
    rows, J = objective.linearized(theta)
    gram = J.T @ J
    assert float((state.scale / gram.diagonal().clamp_min(gram.diagonal().mean())).log().abs().max()) < math.log(4)
    tried = [optimizer.damping, 4 * optimizer.damping, 32 * optimizer.damping]
    steps = [-torch.linalg.solve(gram + damping * torch.diag(state.scale), J.T @ rows) for damping in tried]
    lower = next(d for d in steps if objective.value(theta + d) < objective.value(theta))
    torch.testing.assert_close(state.theta - theta, lower, rtol=0, atol=1e-8 * float(lower.norm()))


def test_with_momentum_a_step_minimises_the_model_drawn_to_the_step_before(network_fit):
    objective, theta = network_fit
    optimizer = MatrixFreeGaussNewton(
        steps=9, momentum=0.8, damping=10.0, tolerance=1e-12, iterations=2000, is_mixed=False
    )
    before = optimizer.step(optimizer.initial(theta), objective, 0.0)
    after = optimizer.step(before, objective, 0.0)
    d = after.theta - before.theta
    torch.testing.assert_close(after.momentum, d)
    rows, J = objective.linearized(before.theta)
    drawn = before.damping * before.scale * (d - 0.8 * before.momentum)
    assert float((J.T @ (rows + J @ d) + drawn).norm()) < 1e-9 * float((J.T @ rows).norm())


def test_it_reaches_the_loss_of_the_factorised_method_in_about_as_many_steps(network_fit, minimise):
    objective, theta = network_fit
    dense = minimise(GaussNewton(steps=40), objective, theta)
    free = minimise(MatrixFreeGaussNewton(steps=60, rank=20, iterations=30), objective, theta)
    assert free.loss < 1.5 * dense.loss


@pytest.mark.parametrize(
    "arguments",
    [{"rank": -1}, {"iterations": 0}, {"tolerance": 1.0}, {"momentum": 1.0}, {"damping": 0.0}, {"trials": 0}],
    ids=lambda a: next(iter(a)),
)
def test_bad_options_are_refused(arguments):
    with pytest.raises(DeclarationError, match=next(iter(arguments))):
        MatrixFreeGaussNewton(steps=1, **arguments)


def test_a_problem_that_feels_nothing_stops(minimise):
    objective = RowsObjective(lambda theta: 0 * theta[:2] + 1)
    state = minimise(MatrixFreeGaussNewton(steps=5), objective, torch.ones(3, dtype=torch.float64))
    assert "rounding" in state.stopped
