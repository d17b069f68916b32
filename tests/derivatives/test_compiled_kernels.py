"""Compiled kernels: any network, order and output equals nested autograd; results repeat; what has none falls back."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from pinr.derivatives.engines import jets
from pinr.derivatives.engines.hessians import AdjointHessians
from pinr.derivatives.engines.jets import Jets
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.engines.reverse import Reverse
from pinr.derivatives.native import library, run
from pinr.derivatives.native.jet import TapeJet
from pinr.derivatives.request import Group, Request
from pinr.networks import MLP, FourierFeatures, ModifiedMLP, PirateNet, ResidualMLP, Siren

pytestmark = pytest.mark.skipif(library.why_not() is not None, reason=f"no compiled kernels: {library.why_not()}")

LAPLACIAN = Request(2, ((0, 0), (1, 0), (0, 1)), (Group(((2, 0), (0, 2)), (1.0, 1.0)),))
RECIPES = {
    "Siren": Siren(8, 3, omega=3.0),
    "around a sphere": Siren(8, 2, omega=3.0, sphere=0.5),
    "tanh": MLP(8, 2),
    "gelu": MLP(8, 2, activation="gelu"),
    "softplus": MLP(8, 2, activation="softplus"),
    "silu": MLP(8, 2, activation="silu"),
    "sigmoid": MLP(8, 2, activation="sigmoid"),
    "residual": ResidualMLP(8, 2),
    "gated": ModifiedMLP(8, 2),
    "Fourier": FourierFeatures(8, 2),
    "PirateNet": PirateNet(8, 1),
}


def module_of(recipe, inputs=2, outputs=2, seed=0):
    return recipe.build(inputs, outputs, frequency=4.0, generator=torch.Generator().manual_seed(seed))


def points_of(count, inputs=2, dtype=torch.float64, seed=1):
    return torch.rand(count, inputs, dtype=dtype, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def answers(engine, module, points, request, weights=()):
    """Channels, and gradients of a nonlinear function of them."""
    channels = engine.derivatives(module, points, request, weights)
    loss = torch.sin(channels).square().sum()
    gradients = torch.autograd.grad(loss, list(module.parameters()), allow_unused=True, materialize_grads=True)
    return [channels.detach(), *gradients]


def assert_equal(ours, theirs, tolerance=1e-10):
    for a, b in zip(ours, theirs, strict=True):
        assert float((a - b).norm()) <= tolerance * max(float(b.norm()), 1e-6)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_runs_in_compiled_kernels_and_equals_nested_autograd(name):
    module, points = module_of(RECIPES[name]), points_of(50)
    assert_equal(answers(Jets(), module, points, LAPLACIAN), answers(NestedAutograd(), module, points, LAPLACIAN))


@pytest.mark.parametrize("name", [n for n in RECIPES if n != "Fourier"])
def test_no_recipe_leaves_the_kernels(name, monkeypatch):
    """The whole network is one tape: one call forward, and the result is the tape's."""
    calls = []
    monkeypatch.setattr("pinr.derivatives.native.jet.carried_out", lambda *a: calls.append(a) or run.carried_out(*a))
    Jets().derivatives(module_of(RECIPES[name]), points_of(20), LAPLACIAN)
    assert len(calls) == 1


class RandomNet(nn.Module):
    """Layers drawn by hypothesis: plain, residual, gated, joined, scaled."""

    def __init__(self, inputs, outputs, width, kinds, activations):
        super().__init__()
        self.kinds, self.activations = kinds, activations
        self.first = nn.Linear(inputs, width)
        self.layers = nn.ModuleList(nn.Linear(2 * width if k == "join" else width, width) for k in kinds)
        self.factor = nn.Parameter(torch.tensor(0.3))
        self.last = nn.Linear(width, outputs)

    def forward(self, points):
        h = first = self.activations[0](self.first(points))
        for kind, layer, activation in zip(self.kinds, self.layers, itertools.cycle(self.activations)):
            if kind == "join":
                h = activation(layer(torch.cat([h, first], dim=-1)))
                continue
            new = activation(layer(h))
            h = {"plain": new, "residual": h + self.factor * new, "gated": new * h - first}[kind]
        return self.last(h)


ACTIVATIONS = {"sin": torch.sin, "tanh": torch.tanh, "gelu": functional.gelu, "softplus": functional.softplus}


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    inputs=st.integers(1, 3),
    outputs=st.integers(1, 3),
    width=st.integers(1, 19),
    kinds=st.lists(st.sampled_from(["plain", "residual", "gated", "join"]), max_size=4),
    activations=st.lists(st.sampled_from(sorted(ACTIVATIONS)), min_size=1, max_size=2),
    order=st.integers(1, 3),
    count=st.integers(1, 70),
)
def test_random_architectures_equal_nested_autograd(inputs, outputs, width, kinds, activations, order, count):
    torch.manual_seed(0)
    module = RandomNet(inputs, outputs, width, kinds, [ACTIVATIONS[a] for a in activations]).double()
    axis = tuple(order * (i == 0) for i in range(inputs))
    second = tuple(tuple(2 * (i == j) for i in range(inputs)) for j in range(inputs))
    request = Request(inputs, ((0,) * inputs, axis), (Group(second, (1.5,) * inputs),))
    points = points_of(count, inputs)
    ours, theirs = (answers(e, module, points, request) for e in (Jets(), NestedAutograd()))
    assert_equal(ours, theirs)


@pytest.mark.parametrize("indices", [((6, 0),), ((3, 3),), ((5, 0), (0, 5)), ((2, 2), (4, 0), (1, 0))], ids=str)
def test_orders_up_to_six(indices):
    module, points = module_of(Siren(6, 2, omega=2.0)), points_of(12)
    request = Request(2, ((0, 0),), (Group(indices, tuple(1.0 + n for n in range(len(indices)))),))
    ours, theirs = (answers(e, module, points, request) for e in (Jets(), NestedAutograd()))
    assert_equal(ours, theirs, tolerance=1e-9)


@pytest.mark.parametrize("name", ["Siren", "tanh", "residual", "gated", "Fourier"])
def test_reverse_mode_stays_in_the_kernels(name, monkeypatch):
    monkeypatch.setattr("pinr.derivatives.engines.reverse.NestedAutograd", None)  # nothing may call it
    Reverse().derivatives(module_of(RECIPES[name], 3), points_of(9, 3), Request(3, ((1, 0, 0), (0, 0, 1))))


@pytest.mark.parametrize("name", ["Siren", "gated", "residual", "PirateNet", "Fourier"])
def test_reverse_mode_equals_nested_autograd(name):
    request = Request(3, ((0, 0, 0), (1, 0, 0), (0, 0, 1), (0, 1, 0)))
    for outputs in (1, 2):
        module, points = module_of(RECIPES[name], 3, outputs), points_of(40, 3)
        assert_equal(answers(Reverse(), module, points, request), answers(NestedAutograd(), module, points, request))


HESSIAN = Request(
    3,
    ((0, 0, 0), (0, 0, 1), (2, 0, 0), (0, 2, 0), (1, 1, 0), (0, 1, 1)),
    (Group(((0, 0, 2), (1, 0, 1), (1, 0, 0)), (1.0, None, 2.0)),),
)


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("name", ["Siren", "gelu", "softplus", "silu", "residual", "Fourier", "gated", "PirateNet"])
def test_adjoint_hessians_equal_nested_autograd(name, outputs):
    module, points = module_of(RECIPES[name], 3, outputs), points_of(40, 3)
    weights = (points[:, 0].exp(),)
    ours, theirs = (answers(e, module, points, HESSIAN, weights) for e in (AdjointHessians(), NestedAutograd()))
    assert_equal(ours, theirs)


@pytest.mark.parametrize("name", ["Siren", "tanh", "gelu", "softplus", "sigmoid", "residual", "Fourier"])
def test_adjoint_hessians_need_no_second_derivatives_of_layers(name, monkeypatch):
    """What the kernels carry are first derivatives, one channel for each input."""
    tapes = []
    monkeypatch.setattr(
        "pinr.derivatives.engines.hessians.carried_out", lambda *a: tapes.append(a[0]) or run.carried_out(*a)
    )
    AdjointHessians().derivatives(module_of(RECIPES[name], 3, 1), points_of(9, 3), HESSIAN, (torch.ones(9),))
    assert [tape.algebra.size for tape in tapes] == [4]


@pytest.mark.parametrize("name", ["Siren", "residual", "Fourier"])
def test_adjoint_hessians_have_gradients_of_gradients(name):
    module, points = module_of(RECIPES[name], 3), points_of(15, 3)
    parameters, found = [p for p in module.parameters() if p.requires_grad], []
    for engine in (AdjointHessians(), NestedAutograd()):
        loss = torch.sin(engine.derivatives(module, points, HESSIAN, (points[:, 1],))).square().sum()
        first = torch.autograd.grad(loss, parameters, create_graph=True, allow_unused=True, materialize_grads=True)
        size = sum(g.square().sum() for g in first)
        found.append(torch.autograd.grad(size, parameters, allow_unused=True, materialize_grads=True))
    assert_equal(*found, tolerance=1e-9)


def test_adjoint_hessians_give_gradients_to_points_and_to_weights_of_groups():
    module, shift = module_of(RECIPES["tanh"], 3, 1), torch.zeros(3, dtype=torch.float64, requires_grad=True)
    weight, found = torch.tensor(2.0, dtype=torch.float64, requires_grad=True), []
    for engine in (AdjointHessians(), NestedAutograd()):
        loss = engine.derivatives(module, points_of(20, 3) + shift, HESSIAN, (weight,)).square().sum()
        found.append(torch.autograd.grad(loss, [shift, weight, *module.parameters()]))
    assert_equal(*found)


def test_many_second_derivatives_are_summed_in_several_loops(monkeypatch):
    monkeypatch.setattr("pinr.derivatives.native.adjoint.PAIRS_AT_ONCE", 2)
    module, points, weight = module_of(RECIPES["Fourier"], 3, 2), points_of(30, 3), (torch.ones(30),)
    ours, theirs = (answers(e, module, points, HESSIAN, weight) for e in (AdjointHessians(), NestedAutograd()))
    assert_equal(ours, theirs)


def test_adjoint_hessians_are_exact_in_single_precision_and_hardly_depend_on_blocks(monkeypatch):
    module, points = module_of(Siren(24, 3, omega=3.0), 3, 1), points_of(700, 3)
    weights = (points[:, 0].exp(),)
    exact = answers(AdjointHessians(), module, points, HESSIAN, weights)
    monkeypatch.setattr(run, "BLOCK_BYTES", 1 << 15)
    assert_equal(answers(AdjointHessians(), module, points, HESSIAN, weights), exact, tolerance=1e-13)
    single = answers(AdjointHessians(), module.float(), points.float(), HESSIAN, tuple(w.float() for w in weights))
    assert_equal([a.double() for a in single], exact, tolerance=1e-5)


def test_weights_of_groups_may_differ_from_point_to_point(monkeypatch):
    calls = []
    monkeypatch.setattr("pinr.derivatives.native.jet.carried_out", lambda *a: calls.append(a) or run.carried_out(*a))
    module, points = module_of(RECIPES["Siren"]), points_of(30)
    request = Request(2, ((0, 0),), (Group(((2, 0), (0, 2), (1, 0)), (None, None, 0.5)),))
    weights = (points[:, 0].exp(), torch.tensor(2.0, dtype=torch.float64))
    ours, theirs = (answers(e, module, points, request, weights) for e in (Jets(), NestedAutograd()))
    assert_equal(ours, theirs)
    assert len(calls) == 1


def test_trained_weights_of_groups_fall_back_and_get_gradients():
    module, points = module_of(RECIPES["Siren"]), points_of(30)
    request = Request(2, (), (Group(((2, 0), (0, 2)), (None, 1.0)),))
    weight = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    gradients = []
    for engine in (Jets(), NestedAutograd()):
        loss = engine.derivatives(module, points, request, (weight,)).square().sum()
        gradients.append(torch.autograd.grad(loss, weight)[0])
    assert_equal(gradients[:1], gradients[1:])


@pytest.mark.parametrize("name", ["Siren", "gated", "residual", "PirateNet", "Fourier", "gelu"])
def test_gradients_of_gradients(name):
    module, points = module_of(RECIPES[name]), points_of(20)
    parameters = [p for p in module.parameters() if p.requires_grad]
    found = []
    for engine in (Jets(), NestedAutograd()):
        loss = engine.derivatives(module, points, LAPLACIAN).square().sum()
        first = torch.autograd.grad(loss, parameters, create_graph=True, allow_unused=True, materialize_grads=True)
        size = sum(g.square().sum() for g in first)
        found.append(torch.autograd.grad(size, parameters, allow_unused=True, materialize_grads=True))
    assert_equal(*found, tolerance=1e-9)


@pytest.mark.parametrize("outputs", [1, 2])
def test_gradients_of_gradients_in_reverse_mode(outputs):
    module, points = module_of(RECIPES["residual"], 3, outputs), points_of(20, 3)
    request = Request(3, ((0, 0, 0), (1, 0, 0), (0, 0, 1)))
    found = []
    for engine in (Reverse(), NestedAutograd()):
        loss = torch.sin(engine.derivatives(module, points, request)).square().sum()
        parameters = [p for p in module.parameters() if p.requires_grad]
        first = torch.autograd.grad(loss, parameters, create_graph=True)
        found.append(torch.autograd.grad(sum(g.square().sum() for g in first), parameters))
    assert_equal(*found, tolerance=1e-9)


FIRST_LAYERS = {
    "mapped": lambda layer, x: torch.tanh(layer(x)),
    "scaled before": lambda layer, x: torch.tanh(layer(2.0 * x - 0.5)),
    "scaled behind": lambda layer, x: torch.sin(3.0 * layer(x)),
    "mapped twice": lambda layer, x: torch.tanh(layer(functional.linear(x, torch.eye(2).to(x.dtype)))),
    "used twice": lambda layer, x: (y := layer(x), torch.sin(y) + torch.cos(y))[1],
    "used as it is": lambda layer, x: (y := layer(x), torch.sin(y) + y)[1],
    "without a bias": lambda layer, x: torch.tanh(functional.linear(x, layer.weight)),
    "of an unknown function": lambda layer, x: torch.sqrt(2.0 + torch.sin(layer(x))) + torch.atan(layer(x)),
}


@pytest.mark.parametrize("name", FIRST_LAYERS)
def test_every_way_to_begin_equals_nested_autograd(name):
    """What comes before the first nonlinearity is computed in the kernels where it can be, in torch where it cannot."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(2, 7), nn.Linear(7, 2)

        def forward(self, points):
            return self.last(torch.sin(FIRST_LAYERS[name](self.first, points)))

    torch.manual_seed(0)
    module, points = Net().double(), points_of(23)
    gradient = Request(2, ((0, 0), (1, 0), (0, 1)))
    for engine, request in ((Jets(), LAPLACIAN), (Reverse(), gradient)):
        theirs = answers(NestedAutograd(), module, points, request)
        assert_equal(answers(engine, module, points, request), theirs)
        module.last.requires_grad_(False).zero_grad()
        module.first.bias.requires_grad_(False)
        loss = torch.sin(engine.derivatives(module, points, request)).square().sum()
        assert_equal(torch.autograd.grad(loss, module.first.weight), [theirs[1]])
        module.requires_grad_(True)


@pytest.mark.parametrize("engine", [Jets(), Reverse()], ids=lambda engine: engine.name)
def test_points_that_are_trained_get_gradients_from_gradients(engine):
    module, request = module_of(RECIPES["tanh"], outputs=1), Request(2, ((1, 0), (0, 1)))
    shift, gradients = torch.zeros(2, dtype=torch.float64, requires_grad=True), []
    for found in (engine, NestedAutograd()):
        loss = found.derivatives(module, points_of(20) + shift, request).square().sum()
        gradients.append(torch.autograd.grad(loss, [shift, *module.parameters()], allow_unused=True)[:-1])
    assert_equal(*gradients)


def test_points_that_depend_on_something_trained_get_gradients():
    module, shift = module_of(RECIPES["Siren"]), torch.zeros(2, dtype=torch.float64, requires_grad=True)
    gradients = []
    for engine in (Jets(), NestedAutograd()):
        loss = engine.derivatives(module, points_of(20) + shift, LAPLACIAN).square().sum()
        gradients.append(torch.autograd.grad(loss, shift)[0])
    assert_equal(gradients[:1], gradients[1:])


def test_single_precision_is_as_exact_as_torch():
    module, points = module_of(RECIPES["Siren"]), points_of(300)
    exact = answers(NestedAutograd(), module, points, LAPLACIAN)
    single = answers(Jets(), module.float(), points.float(), LAPLACIAN)
    assert_equal([a.double() for a in single], exact, tolerance=1e-5)


@pytest.mark.parametrize("name", ["sine", "cosine", "tanh", "logistic", "exponential", "softplus", "gelu", "erf"])
def test_elementary_functions_are_exact_to_rounding(name):
    functions = {
        "sine": torch.sin, "cosine": torch.cos, "tanh": torch.tanh, "logistic": torch.sigmoid, "exponential": torch.exp,
        "softplus": functional.softplus, "gelu": functional.gelu, "erf": torch.erf,
    }  # fmt: skip
    y = torch.cat([torch.linspace(-30, 30, 4001), torch.linspace(-1e-3, 1e-3, 101)]).double()[:, None]
    if name in ("sine", "cosine"):
        y = torch.cat([y, 40 * y])
    if name == "softplus":
        y = y[y.abs() < 20][:, None]  # beyond, torch's own takes the line
    for dtype, tolerance in ((torch.float64, 1e-14), (torch.float32, 5e-7)):
        z = y.to(dtype)
        request = Request(1, ((0,), (1,)))
        value, slope = Jets().derivatives(functions[name], z, request)
        exact, exact_slope = NestedAutograd().derivatives(functions[name], z.double(), request).detach()
        for ours, theirs in ((value, exact), (slope, exact_slope)):
            scale = torch.maximum(theirs.abs(), torch.ones(()))
            assert float(((ours.double() - theirs).abs() / scale).max()) < tolerance


def test_results_repeat_bit_by_bit_and_hardly_depend_on_threads_and_blocks(monkeypatch):
    module, points = module_of(Siren(32, 3, omega=3.0)), points_of(3000)
    monkeypatch.setattr(run, "BLOCK_BYTES", 1 << 15)
    first, second = (answers(Jets(), module, points, LAPLACIAN) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        assert_equal(answers(Jets(), module, points, LAPLACIAN), first, tolerance=1e-13)
    finally:
        torch.set_num_threads(threads)


def test_what_has_no_kernel_goes_on_in_torch():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(2, 8), nn.Linear(4, 1)

        def forward(self, points):
            h = torch.tanh(self.first(points))
            return self.last(torch.sqrt(1 + h[:, :4] ** 2))

    torch.manual_seed(0)
    module, points = Odd().double(), points_of(20)
    assert_equal(answers(Jets(), module, points, LAPLACIAN), answers(NestedAutograd(), module, points, LAPLACIAN))


def test_a_jet_on_a_tape_computes_nothing_before_it_is_asked():
    seen = []

    def network(points):
        seen.append(torch.sin(points))
        return seen[-1]

    Jets().derivatives(network, points_of(5), LAPLACIAN)
    assert isinstance(seen[0], TapeJet) and seen[0].dtype == torch.float64 and seen[0].shape == (5, 2)


def test_without_a_compiler_the_same_numbers_come_from_torch(monkeypatch):
    module, points = module_of(RECIPES["gated"]), points_of(40)
    compiled = answers(Jets(), module, points, LAPLACIAN)
    monkeypatch.setattr(jets, "why_not", lambda: "hidden")
    monkeypatch.setattr("pinr.derivatives.native.jet.carried_out", None)  # nothing may call it
    assert_equal(answers(Jets(), module, points, LAPLACIAN), compiled)


def test_a_compiler_that_fails_is_as_good_as_none(monkeypatch):
    for function in (library.compiler, library.why_not, library._flags):
        function.cache_clear()
    monkeypatch.setenv("CC", "false")
    try:
        assert library.why_not() == f"`{library.compiler()}` fails"
        monkeypatch.setenv(library.SWITCH, "0")
        library.why_not.cache_clear()
        assert library.why_not() == "PINR_NATIVE=0"
    finally:
        monkeypatch.undo()
        for function in (library.compiler, library.why_not, library._flags):
            function.cache_clear()
    assert library.why_not() is None


def test_no_points_give_no_rows():
    channels = Jets().derivatives(module_of(RECIPES["Siren"]), points_of(0), LAPLACIAN)
    assert channels.shape == (4, 0, 2) and not np.size(channels.detach().numpy())


def test_a_cache_that_others_can_write_to_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    safe = library.cache_folder()
    assert safe == tmp_path / "pinr" / "kernels" and safe.stat().st_mode & 0o077 == 0
    safe.chmod(0o777)
    assert library.cache_folder() != safe
    safe.chmod(0o700)
    (tmp_path / "pinr").chmod(0o777)
    assert library.cache_folder() != safe


def test_a_kernel_that_was_cut_short_is_compiled_again(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    module, points = module_of(Siren(5, 1, omega=2.0)), points_of(9)
    library.library.cache_clear()
    exact = answers(Jets(), module, points, LAPLACIAN)
    for kernel in library.cache_folder().glob("*.so"):
        kernel.unlink()  # the loaded library lives on; a new file takes its place
        kernel.write_bytes(b"\x7fELF")
        kernel.chmod(0o700)
    library.library.cache_clear()
    assert_equal(answers(Jets(), module, points, LAPLACIAN), exact, tolerance=1e-15)
