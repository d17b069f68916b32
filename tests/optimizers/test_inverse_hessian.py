"""The inverse Hessian with its updates apart is the matrix that the formula writes."""

import pytest
import torch

from pinr.optimizers.inverse_hessian import ROOM, InverseHessian
from pinr.optimizers.record import from_record, to_record
from pinr.optimizers.self_scaling import RULES

N = 7


@pytest.fixture
def draw():
    generator = torch.Generator().manual_seed(0)
    return lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)


@pytest.fixture
def run(draw):
    """All inverse Hessians, as they are kept and as written out, along random steps in a quadratic."""

    def made(count, rule="broyden"):
        half = draw(N, N)
        A = half @ half.T
        kept, dense = [InverseHessian.multiple(draw(N), 0.7)], [0.7 * torch.eye(N, dtype=torch.float64)]
        for _ in range(count):
            s = draw(N)
            y, H, D = A @ s, kept[-1], dense[-1]
            p, curvature = D @ y, s @ y
            bend, h = float(s @ torch.linalg.solve(D, s) / curvature), float(y @ p / curvature)
            member = RULES[rule](bend, h, N)
            v = s / curvature - p / (y @ p)
            inner = D - torch.outer(p, p) / (y @ p) + member.mixing * (y @ p) * torch.outer(v, v)
            dense.append(inner / member.scaling + torch.outer(s, s) / curvature)
            kept.append(H.with_update(s, H.times(y), float(curvature), h, member))
            image = H.times(y)
            torch.testing.assert_close(kept[-1].newest_times(y, image, member.scaling), s, rtol=1e-7, atol=1e-7)
        return kept, dense

    return made


@pytest.mark.parametrize("rule", RULES)
def test_it_is_the_matrix_of_the_formula_before_and_after_it_is_written(rule, run, draw):
    kept, dense = run(2 * ROOM + 5, rule)
    g = draw(N)
    for H, D in zip(kept, dense, strict=True):
        torch.testing.assert_close(H.times(g), D @ g, rtol=1e-8, atol=1e-8)
    assert kept[ROOM].matrix is None
    assert kept[ROOM + 1].used == 1
    assert kept[2 * ROOM + 1].matrix is not kept[2 * ROOM].matrix


def test_on_a_quadratic_it_becomes_the_inverse_hessian(draw):
    # Steps that are conjugate keep what was learnt before (Nocedal and Wright, 2nd ed., theorem 6.4).
    eigenvalues = torch.logspace(-2, 2, N, dtype=torch.float64)
    H = InverseHessian.multiple(eigenvalues, 1.0)
    for s, eigenvalue in zip(torch.eye(N, dtype=torch.float64), eigenvalues, strict=True):
        y = eigenvalue * s
        Hy = H.times(y)
        H = H.with_update(s, Hy, float(s @ y), float(y @ Hy / (s @ y)), RULES["bfgs"](1.0, 1.0, N))
    g = draw(N)
    torch.testing.assert_close(H.times(g), g / eigenvalues)


def test_it_is_symmetric_to_rounding(run):
    (*_, H), _ = run(3 * ROOM + 1)
    matrix = torch.stack([H.times(unit) for unit in torch.eye(N, dtype=torch.float64)])
    assert (matrix - matrix.T).abs().max() < 1e-13 * matrix.abs().max()


def test_the_one_before_stays_as_it_was_wherever_the_matrix_is_written(run, draw):
    g, member = draw(N), RULES["bfgs"](1.0, 1.0, N)
    for count in (1, ROOM - 1, ROOM, ROOM + 1):
        (*_, H), _ = run(count)
        before, s = H.times(g), draw(N)
        for _ in range(2):
            H.with_update(s, H.times(s), 1.0, float(s @ H.times(s)), member)
            assert torch.equal(H.times(g), before)


def test_what_is_read_back_is_the_same_to_the_bit(run, draw):
    g = draw(N)
    for count in (0, 3, ROOM + 3):
        (*_, H), _ = run(count)
        assert torch.equal(from_record(InverseHessian, to_record(H)).times(g), H.times(g))
