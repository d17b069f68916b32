"""Fused kernels: every function and algebra equals plain torch, gradients included; what has none goes on in torch.

Without a GPU Triton's interpreter runs them on the CPU; `-m gpu` runs them compiled.
"""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from pinr.derivatives import towers
from pinr.derivatives.affine_jet import AffineJet, _AffineComposition
from pinr.derivatives.algebra import algebra_of, weights_of
from pinr.derivatives.composition import _Composition
from pinr.derivatives.differentiable import compose_differentiably
from pinr.derivatives.engines import jets
from pinr.derivatives.engines.jets import Jets
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.fused import composition, library
from pinr.derivatives.fused.activations import ACTIVATIONS
from pinr.derivatives.fused.composition import FusedAffineComposition, FusedComposition
from pinr.derivatives.fused.kernels import AffineComposition, Composition
from pinr.derivatives.request import Group, Request
from pinr.networks import MLP, FourierFeatures, ModifiedMLP, PirateNet, ResidualMLP, Siren

triton = pytest.importorskip("triton")

TOWERS = {
    "sine": towers.sine,
    "cosine": towers.cosine,
    "tanh": towers.hyperbolic_tangent,
    "logistic": towers.logistic,
    "exponential": towers.exponential,
    "softplus": towers.softplus(1.0),
    "gelu": towers.gelu,
    "erf": towers.error_function,
}
SECOND = ((2, 0), (0, 2))
REQUESTS = {
    "gradient": Request(2, ((0, 0), (1, 0), (0, 1))),
    "Laplacian": Request(2, ((0, 0), (1, 0), (0, 1)), (Group(SECOND, (1.0, 1.0)),)),
    "anisotropic": Request(2, ((0, 0),), (Group((*SECOND, (1, 0)), (0.5, -2.0, 3.0)),)),
    "weights at points": Request(2, ((0, 0), (1, 0)), (Group((*SECOND, (0, 1)), (None, 2.0, None)),)),
    "third order": Request(2, ((0, 0), (3, 0), (1, 1))),
    "bilaplacian": Request(2, ((0, 0),), (Group(((4, 0), (2, 2), (0, 4)), (1.0, 2.0, 1.0)), Group(SECOND, (1.0, 1.0)))),
    "fourth order": Request(1, ((0,), (1,), (4,)), (Group(((3,), (4,)), (None, 1e-7)),)),
}
LAPLACIAN = REQUESTS["Laplacian"]


@pytest.fixture(autouse=True, scope="module")
def _folders(tmp_path_factory):
    """Hundreds of kernels are written; none of them is for anybody's cache."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_CACHE_HOME", "TRITON_CACHE_DIR"):
            patch.setenv(variable, str(tmp_path_factory.mktemp(variable)))
        yield


@pytest.fixture(params=["interpreted", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(request, monkeypatch):
    if request.param == "interpreted":
        monkeypatch.setenv(library.INTERPRETER, "1")
        monkeypatch.setattr(jets, "why_not", lambda: "the test hides the compiler")
        return torch.device("cpu")
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device")
    return torch.device("cuda")


def random_tensor(*shape, seed=0):
    """Numbers in float64 that are float32 as well."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double()


def weights_for(request, count):
    open_places = sum(w is None for g in request.groups for w in g.weights)
    return weights_of(request.groups, [random_tensor(count, seed=9 + n) for n in range(open_places)])


def on(weights, device, dtype=torch.float64):
    return tuple(tuple(w if isinstance(w, float) else w.to(device, dtype) for w in group) for group in weights)


def answers(function, tower, channels, algebra, weights, wanted):
    """The jet of a composition and the cotangent of its argument."""
    channels = channels.detach().requires_grad_(True)
    found = function.apply(channels, tower, algebra, weights, wanted)
    cotangent = random_tensor(*found.shape, seed=5).to(found)
    return [found.detach(), *torch.autograd.grad(found, channels, cotangent)]


def error(ours, exact):
    return float((ours.cpu().double() - exact).norm()) / max(float(exact.norm()), 1e-6)


def assert_equal(ours, theirs, tolerance=1e-10):
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape
        assert error(a, b) <= tolerance


def test_every_function_with_a_kernel_is_tested():
    assert set(TOWERS) == set(ACTIVATIONS) and all(tower.name == name for name, tower in TOWERS.items())


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("function", TOWERS)
def test_every_function_and_algebra_equals_torch(function, name, device):
    algebra, tower, weights = algebra_of(REQUESTS[name]), TOWERS[function], weights_for(REQUESTS[name], 30)
    y = random_tensor(algebra.size, 30, 11)
    every = tuple(range(algebra.size))
    for wanted in (every, every[:1], every[1:], (0, algebra.size - 1)):
        exact = answers(_Composition, tower, y, algebra, weights, wanted)
        assert_equal(answers(FusedComposition, tower, y.to(device), algebra, on(weights, device), wanted), exact)
    single = on(weights, device, torch.float32)
    exact, ours, theirs = (
        answers(f, tower, t, algebra, w, every)
        for f, t, w in (
            (_Composition, y, weights),
            (FusedComposition, y.to(device).float(), single),
            (_Composition, y.to(device).float(), single),
        )
    )
    assert ours[0].dtype == torch.float32
    for a, b, c in zip(ours, theirs, exact, strict=True):
        assert error(a, c) <= 1e-6 + 2 * error(b, c)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    inputs=st.integers(1, 3),
    partials=st.lists(st.tuples(*[st.integers(0, 2)] * 3).filter(lambda i: sum(i) <= 4), min_size=1, max_size=3),
    members=st.lists(st.tuples(*[st.integers(0, 2)] * 3).filter(lambda i: 0 < sum(i) <= 4), max_size=3, unique=True),
    is_open=st.booleans(),
    count=st.integers(1, 40),
    width=st.integers(1, 40),
)
def test_random_algebras_equal_torch(inputs, partials, members, is_open, count, width):
    members = tuple(dict.fromkeys(m[:inputs] for m in members if any(m[:inputs])))
    groups = (Group(members, (None if is_open else 1.5,) * len(members)),) if members else ()
    request = Request(inputs, tuple(dict.fromkeys(p[:inputs] for p in partials)), groups)
    algebra, weights = algebra_of(request), weights_for(request, count)
    if algebra.size == 1:
        return
    y, every = random_tensor(algebra.size, count, width), tuple(range(algebra.size))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(library.INTERPRETER, "1")
        ours, theirs = (answers(f, towers.gelu, y, algebra, weights, every) for f in (FusedComposition, _Composition))
    assert_equal(ours, theirs)


def first_layer(tower, algebra, place, dtype, *, is_fused, shape=(20, 9)):
    """The jet behind a first layer and the cotangents of its argument and rows."""
    value, rows = random_tensor(*shape), random_tensor(algebra.size - 1, shape[1], seed=1)
    value, rows = (t.to(place, dtype).requires_grad_(True) for t in (value, rows))
    weights = weights_of(algebra.groups, [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pinr.derivatives.affine_jet.has_kernel", lambda *_: is_fused)
        jet = AffineJet(value, rows, algebra, weights).composed(tower).channels
    function = FusedAffineComposition if is_fused else _AffineComposition
    assert isinstance(jet.grad_fn, function._backward_cls)
    cotangent = random_tensor(*jet.shape, seed=3).to(jet)
    gradients = torch.autograd.grad(jet, (value, rows), cotangent, allow_unused=True, materialize_grads=True)
    return [jet.detach(), *gradients]


@pytest.mark.parametrize("name", [n for n in REQUESTS if all(w for g in REQUESTS[n].groups for w in g.weights)])
@pytest.mark.parametrize("function", TOWERS)
def test_the_first_layer_equals_torch(function, name, device):
    algebra, tower = algebra_of(REQUESTS[name]), TOWERS[function]
    exact = first_layer(tower, algebra, "cpu", torch.float64, is_fused=False)
    assert_equal(first_layer(tower, algebra, device, torch.float64, is_fused=True), exact)
    ours, theirs = (first_layer(tower, algebra, device, torch.float32, is_fused=f) for f in (True, False))
    for a, b, c in zip(ours, theirs, exact, strict=True):
        assert error(a, c) <= 1e-6 + 2 * error(b, c)


def test_wide_first_layers_take_several_programs_on_both_axes(device):
    algebra, shape = algebra_of(LAPLACIAN), (2 * composition.POINTS + 3, composition.MOST_UNITS + 12)
    exact = first_layer(towers.sine, algebra, "cpu", torch.float64, is_fused=False, shape=shape)
    assert_equal(first_layer(towers.sine, algebra, device, torch.float64, is_fused=True, shape=shape), exact)


@pytest.mark.parametrize("function", TOWERS)
def test_functions_are_exact_to_rounding_far_out(function, device):
    y = torch.cat([torch.linspace(-19, 19, 401), torch.linspace(-1e-3, 1e-3, 11)]).double()[:, None]
    algebra = algebra_of(Request(1, ((0,), (1,))))
    exact = compose_differentiably(TOWERS[function], torch.stack([y, torch.ones_like(y)]), algebra, ())
    for dtype, tolerance in ((torch.float64, 1e-14), (torch.float32, 5e-7)):
        z = y.to(device, dtype)
        ours = FusedComposition.apply(torch.stack([z, torch.ones_like(z)]), TOWERS[function], algebra, (), (0, 1))
        # What rounding the argument to single precision makes of it is no error of the kernel.
        error = (ours.cpu().double() - exact).abs() - (z.cpu().double() - y).abs() * exact[1].abs()
        assert float((error / exact.abs().clamp(min=1.0)).max()) < tolerance


RECIPES = {
    "Siren": Siren(8, 3, omega=3.0),
    "tanh": MLP(8, 2),
    "gelu": MLP(8, 2, activation="gelu"),
    "silu": MLP(8, 2, activation="silu"),
    "residual": ResidualMLP(8, 2),
    "gated": ModifiedMLP(8, 2),
    "Fourier": FourierFeatures(8, 2),
    "PirateNet": PirateNet(8, 1),
}


def module_of(recipe):
    return recipe.build(2, 2, frequency=4.0, generator=torch.Generator().manual_seed(0)).double()


def network_answers(engine, module, points, request, weights=()):
    channels = engine.derivatives(module, points, request, weights)
    loss = torch.sin(channels).square().sum()
    gradients = torch.autograd.grad(loss, list(module.parameters()), allow_unused=True, materialize_grads=True)
    return [channels.detach(), *gradients]


@pytest.fixture
def launches(monkeypatch):
    found = []
    original = library.kernels
    monkeypatch.setattr(composition, "kernels", lambda kernel: found.append(kernel) or original(kernel))
    return found


@pytest.mark.parametrize("name", RECIPES)
def test_networks_run_in_fused_kernels_and_equal_nested_autograd(name, device, launches):
    module, points = module_of(RECIPES[name]), random_tensor(20, 2)
    exact = network_answers(NestedAutograd(), module, points, LAPLACIAN)
    assert_equal(network_answers(Jets(), module.to(device), points.to(device), LAPLACIAN), exact)
    assert {type(kernel) for kernel in launches} >= {AffineComposition}


def test_hidden_layers_are_fused_too_with_weights_at_points(device, launches):
    request = REQUESTS["weights at points"]
    module, points = module_of(RECIPES["Siren"]), random_tensor(20, 2)
    weights = [points[:, 0].exp(), torch.tensor(2.0, dtype=torch.float64)]  # one of them the same everywhere
    exact = network_answers(NestedAutograd(), module, points, request, weights)
    ours = network_answers(Jets(), module.to(device), points.to(device), request, [w.to(device) for w in weights])
    assert_equal(ours, exact)
    assert [type(kernel) for kernel in launches] == [Composition] * 6  # three layers, forward and backward


@pytest.mark.parametrize("name", ["Siren", "gelu", "PirateNet"])
def test_gradients_of_gradients(name, device):
    module, points = module_of(RECIPES[name]), random_tensor(10, 2)
    found = []
    for engine, place in ((NestedAutograd(), "cpu"), (Jets(), device)):
        module = module.to(place)
        parameters = list(module.parameters())
        loss = engine.derivatives(module, points.to(place), LAPLACIAN).square().sum()
        first = torch.autograd.grad(loss, parameters, create_graph=True, allow_unused=True, materialize_grads=True)
        size = sum(g.square().sum() for g in first)
        found.append(
            [g.cpu() for g in torch.autograd.grad(size, parameters, allow_unused=True, materialize_grads=True)]
        )
    assert_equal(found[1], found[0], tolerance=1e-9)


def test_trained_weights_of_groups_go_through_torch_and_get_gradients(device, launches):
    request = Request(2, (), (Group(SECOND, (None, 1.0)),))
    module, points = module_of(RECIPES["Siren"]), random_tensor(10, 2)
    gradients = []
    for engine, place in ((NestedAutograd(), "cpu"), (Jets(), device)):
        weight = torch.tensor(2.0, dtype=torch.float64, device=place, requires_grad=True)
        loss = engine.derivatives(module.to(place), points.to(place), request, (weight,)).square().sum()
        gradients.append(torch.autograd.grad(loss, weight)[0].cpu())
    assert_equal(gradients[1:], gradients[:1])
    assert not launches


def test_what_has_no_kernel_goes_on_in_torch(device, launches):
    network = nn.Sequential(nn.Linear(2, 6), nn.Sigmoid(), nn.Linear(6, 2)).double()
    points = random_tensor(10, 2)

    def function(x):
        return torch.sqrt(2.0 + functional.softplus(network(x), beta=2.0))

    exact = NestedAutograd().derivatives(function, points, LAPLACIAN).detach()
    network.to(device)
    assert_equal([Jets().derivatives(function, points.to(device), LAPLACIAN).detach()], [exact])
    assert [kernel.function for kernel in launches] == ["logistic"]


def test_tensors_need_not_be_contiguous(device):
    algebra = algebra_of(LAPLACIAN)
    y = random_tensor(7, 9, algebra.size).to(device).permute(2, 1, 0).requires_grad_(True)
    found = []
    for function in (FusedComposition, _Composition):
        jet = function.apply(y, towers.sine, algebra, ((1.0, 1.0),), (0, 3))
        (gradient,) = torch.autograd.grad(jet.sum(), y)  # its cotangent has strides of 0
        found.append([jet.detach().cpu(), gradient.cpu()])
    assert_equal(*found)


@pytest.mark.parametrize("count", [0, 1])
def test_no_points_give_no_rows_and_one_gives_one(count, device):
    algebra = algebra_of(LAPLACIAN)
    y = random_tensor(algebra.size, count, 1).to(device)
    ours, theirs = (
        answers(f, towers.sine, y, algebra, ((1.0, 1.0),), (0, 1, 2, 3)) for f in (FusedComposition, _Composition)
    )
    assert_equal(ours, [t.cpu() for t in theirs])
    module = nn.Sequential(nn.Linear(2, 1), nn.Tanh()).double().to(device)
    points = random_tensor(count, 2).to(device)
    ours, theirs = (network_answers(e, module, points, LAPLACIAN) for e in (Jets(), NestedAutograd()))
    assert_equal(ours, [t.cpu() for t in theirs])


def test_results_repeat_bit_by_bit(device):
    module, points = module_of(RECIPES["Siren"]).to(device), random_tensor(50, 2).to(device)
    first, second = (network_answers(Jets(), module, points, LAPLACIAN) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def compiled(kernel, name, dtype, **known):
    """The assembly of a kernel for compute capability 9.0; that needs no GPU."""
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    function = getattr(library.kernels(kernel), name)
    constants = {n: v for n, v in {"BLOCK": 128, "POINTS": 16, **known}.items() if n in function.arg_names}
    types = {"width": "i32", "size": "i64"} | dict.fromkeys(constants, "constexpr")
    signature = {n: types.get(n, f"*{dtype}") for n in function.arg_names}
    source = ASTSource(function, signature, constants)
    return triton.compile(source, target=GPUTarget("cuda", 90, 32), options=composition.OPTIONS).asm["ptx"]


@pytest.mark.parametrize("function", [pytest.param(f, marks=[] if f == "gelu" else pytest.mark.slow) for f in TOWERS])
def test_kernels_compile_for_cuda(function):
    """The interpreter is more lenient than the compiler."""
    algebra = algebra_of(REQUESTS["weights at points"])
    places = ((1, 1), (2, 1), (3, 1), (3, 2))
    for kernel in (Composition(function, algebra, (0, 3)), AffineComposition(function, 2, places, 4)):
        for name in ("forward", "backward"):
            for dtype in ("fp32", "fp64"):
                assert ".target sm_90" in compiled(kernel, name, dtype)
            assert ".target sm_90" in compiled(kernel, name, "fp32", width=1)  # Triton makes a constant of 1
