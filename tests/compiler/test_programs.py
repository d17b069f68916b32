"""A program is pure functions; what does not fit is refused with the cure, what is slow is said."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
import xarray
from sympy import I, Mod, Piecewise, exp, log, sin, sqrt
from torch import nn

from pinr.compiler.block import Block, PointSet
from pinr.compiler.program import compile_problem
from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import CompilationError, DeclarationError
from pinr.geometry import Box
from pinr.geometry.sampling import Uniform
from pinr.language.coefficients import coefficient
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import grad, laplacian
from pinr.language.parameters import parameter
from pinr.networks import MLP, Siren

x, y, t = coordinates("x y", time="t")
u, w = unknown("u", x, y), unknown("w", x, y)
h, v = unknown("h", x, t), unknown("v", x, y, size=2)
SQUARE = Box(x=(0, 1), y=(0, 1))
SMALL = Siren(width=6, depth=2)
POISSON = Problem(on(SQUARE, Eq(-laplacian(u), 1), points=20), on(SQUARE.boundary, Eq(u, x), points=8))


def program_of(*equations, network=SMALL, region=SQUARE, dtype="float64", **options):
    return compile_problem(Problem(on(region, *equations, name="only", points=8, **options)), network, dtype=dtype)


class Odd(nn.Module):
    """Uses a function that jets have no rule for."""

    def __init__(self, outputs: int = 1) -> None:
        super().__init__()
        self.inner = nn.Linear(2, outputs)

    def forward(self, points):
        z = self.inner(points)
        return torch.atan2(torch.sin(z), 2 + z**2)


class Returns(nn.Module):
    def __init__(self, answer) -> None:
        super().__init__()
        self.answer, self.weight = answer, nn.Parameter(torch.ones(1))

    def forward(self, points):
        return self.answer(points)


def test_residuals_are_pure():
    program = compile_problem(POISSON, SMALL, dtype="float64")
    parameters, batch = program.initial(seed=0), program.batch(seed=0)
    before = {k: p.detach().clone() for k, p in parameters.items()}
    columns = {k: [c.clone() for c in b.columns] for k, b in batch.items()}
    first, second = (program.residuals(parameters, batch) for _ in range(2))
    program.loss(parameters, batch).backward()
    for name in POISSON.named_constraints:
        assert torch.equal(first[name], second[name])
        assert all(map(torch.equal, columns[name], batch[name].columns))
    assert all(torch.equal(before[k], p) for k, p in parameters.items())
    assert all(p.grad is not None for p in parameters.values())
    assert {k: tuple(r.shape) for k, r in first.items()} == {"interior": (20, 1), "boundary": (8, 1)}


def test_parameters_and_points_are_functions_of_their_seeds():
    program = compile_problem(POISSON, SMALL)
    a, b, c = program.initial(1), program.initial(1), program.initial(2)
    assert all(torch.equal(a[k], b[k]) for k in a) and not all(torch.equal(a[k], c[k]) for k in a)
    points = [
        program.batch(seed, draw=n)["interior"].samples.points["x"] for seed, n in ((0, 0), (0, 0), (0, 1), (1, 0))
    ]
    assert np.array_equal(points[0], points[1])
    assert not np.array_equal(points[0], points[2]) and not np.array_equal(points[0], points[3])
    assert program.batch(0, sampler=Uniform(), points={"interior": 3})["interior"].count == 3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_has_the_asked_precision(dtype):
    program = compile_problem(POISSON, SMALL, dtype=dtype)
    parameters, batch = program.initial(), program.batch()
    kinds = {p.dtype for p in parameters.values()} | {r.dtype for r in program.residuals(parameters, batch).values()}
    assert kinds == {getattr(torch, dtype)} == {program.loss(parameters, batch).dtype}


def test_other_precisions_are_refused():
    with pytest.raises(CompilationError, match="float32, float64"):
        compile_problem(POISSON, SMALL, dtype="float16")


@pytest.mark.parametrize(
    ("loss", "law"),
    [("l2", torch.square), ("l1", torch.abs), ("huber", lambda r: torch.where(r.abs() < 1, r**2 / 2, r.abs() - 0.5))],
)
def test_losses_are_means_over_points_of_residuals_over_their_scale(loss, law):
    program = program_of(Eq(5 * laplacian(u), 1), Eq(u, x), loss=loss, weight=3.0)
    parameters, batch = program.initial(), program.batch()
    scaled = program.residuals(parameters, batch)["only"] / program.scales["only"]
    expected = 3 * law(scaled).mean(dim=0).sum()
    assert float(program.loss(parameters, batch).detach()) == pytest.approx(float(expected.detach()), rel=1e-12)


def test_units_cancel():
    steel, one = (program_of(Eq(E * laplacian(u), E * sin(x))) for E in (210e9, 1.0))
    losses = [float(p.loss(p.initial(), p.batch()).detach()) for p in (steel, one)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


def test_a_positive_number_stays_positive():
    nu, a = parameter("nu", 0.1, positive=True), parameter("a", -2.0)
    program = program_of(Eq(nu * u, a))
    parameters, batch = program.initial(), program.batch()
    assert float(parameters["parameter.nu"].detach().exp()) == pytest.approx(0.1)
    assert float(parameters["parameter.a"].detach()) == 1.0  # in units of its initial value
    silent = {k: torch.zeros_like(p) for k, p in parameters.items()}
    residuals = program.residuals({**silent, "parameter.nu": torch.tensor(-50.0).double()}, batch)["only"]
    assert float(residuals.abs().max()) == 0  # u = 0 and a = 0
    program.loss(parameters, batch).backward()
    assert parameters["parameter.nu"].grad is not None and parameters["parameter.a"].grad is not None


def test_known_parts_are_evaluated_once_per_draw():
    calls = []

    def speed(x, y):
        calls.append(len(x))
        return 1 + x

    program = program_of(Eq(laplacian(u), coefficient("c", speed, x, y) * u))
    calls.clear()
    parameters, batch = program.initial(), program.batch()
    assert calls == [8]
    for _ in range(3):
        program.residuals(parameters, batch)
    assert calls == [8]


def test_known_parts_are_one_column_each():
    program = program_of(Eq(laplacian(u), sin(x) * exp(y) + x**2 + u * sin(x) * exp(y)))
    known = program.blocks["only"].known
    assert len(known) == 4  # x and y as arguments of u, the factor of u, and the rest


GRID = xarray.DataArray(
    np.zeros((4, 4)), dims=("x", "y"), coords={"x": np.linspace(0, 0.5, 4), "y": np.linspace(0, 1, 4)}
)
OTHER = Box(x=(5, 6), y=(0, 1)).boundary.normal


@pytest.mark.parametrize(
    ("equation", "error", "words"),
    [
        (Eq(u, log(x - 0.5)), DeclarationError, r"'only'.*nan at x = 0\.\d+, y = 0\.\d+.*Piecewise"),
        (Eq(u, 1 / Piecewise((0, x < 0.5), (1, True))), DeclarationError, "at x = "),
        (Eq(u * sqrt(x - 2), 1), DeclarationError, "nan at x ="),
        (Eq(u, coefficient("c", lambda x: x[:, None], x)), DeclarationError, r"`c` returns \(256, 1\).*\(256,\)"),
        (Eq(u, coefficient("c", lambda x: 1.0, x)), DeclarationError, "`c` returns float"),
        (Eq(u, coefficient("c", lambda x: x.mean(), x)), DeclarationError, "Nothing is broadcast"),
        (Eq(u, coefficient("c", GRID, x, y)), DeclarationError, "outside its data"),
        (Eq(u, coefficient("c", lambda x: x / 0, x)), DeclarationError, "inf at x ="),
        (Eq(u, I * x), DeclarationError, r"in the imaginary part of `.*` there is no unknown.*complex=True"),
        (Eq(u, OTHER[0]), DeclarationError, "not known"),
        (Eq(Mod(u, 2), 0), CompilationError, "no rule for Mod"),
        (Eq(x, y), DeclarationError, "no unknown"),
        (Eq(u.subs(y, 0), 0), DeclarationError, None),
    ],
    ids=str,
)
def test_what_cannot_be_compiled_says_why(equation, error, words):
    region = SQUARE if words else Box(x=(0, 1))
    with pytest.raises(error, match=words or "`y`, which no region binds"):
        program_of(equation, region=region)


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ({u: SMALL}, "No network is given for `w`"),
        ({u: SMALL, w: SMALL, h: SMALL}, "`h`, which is no unknown"),
        ({u: SMALL, w: SMALL, x: SMALL}, "`x` is no unknown"),
        ({u: SMALL, w: "siren"}, "network of `w`"),
        (Siren, r"Siren\(width=64, depth=3\)"),
        (64, "recipe"),
        (Returns(lambda p: p[:, 0]), r"returns \(2,\).*must return \(2, 2\)"),
        (Returns(lambda p: p[:, :1]), r"must return \(2, 2\)"),
        (Returns(lambda p: [p, p]), "returns list"),
        (nn.Linear(3, 2), "fails on points"),
    ],
    ids=str,
)
def test_networks_that_do_not_fit_are_refused(network, words):
    with pytest.raises(DeclarationError, match=words):
        program_of(Eq(laplacian(u), w), network=network)


def test_one_module_cannot_serve_two_tuples_of_coordinates():
    problem = Problem(on(SQUARE * Box(t=(0, 1)), Eq(u, h)))
    with pytest.raises(DeclarationError, match="mapping"):
        compile_problem(problem, nn.Linear(2, 1))
    assert len(compile_problem(problem, SMALL).networks) == 2


def test_unknowns_of_the_same_coordinates_share_a_network_and_a_query():
    program = program_of(Eq(laplacian(u), w), Eq(v, grad(u)))
    assert [a.outputs for a in program.assignments] == [4]
    assert len(program.blocks["only"].queries) == 1


def test_a_function_without_a_rule_falls_back_and_says_so_once():
    torch.manual_seed(0)
    problem = Problem(
        on(SQUARE, Eq(laplacian(u), laplacian(w)), name="first"), on(SQUARE, Eq(laplacian(w), 0), name="second")
    )
    for network in ({u: SMALL, w: Odd()}, {w: Odd(), u: SMALL}):
        program = compile_problem(problem, network, dtype="float64")
        (note,) = program.notes
        assert "network of w" in note and "nested autograd" in note and "atan2" in note
        assert note in program.explain()
        engines = {q.network: q.engine.name for q in program.blocks["first"].queries}
        assert engines == {"u": "jets", "w": "nested autograd"}
        assert torch.isfinite(program.loss(program.initial(), program.batch()))


def test_a_users_module_starts_from_its_own_weights_and_is_left_alone():
    torch.manual_seed(0)
    module = Odd()
    program = program_of(Eq(u, x), network=module)
    parameters = program.initial(seed=5)
    assert torch.equal(parameters["u.inner.weight"].float(), module.inner.weight)
    assert module.inner.weight.dtype == torch.float32 and module.inner.weight.grad is None


def test_explain_names_derivatives_engine_cost_and_scales():
    text = compile_problem(POISSON, SMALL, exact=False).explain()
    for words in ("u_xx", "jets", "FLOPs", "interior", "boundary", "rows independent", "values", "Siren(", "weights"):
        assert words in text
    module = program_of(Eq(u.diff(x), 1), network=nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)))
    assert "u_x" in module.explain()


@pytest.mark.parametrize(
    ("equation", "engine"),
    [
        (Eq(u, x), "values"),
        (Eq(u.diff(x), u.diff(y)), "reverse mode"),
        (Eq(laplacian(u), 0), "jets"),
        (Eq(u.diff(x, 2) * u.diff(y, 2) - u.diff(x, y) ** 2, 1), "adjoint Hessians"),
    ],
    ids=str,
)
def test_the_cheapest_engine_is_chosen(equation, engine):
    assert [q.engine.name for q in program_of(equation).blocks["only"].queries] == [engine]


def test_moving_a_program_changes_its_precision_only():
    program = compile_problem(POISSON, SMALL, dtype="float64")
    there_and_back = program.to(dtype="float32").to(dtype="float64")
    parameters, batch = program.initial(), program.batch()
    for name, residual in there_and_back.residuals(parameters, batch).items():
        torch.testing.assert_close(residual, program.residuals(parameters, batch)[name], rtol=1e-6, atol=1e-6)


@dataclass(frozen=True)
class MinusItsMean:
    """A coupled residual made by hand: `r(u)_n − mean_m r(u)_m` of another block's residual."""

    block: Block
    rows: str = "coupled"

    def __getattr__(self, name: str):
        return getattr(self.block, name)

    def values(self, networks, parameters, points: PointSet):
        inner = self.block.values(networks, parameters, points)
        return inner - inner.mean(dim=0)


def jacobian_by_rows(program, parameters, batch):
    """Which rows change when only the last points of the batch are other ones."""
    points = batch["only"].samples
    other = {n: np.concatenate([p[:-1], [0.123]]) for n, p in points.points.items()}
    block = program.blocks["only"]
    moved = block.point_set(replace(points, points=other), dtype=program.dtype, device=program.device)
    before, after = (program.residuals(parameters, {"only": b})["only"].detach() for b in (batch["only"], moved))
    return (before != after).any(dim=1)


def test_rows_of_equations_are_independent_and_coupled_blocks_fit_the_same_program():
    program = program_of(Eq(laplacian(u), u**2))
    parameters, batch = program.initial(), program.batch()
    changed = jacobian_by_rows(program, parameters, batch)
    assert program.blocks["only"].rows == "independent"
    assert changed.tolist() == [False] * 7 + [True]

    coupled = replace(program, blocks={"only": MinusItsMean(program.blocks["only"])})
    assert "rows coupled" in coupled.explain()
    assert jacobian_by_rows(coupled, parameters, coupled.batch()).all()
    assert float(coupled.residuals(parameters, batch)["only"].detach().mean()) == pytest.approx(0, abs=1e-12)
    coupled.loss(parameters, batch).backward()
    assert all(torch.isfinite(p.grad).all() for p in parameters.values())


def test_recipes_of_each_kind_give_finite_losses():
    for recipe in (SMALL, MLP(width=6, depth=2)):
        program = compile_problem(POISSON, recipe)
        assert torch.isfinite(program.loss(program.initial(), program.batch()))
