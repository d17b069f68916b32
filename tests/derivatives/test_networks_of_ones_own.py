"""Networks that users write: skips, splits, dead branches, broadcasts, other types of numbers; both tiers."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from pinr.derivatives.engines.jets import Jets
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.engines.reverse import Reverse
from pinr.derivatives.request import Group, Request


class Net(nn.Module):
    """Layers for the forms below."""

    def __init__(self, form, inputs):
        super().__init__()
        torch.manual_seed(3)
        self.form = form
        self.a, self.b, self.c = nn.Linear(inputs, 8), nn.Linear(8, 1), nn.Linear(inputs, 1)
        self.d, self.e = nn.Linear(inputs, 8), nn.Linear(8 + inputs, 1)
        self.w = nn.Parameter(torch.rand(inputs) + 0.5)
        self.phases = nn.Parameter(torch.rand(8))
        self.register_buffer("whole", torch.arange(1, 9))
        self.single = torch.linspace(1, 2, 8)

    def forward(self, points):
        return self.form(self, points)


FORMS = {
    "skip": lambda s, p: s.b(torch.tanh(s.a(p))) + s.c(p),
    "skip before a nonlinearity": lambda s, p: s.b(torch.tanh(torch.sin(s.a(p)) + s.d(p))),
    "input beside features": lambda s, p: s.e(torch.cat([p, torch.tanh(s.a(p))], dim=1)),
    "dead branch": lambda s, p: (torch.sin(s.d(p)), s.b(torch.tanh(s.a(p))))[1],
    "split": lambda s, p: (torch.tanh(s.a(p))[:, :4] * torch.sin(s.d(p))[:, 4:]).sum(1, keepdim=True),
    "scaled inputs": lambda s, p: s.b(torch.tanh(s.a(p * s.w))),
    "shifted inputs": lambda s, p: s.b(torch.tanh(s.a(p + s.w))),
    "whole numbers": lambda s, p: s.b(torch.tanh(s.a(p)) * s.whole),
    "a whole number": lambda s, p: s.b(torch.tanh(s.a(p)) * torch.tensor(3)),
    "single numbers": lambda s, p: s.b(torch.tanh(s.a(p)) * s.single),
    "one bias for all": lambda s, p: s.b(
        torch.sin(functional.linear(torch.tanh(s.a(p)), s.a.weight[:, :1] @ s.b.weight, s.b.bias))
    ),
    "difference with itself": lambda s, p: s.b(torch.tanh(s.a(p)) - torch.tanh(s.a(p)) * 0.5),
    "constant output": lambda s, p: s.b(torch.tanh(s.a(p * 0))),
}
REQUESTS = {
    "Laplacian alone": Request(2, (), (Group(((2, 0), (0, 2)), (1.0, 1.0)),)),
    "some derivatives": Request(2, ((0, 0), (1, 0), (2, 0), (0, 2))),
    "value and mixed": Request(2, ((0, 0), (1, 1))),
    "gradient": Request(2, ((1, 0), (0, 1))),
}


def answers(engine, module, points, request):
    channels = engine.derivatives(module, points, request)
    mix = torch.linspace(1, 2, channels.numel(), dtype=points.dtype).reshape(channels.shape)
    gradients = torch.autograd.grad(
        (channels * mix).sum() + channels.square().sum(),
        list(module.parameters()),
        allow_unused=True,
        materialize_grads=True,
    )
    return [channels.detach(), *gradients]


@pytest.mark.parametrize("request_name", REQUESTS)
@pytest.mark.parametrize("form", FORMS)
def test_any_form_equals_nested_autograd(form, request_name, tier):
    module = Net(FORMS[form], 2).double()
    points = torch.rand(23, 2, dtype=torch.float64)
    request = REQUESTS[request_name]
    theirs = answers(NestedAutograd(), module, points, request)
    engines = [Jets()] + ([Reverse()] if request.order <= 1 else [])
    for engine in engines:
        for ours, exact in zip(answers(engine, module, points, request), theirs, strict=True):
            torch.testing.assert_close(ours, exact, rtol=1e-9, atol=1e-10)


def test_learned_phases_of_one_input(tier):
    module = Net(lambda s, p: s.b(torch.sin(p + s.phases)), 1).double()
    points, request = torch.rand(9, 1, dtype=torch.float64), Request(1, ((0,), (1,), (2,)))
    for ours, exact in zip(
        answers(Jets(), module, points, request), answers(NestedAutograd(), module, points, request), strict=True
    ):
        torch.testing.assert_close(ours, exact, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("wrong", ["width", "precision"])
def test_layers_that_do_not_fit_fail_as_in_torch(wrong, tier):
    layer = nn.Linear(16, 1).double() if wrong == "width" else nn.Linear(8, 1)
    module = Net(lambda s, p: layer(torch.tanh(s.a(p))), 2).double()
    layer.float() if wrong == "precision" else None
    with pytest.raises(RuntimeError, match=r"shape|dtype|mat1|size"):
        Jets().derivatives(module, torch.rand(5, 2, dtype=torch.float64), REQUESTS["some derivatives"])


def test_what_is_not_a_number_stays_so(tier):
    bad = torch.tensor([[float("nan")], [float("inf")], [-float("inf")]], dtype=torch.float64)
    request = Request(1, ((0,), (1,)))
    for function in (torch.tanh, torch.sigmoid, torch.exp, torch.erf, functional.softplus):
        ours = Jets().derivatives(function, bad, request)[0, :, 0]
        torch.testing.assert_close(ours, function(bad)[:, 0], equal_nan=True, rtol=1e-12, atol=1e-300)
    assert torch.isnan(Jets().derivatives(torch.sin, bad[:1], request)).all()
    large = Jets().derivatives(torch.exp, torch.tensor([[800.0]], dtype=torch.float64), request)
    assert torch.isinf(large).all()
