"""SOAP's own properties."""

import pytest
import torch

from pinr.errors import DeclarationError
from pinr.optimizers import SOAP, Adam, MatrixBlock, RowsObjective
from pinr.optimizers.eigenbasis import eigenbasis, refreshed

ROWS = COLUMNS = 5  # of one size: what no gradient reaches has no basis of its own
BLOCK = MatrixBlock(0, ROWS, COLUMNS, has_bias=False)


def random(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def orthogonal(n, seed):
    return torch.linalg.qr(random(n, n, seed=seed)).Q


def matrix_problem(left, right, *, is_layered=True):
    """`|A W B|²` of a matrix `W`, plus a little of a number of its own."""

    def rows(theta):
        W = theta[:-1].view(ROWS, COLUMNS)
        return torch.cat([(left @ W @ right).flatten(), theta[-1:]])

    return RowsObjective(rows, (BLOCK,) if is_layered else ())


def test_without_matrices_it_is_adam_a_step_later(quadratic, minimise):
    objective, start = quadratic(6, condition=100), torch.ones(6, dtype=torch.float64)
    options = {"rate": 1e-2, "betas": (0.9, 0.99), "schedule": "constant", "warmup": 0}
    soap = minimise(SOAP(steps=51, **options), objective, start)
    adam = minimise(Adam(steps=50, **options), objective, start)
    assert torch.equal(soap.theta, adam.theta)


@pytest.mark.parametrize("frequency", [1, 3, 100])
def test_turned_coordinates_of_a_layer_change_nothing(frequency, minimise):
    # W → P W Q with orthogonal P and Q: each weight then is a mixture of all, and the path is the same path turned.
    left, right = random(6, ROWS, seed=0), random(COLUMNS, 7, seed=1)
    P, Q, W = orthogonal(ROWS, 2), orthogonal(COLUMNS, 3), random(ROWS, COLUMNS, seed=4)
    one = torch.ones(1, dtype=torch.float64)
    # With this ε no entry is divided by rounding errors, as those beside the diagonal of the first gradient would be.
    soap = SOAP(steps=30, frequency=frequency, rate=1e-2, epsilon=1e-2)
    plain = minimise(soap, matrix_problem(left, right), torch.cat([W.flatten(), one]))
    turned = minimise(soap, matrix_problem(left @ P.T, Q.T @ right), torch.cat([(P @ W @ Q).flatten(), one]))
    expected = P @ plain.theta[:-1].view(ROWS, COLUMNS) @ Q
    torch.testing.assert_close(turned.theta[:-1].view(ROWS, COLUMNS), expected, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(turned.theta[-1], plain.theta[-1])


def test_it_is_ahead_of_adam_where_weights_are_mixed(minimise):
    scales = torch.logspace(-1.5, 0, ROWS, dtype=torch.float64), torch.logspace(-1.5, 0, COLUMNS, dtype=torch.float64)
    left = scales[0][:, None] * orthogonal(ROWS, 0)
    right = orthogonal(COLUMNS, 1) * scales[1]
    start = torch.cat([random(ROWS, COLUMNS, seed=2).flatten(), torch.ones(1, dtype=torch.float64)])
    soap = minimise(SOAP(steps=500, rate=3e-2), matrix_problem(left, right), start)
    blind = minimise(SOAP(steps=500, rate=3e-2), matrix_problem(left, right, is_layered=False), start)
    assert soap.loss < 0.1 * blind.loss


def test_the_bases_stay_orthonormal_and_diagonalise_the_covariances(network_fit, minimise):
    objective, theta = network_fit
    state = minimise(SOAP(steps=200, frequency=2), objective, theta)
    assert len(state.bases) == 2 * len(objective.blocks)
    for basis, covariance in zip(state.bases, state.covariances, strict=True):
        unit = torch.eye(len(basis), dtype=torch.float64)
        torch.testing.assert_close(basis.T @ basis, unit, rtol=0, atol=1e-12)
        turned = basis.T @ covariance @ basis
        assert (turned - turned.diagonal().diag()).norm() < 0.1 * turned.norm()


def test_refreshing_converges_to_the_eigenvectors_at_the_rate_of_orthogonal_iteration():
    vectors = orthogonal(3, 0)
    covariance = vectors @ torch.diag(torch.tensor([4.0, 2.0, 1.0], dtype=torch.float64)) @ vectors.T
    basis, errors = torch.eye(3, dtype=torch.float64), []
    for _ in range(25):
        basis, _ = refreshed(basis, covariance)
        turned = basis.T @ covariance @ basis
        errors.append(float((turned - turned.diagonal().diag()).norm()))
    # Entries beside the diagonal fall by the ratio of neighbouring eigenvalues, 1/2.
    assert errors[-1] / errors[-6] == pytest.approx(0.5**5, rel=0.05)
    aligned = (eigenbasis(covariance).T @ basis).abs()
    torch.testing.assert_close(aligned, torch.eye(3, dtype=torch.float64), rtol=0, atol=1e-6)


def test_the_order_of_the_columns_is_told_so_that_what_belongs_to_them_can_follow():
    covariance = torch.diag(torch.tensor([1.0, 3.0, 2.0], dtype=torch.float64))
    basis, order = refreshed(torch.eye(3, dtype=torch.float64), covariance)
    assert order.tolist() == [1, 2, 0]
    torch.testing.assert_close(basis.abs(), torch.eye(3, dtype=torch.float64)[:, order])


def test_the_first_step_only_looks(network_fit):
    objective, theta = network_fit
    soap = SOAP(steps=10)
    state = soap.step(soap.initial(theta), objective, 0.0)
    assert torch.equal(state.theta, theta)
    assert (state.steps, state.evaluations) == (1, 1)
    for block, left, right in zip(objective.blocks, state.bases[::2], state.bases[1::2], strict=True):
        turned = left.T @ block.matrix(objective.value_and_gradient(theta)[1]) @ right
        diagonal = torch.zeros_like(turned)
        diagonal.diagonal().copy_(turned.diagonal())
        assert (turned - diagonal).norm() < 1e-6 * turned.norm()


def test_blocks_that_do_not_fit_are_refused():
    objective = matrix_problem(random(6, ROWS, seed=0), random(COLUMNS, 7, seed=1))
    soap, theta = SOAP(steps=3), torch.ones(ROWS * COLUMNS + 1, dtype=torch.float64)
    state = soap.step(soap.initial(theta), objective, 0.0)
    with pytest.raises(DeclarationError, match="bases for 1 matrices"):
        soap.step(state, RowsObjective(objective.rows), 0.0)
    beyond = RowsObjective(objective.rows, (MatrixBlock(2, ROWS, COLUMNS, has_bias=True),))
    with pytest.raises(DeclarationError, match="beyond its 26 parameters"):
        soap.step(soap.initial(theta), beyond, 0.0)


@pytest.mark.parametrize(
    "written",
    [{"rate": -1e-3}, {"betas": 0.9}, {"betas": (0.9, 1.0)}, {"epsilon": 0}, {"frequency": 0}, {"schedule": "linear"}],
    ids=str,
)
def test_a_bad_argument_is_named(written):
    ((name, value),) = written.items()
    with pytest.raises(DeclarationError) as error:
        SOAP(steps=10, **written)
    assert f"SOAP({name}={value!r})`: `{name}` must be" in str(error.value)
