"""On a periodic region every network is exactly periodic, whatever its recipe and weights."""

import pytest
import torch
from sympy import cos, sin
from torch import Tensor, nn

from pinr import Adam, Ball, Box, DeclarationError, Eq, Problem, Solution, coordinates, laplacian, on, solve, unknown
from pinr.compiler.fields import assign
from pinr.compiler.periodicity import periodic_intervals
from pinr.compiler.program import compile_problem
from pinr.derivatives.engines.jets import Jets
from pinr.derivatives.request import Request
from tests.networks.recipe_table import RECIPES, shaken

x, y, t = coordinates("x y", time="t")
u = unknown("u", x, t)
v = unknown("v", x, t)
LENGTH = 2.5


@pytest.fixture
def problem() -> Problem:
    strip = Box(x=(0.5, 0.5 + LENGTH), periodic="x") * Box(t=(0, 1))
    return Problem(on(strip, Eq(u.diff(t), laplacian(u)), points=16), on(strip.at(t=0), Eq(u, sin(x)), points=8))


def at(shift: float) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(16, 2, generator=generator, dtype=torch.float64) * torch.tensor([LENGTH, 1.0])
    points[:2, 0] = 0.0
    return points + torch.tensor([0.5 + shift, 0.0], dtype=torch.float64)


@pytest.mark.parametrize("name", RECIPES)
def test_values_and_derivatives_to_order_three_repeat(problem, name):
    module = shaken(compile_problem(problem, RECIPES[name][0], dtype="float64").networks["u"])
    request = Request(2, ((0, 0), (1, 0), (2, 0), (3, 0), (1, 1)))
    before, after = (Jets().derivatives(module, at(shift), request).detach() for shift in (0.0, LENGTH))
    for first, second in zip(before, after, strict=True):
        assert torch.allclose(first, second, rtol=0, atol=1e-12 * float(first.abs().max()))
    half = Jets().derivatives(module, at(LENGTH / 2), request).detach()
    assert not torch.allclose(before[0], half[0], rtol=1e-3)


def test_fresh_weights_fit_the_networks(problem):
    program = compile_problem(problem, RECIPES["MLP"][0])
    assert dict(program.networks["u"].named_parameters()).keys() == {k.removeprefix("u.") for k in program.initial()}
    assert torch.isfinite(program.loss(program.initial(seed=2), program.batch()))


def test_a_solution_repeats_also_after_loading(problem, tmp_path):
    solution = solve(problem, RECIPES["Siren"][0], stages=[Adam(steps=3)], dtype="float64")
    solution.save(tmp_path / "ring.h5")
    for which in (solution, Solution.load(tmp_path / "ring.h5")):
        first, second = (which.evaluate(u, x=0.5 + shift, t=0.3) for shift in (0.0, LENGTH))
        assert first == pytest.approx(second, rel=1e-12)


def test_unknowns_on_other_regions_are_not_made_periodic():
    """A ring and an interval: only the ring's network repeats."""
    both = Problem(
        on(Box(x=(0, 1), t=(0, 1), periodic="x"), Eq(u, cos(x)), points=8),
        on(Box(x=(0, 1), t=(0, 1)), Eq(v, x), points=8),
    )
    program = compile_problem(both, {u: RECIPES["MLP"][0], v: RECIPES["MLP"][0]}, dtype="float64")
    ends = torch.tensor([[0.0, 0.5], [1.0, 0.5]], dtype=torch.float64)
    repeats = {name: bool(torch.isclose(*module(ends)[:, 0])) for name, module in program.networks.items()}
    assert repeats == {"u": True, "v": False}


@pytest.mark.parametrize(
    "cut",
    [lambda r: r & Ball(x=0.5, y=0.5, radius=0.2), lambda r: r - Ball(x=0.0, y=0.5, radius=0.2), lambda r: r.at(y=0.5)],
    ids=["intersection", "difference", "slice"],
)
def test_a_part_of_a_ring_has_the_period_of_the_ring(cut):
    w = unknown("w", x, y)
    whole = Box(x=(0, 1), y=(0, 1), periodic="x")
    (assignment,) = assign(Problem(on(cut(whole), Eq(w, 0))).unknowns, RECIPES["MLP"][0])
    assert periodic_intervals(Problem(on(cut(whole), Eq(w, 0))), assignment) == {"x": (0.0, 1.0)}


def test_different_periods_for_one_network_are_refused():
    clashing = Problem(
        on(Box(x=(0, 1), t=(0, 1), periodic="x"), Eq(u, 0), points=8),
        on(Box(x=(0, 2), t=(0, 1), periodic="x"), Eq(u.diff(t), 0), points=8),
    )
    with pytest.raises(DeclarationError, match="period 2 along x"):
        compile_problem(clashing, RECIPES["MLP"][0])


class OfOnesOwn(nn.Module):
    def __init__(self, wavenumber: float) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.wavenumber, self.layers = wavenumber, nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))

    def forward(self, points: Tensor) -> Tensor:
        return self.layers(torch.cat([torch.sin(self.wavenumber * points[:, :1]), points[:, 1:]], dim=1))


def test_a_module_of_ones_own_must_be_periodic(problem):
    compile_problem(problem, OfOnesOwn(2 * torch.pi / LENGTH))
    with pytest.raises(DeclarationError, match=r"periodic in x, and the module of `u` is not"):
        compile_problem(problem, OfOnesOwn(1.0))
