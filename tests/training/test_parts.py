"""Steps over many points: in parts, with the same loss and gradient."""

import pytest
import torch

from pinr import Box, Eq, Problem, Siren, compile_problem, coordinates, integral, laplacian, on, unknown
from pinr.compiler.chunks import parts_of
from pinr.training.layout import Layout
from pinr.training.objective import ProgramObjective

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box(x=(0, 1), y=(0, 1))
PROBLEM = Problem(
    on(square, Eq(-laplacian(u), 1), points=1000),
    on(square.boundary, Eq(u, 0), points=300, weight=3.0, loss="l1"),
    on(square, Eq(integral(u, square), 1)),
    on(square, Eq(u, integral(u, square)), points=50, name="coupled"),
)


@pytest.fixture(scope="module")
def program():
    return compile_problem(PROBLEM, Siren(16, 2), dtype="float64")


def objective(program, memory):
    layout = Layout.of(program.initial())
    return ProgramObjective(program, layout, program.batch(), {}, memory=memory), layout.flatten(program.initial())


@pytest.mark.parametrize("memory", [10_000, 100_000, 1_000_000])
def test_parts_have_the_loss_and_gradient_of_the_whole(program, memory):
    whole, theta = objective(program, 1 << 40)
    parts, _ = objective(program, memory)
    assert len(whole.parts) == 1 < len(parts.parts)
    for ours, theirs in zip(parts.value_and_gradient(theta), whole.value_and_gradient(theta), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-14)
    assert parts.latest() == pytest.approx(whole.latest(), rel=1e-12)
    for name, gradient in whole.gradients(theta).items():
        torch.testing.assert_close(parts.gradients(theta)[name], gradient, rtol=1e-11, atol=1e-13)


def test_every_point_is_in_one_part_and_coupled_rows_stay_whole(program):
    batch = program.batch()
    parts = parts_of(program, batch, 20_000)
    for name, points in batch.items():
        found = [part[name] for part in parts if name in part]
        assert sum(some.count for some, _ in found) == points.count
        assert sum(fraction for _, fraction in found) == pytest.approx(1)
    assert sum("coupled" in part for part in parts) == sum("integral" in part for part in parts) == 1


@pytest.mark.slow
def test_ten_million_points_need_bounded_memory():
    import resource

    program = compile_problem(Problem(on(square, Eq(-laplacian(u), 1), points=10_000_000)), Siren(64, 3))
    layout = Layout.of(program.initial())
    batch = program.batch()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    value, _ = ProgramObjective(program, layout, batch, {}).value_and_gradient(layout.flatten(program.initial()))
    assert torch.isfinite(value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 3 * 2**20  # kB; whole it would be 31 GB
