"""Compiled residuals equal residuals written by hand with nested autograd, weights' gradients included."""

import pytest
import torch
from sympy import Float, Piecewise, atan2

from pinr.compiler import block
from pinr.compiler.collapse import Collapsed
from pinr.compiler.program import compile_problem
from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.language.equations import Eq
from pinr.language.operators import norm
from pinr.networks import MLP, Siren
from tests.compiler.equation_table import CASES, SQUARE, u
from tests.compiler.reference import by_hand

cases = pytest.mark.parametrize("case", CASES, ids=[case.text for case in CASES])
POINTS = 6


def compiled(case, network=None):
    problem = Problem(on(case.region, *case.equations, name="only"))
    program = compile_problem(problem, network or Siren(width=6, depth=2, omega=3), dtype="float64")
    return program, program.initial(seed=1), program.batch(seed=2, points={"only": POINTS})


def residual_and_gradients(residual, parameters):
    mix = torch.linspace(0.5, 1.5, residual.numel(), dtype=residual.dtype).reshape(residual.shape)
    wanted = list(parameters.values())
    return residual.detach(), torch.autograd.grad(
        (residual * mix).sum(), wanted, allow_unused=True, materialize_grads=True
    )


def assert_close(ours, theirs, rel=1e-10):
    for a, b in zip((ours[0], *ours[1]), (theirs[0], *theirs[1]), strict=True):
        assert a.shape == b.shape
        assert float((a - b).norm()) <= rel * (1e-3 + float(b.norm()))


@cases
def test_residuals_and_their_gradients_equal_nested_autograd(case):
    program, parameters, batch = compiled(case)
    ours = residual_and_gradients(program.residuals(parameters, batch)["only"], parameters)
    reference = torch.stack(case.residual(by_hand(program, parameters, batch["only"].samples)), dim=1)
    assert_close(ours, residual_and_gradients(reference, parameters))


@cases
def test_collapse_finds_the_groups(case):
    program, _, _ = compiled(case)
    block = program.blocks["only"]
    found = []
    for atom in block.groups.values():
        names = atom.owner.label.coordinates
        found.append(frozenset("".join(n * o for n, o in zip(names, i, strict=True)) for i in atom.indices))
    assert sorted(map(sorted, found)) == sorted(sorted(group) for group in case.groups)


@pytest.mark.parametrize("case", [c for c in CASES if c.groups], ids=lambda c: c.text)
def test_collapse_never_changes_the_residual_and_never_adds_channels(case, monkeypatch):
    program, parameters, batch = compiled(case)
    ours = residual_and_gradients(program.residuals(parameters, batch)["only"], parameters)
    monkeypatch.setattr(block, "collapse", lambda c: Collapsed(c.components, c.atoms, {}))
    separate, _, batch = compiled(case)
    assert_close(ours, residual_and_gradients(separate.residuals(parameters, batch)["only"], parameters))
    channels, without = (
        sum(q.request.size for q in p.blocks["only"].queries if q.request.order > 1) for p in (program, separate)
    )
    assert channels < without


@pytest.mark.parametrize("case", CASES[:3] + CASES[24:26], ids=lambda c: c.text)
def test_single_precision_is_close_to_double(case):
    program, parameters, batch = compiled(case)
    single = program.to(dtype="float32")
    residuals = single.residuals(
        {k: v.detach().float() for k, v in parameters.items()}, single.batch(seed=2, points={"only": POINTS})
    )["only"]
    assert residuals.dtype == torch.float32
    expected = program.residuals(parameters, batch)["only"]
    assert float((residuals - expected).detach().norm()) <= 2e-5 * (1 + float(expected.detach().norm()))


@cases
def test_rows_are_independent_as_declared(case):
    """A row without the others is the same row."""
    program, parameters, batch = compiled(case)
    assert program.blocks["only"].rows == "independent"
    points = batch["only"].samples
    first = program.residuals(parameters, batch)["only"].detach()
    head = program.blocks["only"].point_set(points.head(POINTS - 1), dtype=torch.float64, device=torch.device("cpu"))
    again = program.blocks["only"].values(program.networks, parameters, head).detach()
    torch.testing.assert_close(again, first[:-1], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("activation", ["tanh", "gelu", "softplus", "silu", "sigmoid"])
def test_every_activation_gives_the_residual_by_hand(activation):
    case = CASES[7]  # fourth order
    program, parameters, batch = compiled(case, MLP(width=5, depth=2, activation=activation))
    ours = residual_and_gradients(program.residuals(parameters, batch)["only"], parameters)
    reference = torch.stack(case.residual(by_hand(program, parameters, batch["only"].samples)), dim=1)
    assert_close(ours, residual_and_gradients(reference, parameters), rel=1e-8)


@pytest.mark.parametrize(
    ("expression", "by_hand"),
    [
        (Piecewise((Float("0.1"), u > 0), (Float("0.3"), True)), lambda u: torch.where(u > 0, 0.1 + 0 * u, 0.3)),
        (norm((u, 1)), lambda u: torch.sqrt(u**2 + 1)),
        (atan2(1, u), lambda u: torch.atan2(torch.ones_like(u), u)),
    ],
    ids=["Piecewise", "norm", "atan2"],
)
def test_numbers_beside_unknowns_have_the_precision_of_the_program(expression, by_hand):
    problem = Problem(on(SQUARE, Eq(expression, 0), name="e"), on(SQUARE, Eq(u, 0), name="u"))
    program = compile_problem(problem, Siren(8, 2), dtype="float64")
    samples = program.batch()["u"].samples
    batch = {n: b.point_set(samples, dtype=program.dtype, device=program.device) for n, b in program.blocks.items()}
    residuals = program.residuals(program.initial(), batch)
    assert residuals["e"].dtype == torch.float64
    assert torch.allclose(residuals["e"], by_hand(residuals["u"]), rtol=1e-14)
