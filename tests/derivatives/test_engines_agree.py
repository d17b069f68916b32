"""Every engine equals nested autograd in float64, values and gradients of the weights."""

import itertools

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from pinr.derivatives.engines.jets import Jets
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.engines.reverse import Reverse
from pinr.derivatives.request import Group, Request

ACTIVATIONS = {
    "sin": torch.sin,
    "cos": torch.cos,
    "tanh": torch.tanh,
    "exp": torch.exp,
    "erf": torch.erf,
    "sigmoid": torch.sigmoid,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "softplus": functional.softplus,
    "log": lambda z: torch.log(2 + z**2),
    "reciprocal": lambda z: 1 / (1 + z * z),
    "square root": lambda z: torch.sqrt(1 + torch.square(z)),
    "cubic": lambda z: z**3 - z,
}
ORDER = 4


class Net(nn.Module):
    """Linear layers, a product, a sum, a cut, a join and constants."""

    def __init__(self, activation, inputs: int, outputs: int = 2, width: int = 8) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(inputs, width), nn.Linear(width, width)
        self.last, self.activation = nn.Linear(width, outputs), activation

    def forward(self, points: Tensor) -> Tensor:
        h = self.activation(self.first(points))
        h = h * self.activation(self.second(h)) + h
        return self.last(torch.cat([h[:, :4], 2 - h[..., 4:]], dim=-1))


def network(activation: str, inputs: int) -> nn.Module:
    torch.manual_seed(inputs)
    return Net(ACTIVATIONS[activation], inputs).double()


def multi_indices(inputs: int) -> tuple[tuple[int, ...], ...]:
    every = itertools.product(range(ORDER + 1), repeat=inputs)
    return tuple(sorted((i for i in every if sum(i) <= ORDER), key=sum))


def relative(a: Tensor, b: Tensor) -> float:
    return float((a - b).detach().norm() / b.detach().norm())


def assert_agree(engine, module, points, request, weights=()) -> None:
    reference = NestedAutograd().derivatives(module, points, request, weights)
    answer = engine.derivatives(module, points, request, weights)
    assert answer.shape == reference.shape
    assert relative(answer, reference) < 1e-10
    trained = [*module.parameters(), *(w for w in weights if w.requires_grad)]
    mix = torch.randn_like(reference)
    ours, theirs = (
        torch.autograd.grad((channels * mix).square().sum(), trained, allow_unused=True, materialize_grads=True)
        for channels in (answer, reference)
    )
    for a, b in zip(ours, theirs, strict=True):
        assert (a - b).norm() <= 1e-10 * max(float(b.norm()), 1e-6)


@pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "torch"])
@pytest.mark.parametrize("inputs", [1, 2, 3])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_jets_equal_nested_autograd_for_all_multi_indices_up_to_order_four(activation, inputs, compiled):
    points = torch.randn(5, inputs, dtype=torch.float64)
    assert_agree(Jets(compiled=compiled), network(activation, inputs), points, Request(inputs, multi_indices(inputs)))


@pytest.mark.parametrize("trainable", [False, True])
@pytest.mark.parametrize("inputs", [1, 2, 3])
@pytest.mark.parametrize("activation", ["sin", "tanh", "silu"])
def test_groups_with_constant_and_per_point_weights(activation, inputs, trainable, tier):
    indices = multi_indices(inputs)
    values = [None if n % 3 == 0 else (-1.0) ** n * n for n in range(1, len(indices))]
    groups = (Group(indices[1:], tuple(values)), Group(indices[-2:], (1.0, 2.0)))
    weights = [torch.randn(5, dtype=torch.float64, requires_grad=trainable) for v in values if v is None]
    points = torch.randn(5, inputs, dtype=torch.float64)
    request = Request(inputs, (indices[0], indices[-1]), groups)
    assert_agree(Jets(), network(activation, inputs), points, request, weights)


@pytest.mark.parametrize("inputs", [1, 2, 3])
def test_reverse_mode_gives_gradients(inputs, tier):
    first = tuple(i for i in multi_indices(inputs) if sum(i) <= 1)
    points = torch.randn(5, inputs, dtype=torch.float64)
    assert_agree(Reverse(), network("sin", inputs), points, Request(inputs, first))


@pytest.mark.parametrize("engine", [Jets(), NestedAutograd()], ids=lambda e: e.name)
def test_gradients_of_gradients_of_jets(engine, tier):
    """What Gauss–Newton and meta-learning ask for: the gradient of a function of a gradient."""
    module = network("sin", 2)
    points = torch.randn(5, 2, dtype=torch.float64)
    request = Request(2, ((0, 0),), (Group(((2, 0), (0, 2)), (1.0, 1.0)),))
    weight = module.first.weight

    def inner(w: Tensor) -> Tensor:
        bound = lambda p: torch.func.functional_call(module, {"first.weight": w}, (p,))  # noqa: E731
        loss = engine.derivatives(bound, points, request).square().mean()
        return torch.autograd.grad(loss, w, create_graph=True)[0].square().sum()

    w = weight.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(inner(w), w)
    direction, step = torch.randn_like(w), 1e-5
    with torch.no_grad():
        shifted = [w + s * step * direction for s in (1, -1)]
    above, below = (inner(s.requires_grad_()).item() for s in shifted)
    assert float((gradient * direction).sum()) == pytest.approx((above - below) / (2 * step), rel=1e-5)


@pytest.mark.parametrize(
    ("jets", "module_name"),
    [(Jets(compiled=False), "composition"), (Jets(), "native.run")],
    ids=["torch", "compiled"],
)
def test_blocks_of_points_do_not_change_the_result(monkeypatch, jets, module_name):
    module, points = network("tanh", 2), torch.randn(301, 2, dtype=torch.float64)
    request = Request(2, ((0, 0), (1, 1)), (Group(((2, 0), (0, 2)), (1.0, None)),))
    weights = [torch.randn(301, dtype=torch.float64)]
    whole = jets.derivatives(module, points, request, weights)
    monkeypatch.setattr(f"pinr.derivatives.{module_name}.BLOCK_BYTES", 1)
    assert relative(jets.derivatives(module, points, request, weights), whole) < 1e-14
    assert_agree(jets, module, points, request, weights)
