"""Any module is a network; where jets have no rule, it is differentiated by nested autograd, and this is said."""

import pytest
import torch
from sympy import sin
from torch import Tensor, nn

from pinr import Adam, Box, Eq, Problem, compile_problem, coordinates, laplacian, on, solve, unknown

x, y = coordinates("x y")
u = unknown("u", x, y)


@pytest.fixture
def problem() -> Problem:
    square = Box(x=(0, 1), y=(0, 1))
    return Problem(
        on(square, Eq(-laplacian(u), sin(x) * y), points=8), on(square.boundary, Eq(u, 0), points=8), name="plate"
    )


class Normalized(nn.Module):
    """Layer norm, an Einstein sum with a trained tensor, a bilinear form of two features, softmax, another axis."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.lift = nn.Sequential(nn.Linear(2, 8), nn.LayerNorm(8), nn.SELU())
        self.tensor = nn.Parameter(torch.randn(8, 2, 4))
        self.last = nn.Linear(4, 1)

    def forward(self, points: Tensor) -> Tensor:
        h = torch.einsum("ni,ijk->njk", self.lift(points), self.tensor)
        attention = torch.softmax(torch.einsum("njk,nlk->njl", h, h), dim=-1)
        return self.last(torch.einsum("njl,nlk->nk", attention, h.transpose(1, 2).permute(0, 2, 1)))


class Cumulative(nn.Module):
    """A function without a rule."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Linear(2, 8), nn.Linear(8, 1)

    def forward(self, points: Tensor) -> Tensor:
        return self.last(torch.cumsum(torch.tanh(self.first(points)), dim=1))


class Suspicious(Cumulative):
    """Asks whether it has a tensor, as code with checks does."""

    def forward(self, points: Tensor) -> Tensor:
        if not isinstance(points, Tensor):
            message = f"points must be a tensor, not {type(points)}"
            raise TypeError(message)
        return self.last(torch.tanh(self.first(points)))


class Transposing(Cumulative):
    """Uses what only tensors have."""

    def forward(self, points: Tensor) -> Tensor:
        return self.last(torch.tanh(self.first.weight @ points.T + self.first.bias[:, None]).T)


def test_a_module_with_norms_and_einstein_sums_has_jets(problem):
    program = compile_problem(problem, Normalized(), dtype="float64")
    assert program.notes == ()
    assert "engine jets" in program.explain()


@pytest.mark.parametrize(
    ("module", "reason"),
    [(Cumulative(), "cumsum"), (Suspicious(), "must be a tensor"), (Transposing(), "no attribute `T`")],
    ids=["cumsum", "isinstance", "attribute"],
)
def test_a_module_without_rules_falls_back_and_says_so(problem, module, reason):
    program = compile_problem(problem, module, dtype="float64")
    (note,) = program.notes
    assert "nested autograd" in note and reason in note
    assert note in program.explain()
    loss = program.loss(program.initial(), program.batch())
    loss.backward()
    assert torch.isfinite(loss)


def test_the_fallback_computes_the_same_residuals(problem):
    module = Suspicious()
    plain = nn.Sequential(module.first, nn.Tanh(), module.last)
    slow, fast = (compile_problem(problem, m, dtype="float64") for m in (module, plain))
    assert slow.notes and not fast.notes
    weights = dict(module.named_parameters())
    names = {"first": "0", "last": "2"}
    parameters = {
        "u": {f"u.{name}": w.detach().double() for name, w in weights.items()},
        "v": {f"u.{names[n.split('.')[0]]}.{n.split('.')[1]}": w.detach().double() for n, w in weights.items()},
    }
    batch = slow.batch()
    ours, theirs = slow.residuals(parameters["u"], batch), fast.residuals(parameters["v"], batch)
    assert all(torch.allclose(ours[name], theirs[name], rtol=1e-10) for name in ours)


def test_a_module_without_rules_trains(problem):
    solution = solve(problem, Cumulative(), stages=[Adam(steps=5)])
    assert solution.evaluate(u, x=0.5, y=0.5).shape == ()
