"""Every rule of a torch function equals nested autograd, in value, derivatives to order three and gradients."""

import itertools

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from pinr.derivatives.engines.jets import Jets
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.jet import MissingRuleError
from pinr.derivatives.request import Group, Request

ORDER = 3
A = torch.linspace(-1, 1, 24, dtype=torch.float64).reshape(4, 6)

FUNCTIONS = {
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "tan": lambda z: torch.tan(z / 3),
    "arctan": torch.atan,
    "inverse root": lambda z: torch.rsqrt(1 + z * z),
    "leaky relu": lambda z: functional.leaky_relu(z, 0.1) * z,
    "elu": lambda z: functional.elu(z, 1.3) * z,
    "celu": lambda z: functional.celu(z, 0.5) * z,
    "selu": lambda z: functional.selu(z) * z,
    "mish": functional.mish,
    "softsign": functional.softsign,
    "logarithm of sigmoid": functional.logsigmoid,
    "clamp": lambda z: torch.clamp(z, -0.5, 0.8) * z,
    "clamp from below": lambda z: z.clamp(min=0.1) * z,
    "absolute value": lambda z: abs(z) * z,
    "softmax": lambda z: torch.softmax(3 * z, dim=1),
    "layer norm": lambda z: functional.layer_norm(z, (4,), A[:, 0], A[:, 1]),
    "layer norm of two axes": lambda z: functional.layer_norm(z.reshape(-1, 2, 2), (2, 2), eps=0.1).flatten(1),
    "rms norm": lambda z: functional.rms_norm(z, (4,), A[:, 0]),
    "transpose": lambda z: z.reshape(-1, 2, 2).transpose(1, 2).flatten(1) * z,
    "permute": lambda z: z.reshape(-1, 2, 1, 2).permute(0, 3, 2, 1).flatten(1) * z,
    "einsum with a constant": lambda z: torch.einsum("ni,ij->nj", z * z, A),
    "einsum in torch's default order": lambda z: torch.einsum("ij,jk", z * z, A),
    "einsum of two constants": lambda z: torch.einsum("ni,ij,kj->nk", z * z, A, A),
    "einsum of two jets": lambda z: torch.einsum("ni,nj->nij", z, z * z).flatten(1),
    "einsum of three": lambda z: torch.einsum("ni,ij,nj->n", z, A[:, :4], torch.sin(z)).reshape(-1, 1),
    "einsum as a trace": lambda z: torch.einsum("nij,nji->n", z.reshape(-1, 2, 2), z.reshape(-1, 2, 2)).unsqueeze(1),
}


def normalized(z: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
    centered = z - z.mean(axes, keepdim=True)
    return centered * torch.rsqrt(centered.square().mean(axes, keepdim=True) + eps)


# torch's own layer norm has wrong third derivatives, https://github.com/pytorch/pytorch/issues/175754
REFERENCES = {
    "layer norm": lambda z: normalized(z, (1,), 1e-5) * A[:, 0] + A[:, 1],
    "layer norm of two axes": lambda z: normalized(z.reshape(-1, 2, 2), (1, 2), 0.1).flatten(1),
}


class Net(nn.Module):
    """A function between two layers, the first of which has curvature, so that no channel is special."""

    def __init__(self, function) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.function = nn.Linear(2, 4).double(), function

    def forward(self, points: Tensor) -> Tensor:
        h = self.first(points)
        return self.function(h + 0.3 * torch.sin(h))


@pytest.mark.parametrize("grouped", [False, True], ids=["partials", "groups"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_rule_equals_nested_autograd(name, grouped, tier):
    module, generator = Net(FUNCTIONS[name]), torch.Generator().manual_seed(1)
    reference = Net(REFERENCES.get(name, FUNCTIONS[name]))
    points = torch.randn(6, 2, generator=generator, dtype=torch.float64)
    indices = sorted((i for i in itertools.product(range(ORDER + 1), repeat=2) if sum(i) <= ORDER), key=sum)
    request, weights = Request(2, tuple(indices)), ()
    if grouped:
        weights = (torch.randn(6, generator=generator, dtype=torch.float64),)
        request = Request(2, (indices[0],), (Group(((2, 0), (0, 2), (1, 0)), (1.0, None, -2.0)),))
    ours = Jets().derivatives(module, points, request, weights)
    theirs = NestedAutograd().derivatives(reference, points, request, weights)
    assert ours.shape == theirs.shape
    assert (ours - theirs).norm() < 1e-10 * theirs.norm()
    mix = torch.randn(ours.shape, generator=generator, dtype=torch.float64)
    mine = torch.autograd.grad((ours * mix).sum(), list(module.parameters()))
    his = torch.autograd.grad((theirs * mix).sum(), list(reference.parameters()))
    assert all((a - b).norm() < 1e-10 * b.norm() for a, b in zip(mine, his, strict=True))


@pytest.mark.parametrize(
    "function",
    [
        lambda z: torch.einsum("ni,nj->ij", z, z),
        lambda z: torch.einsum("ni,ij->jn", z, A),
        lambda z: torch.einsum("...i,ij->...j", z, A),
        lambda z: z.permute(1, 0),
        lambda z: z.transpose(0, 1),
        lambda z: torch.clamp(z, z.channels[0], None),
        lambda z: torch.softmax(z, dim=0),
    ],
)
def test_forms_that_couple_points_or_have_no_rule_are_reported(function):
    with pytest.raises(MissingRuleError):
        Jets().derivatives(Net(function), torch.ones(4, 2, dtype=torch.float64), Request(2, ((2, 0),)))


def test_exponential_units_do_not_overflow():
    at = torch.tensor([[1e3, -1e3]])
    assert torch.isfinite(Jets().derivatives(functional.elu, at, Request(2, ((0, 0), (1, 0), (2, 0))))).all()
