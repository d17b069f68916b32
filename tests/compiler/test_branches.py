"""The gradient of a Piecewise is that of the branch taken, though the other branches have none there."""

import pytest
import torch
from sympy import And, Piecewise, asin, exp, log, sqrt

from pinr.compiler.branches import Guarded
from pinr.compiler.functions import FUNCTIONS
from pinr.compiler.program import compile_problem
from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.geometry import Box
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import laplacian, norm
from pinr.language.parameters import parameter
from pinr.networks import Siren

x, y = coordinates("x y")
u = unknown("u", x, y)
a = parameter("a", 0.02)
SQUARE = Box(x=(0, 1), y=(0, 1))


def safe(z, taken):
    return torch.where(taken, z, torch.full_like(z, 0.5))


def positive(function, otherwise):
    """`function(u)` where u > 0 and `otherwise(u)` elsewhere, no function ever outside its domain."""
    return lambda u: torch.where(u > 0, function(safe(u, u > 0)), otherwise(safe(u, u <= 0)))


# Of each expression the same by hand, from values of u.
CASES = {
    "sqrt": (Piecewise((sqrt(u), u > 0), (0, True)), positive(torch.sqrt, torch.zeros_like)),
    "default": (Piecewise((u, u <= 0), (log(u), True)), positive(torch.log, lambda u: u)),
    "shared": (Piecewise((sqrt(u) + u, u > 0), (sqrt(-u) * u, True)) ** 2 + u**2, lambda u: (
        positive(lambda z: z.sqrt() + z, torch.zeros_like)(u) + positive(lambda z: z.sqrt() * -z, torch.zeros_like)(-u)
    ) ** 2 + u**2),
    "nested": (
        Piecewise((Piecewise((sqrt(u - 0.05), u > 0.05), (log(u), True)), u > 0), (0, True)),
        positive(
            lambda z: torch.where(
                z > 0.05, safe(z - 0.05, z > 0.05).sqrt(), torch.where(z > 0.05, torch.ones_like(z), z).log()
            ),
            torch.zeros_like,
        ),
    ),
    "three": (
        Piecewise((u**2, u < 0), (sqrt(u), u < 0.05), (exp(-1 / u), True)),
        lambda u: torch.where(
            u < 0, u**2, torch.where(u < 0.05, safe(u, u >= 0).sqrt(), (-1 / safe(u, u >= 0.05)).exp())
        ),
    ),
    "overflow": (Piecewise((exp(2e4 * u), u < 0), (1, True)), lambda u: (2e4 * u.clamp(max=0)).exp()),
    "condition of both": (
        Piecewise((asin(40 * u), And(u > 0, 40 * u < 1)), (u, True)),
        lambda u: torch.where((u > 0) & (40 * u < 1), safe(40 * u, (u > 0) & (40 * u < 1)).asin(), u),
    ),
}  # fmt: skip
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def compiled(expression):
    problem = Problem(on(SQUARE, Eq(expression, 0), name="pieces"), on(SQUARE, Eq(u, 0), name="plain"))
    program = compile_problem(problem, Siren(width=6, depth=2), dtype="float64")
    samples = program.batch(seed=3, points={"plain": 40})["plain"].samples
    batch = {n: b.point_set(samples, dtype=program.dtype, device=program.device) for n, b in program.blocks.items()}
    parameters = program.initial(seed=1)
    shift = program.residuals(parameters, batch)["plain"].detach().mean()
    bias = next(name for name, w in reversed(parameters.items()) if w.shape == (1,))
    with torch.no_grad():
        parameters[bias] -= shift  # values on both sides of 0
    return program, parameters, batch


def derivatives(values, parameters):
    """A functional of the values with its first derivatives, and the second ones in one direction."""
    weights = list(parameters.values())
    mix = torch.linspace(0.5, 1.5, values.numel(), dtype=values.dtype)
    options = {"create_graph": True, "allow_unused": True, "materialize_grads": True}
    first = torch.autograd.grad((values.flatten() * mix).sum(), weights, **options)
    second = torch.autograd.grad(sum((g * g.detach().cos()).sum() for g in first), weights, **options)
    return torch.cat([g.flatten() for g in first]).detach(), torch.cat([g.flatten() for g in second]).detach()


@cases
def test_values_and_derivatives_are_those_of_the_branch_taken(case):
    expression, by_hand = case
    program, parameters, batch = compiled(expression)
    residuals = program.residuals(parameters, batch)
    plain = residuals["plain"].detach()
    assert plain.min() < -1e-3 and plain.max() > 1e-3
    expected = by_hand(residuals["plain"])
    torch.testing.assert_close(residuals["pieces"], expected, rtol=1e-12, atol=1e-12)
    for ours, theirs in zip(
        derivatives(residuals["pieces"], parameters), derivatives(expected, parameters), strict=True
    ):
        assert bool(theirs.isfinite().all()) and float(theirs.norm()) > 0
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9 * float(theirs.abs().max()))


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # by torch itself, in its forward mode
@cases
@pytest.mark.parametrize("jacobian", [torch.func.jacrev, torch.func.jacfwd], ids=["reverse", "forward"])
def test_jacobians_are_those_of_the_branch_taken(case, jacobian):
    expression, by_hand = case
    program, parameters, batch = compiled(expression)
    detached = {name: w.detach() for name, w in parameters.items()}

    def of(function):
        found = jacobian(lambda p: function(program.residuals(p, batch)))(detached)
        return torch.cat([j.flatten(start_dim=1) for j in (found[n].flatten(0, 1) for n in found)], dim=1)

    ours, theirs = of(lambda r: r["pieces"]), of(lambda r: by_hand(r["plain"]))
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9 * float(theirs.abs().max()))


def test_derivatives_of_unknowns_and_numbers_to_identify_are_guarded_as_well():
    program, parameters, batch = compiled(Piecewise((sqrt(a - u) * norm((u, laplacian(u))), u < a), (a**2, True)))
    residual = program.residuals(parameters, batch)["pieces"]
    first, second = derivatives(residual, parameters)
    assert bool(residual.isfinite().all()) and bool(first.isfinite().all()) and bool(second.isfinite().all())
    assert float(torch.autograd.grad(residual.sum(), parameters["parameter.a"])[0]) != 0


@pytest.mark.parametrize(
    ("expression", "by_hand"),
    [
        (Piecewise((sqrt(x - 0.5) * u, x > 0.5), (u, True)), lambda u, x: safe(x - 0.5, x > 0.5).sqrt() * u),
        (Piecewise((u, x < 0.5), (u**2 / (log(x - 0.5) + y), True)), None),
        (Piecewise((Piecewise((log(x - 0.5) + u, y > 2), (exp(u) * sqrt(x - 0.5), True)), x > 0.5), (0, True)), None),
    ],
    ids=["factor", "denominator", "nested"],
)
def test_what_is_known_need_be_finite_only_where_its_branch_is_taken(expression, by_hand):
    program, parameters, batch = compiled(expression)
    residuals = program.residuals(parameters, batch)
    first, second = derivatives(residuals["pieces"], parameters)
    assert all(bool(found.isfinite().all()) for found in (residuals["pieces"], first, second))
    if by_hand is not None:
        along = torch.as_tensor(batch["plain"].samples.points["x"])[:, None]
        expected = torch.where(along > 0.5, by_hand(residuals["plain"], along), residuals["plain"])
        torch.testing.assert_close(residuals["pieces"], expected, rtol=1e-12, atol=0)


def test_what_is_known_must_be_finite_where_its_branch_is_taken():
    with pytest.raises(DeclarationError, match=r"log\(x - 0\.5\).* is nan at x = 0\.[0-4]"):
        compiled(Piecewise((log(x - 0.5) * u, x < 0.5), (u, True)))


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        (laplacian(u) + sqrt(u**2 + 1), 0),
        (Piecewise((u**2 + a * laplacian(u), u > 0), (x * u, True)), 0),
        (Piecewise((sqrt(u), x < 0.5), (u, True)), 1),
        (Piecewise((sqrt(u) + log(u), u > 0), (0, True)), 1),
    ],
    ids=["no Piecewise", "polynomials", "one branch", "one unknown"],
)
def test_only_branches_that_need_it_cost_more(expression, count):
    program, *_ = compiled(expression)
    assert sum(i.function is FUNCTIONS[Guarded] for i in program.blocks["pieces"].tape.instructions) == count
