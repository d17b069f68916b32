"""Steps from CUDA graphs. Without a GPU a stand-in records: it keeps the function and replays it into one place."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from pinr import LBFGS, Adam, DeclarationError, FreshPoints, GradientNorm, Siren, compile_problem, solve, tf32
from pinr.derivatives.engines import jets
from pinr.training import captured
from pinr.training import objective as objective_module
from pinr.training.captured import CapturedObjective
from pinr.training.layout import Layout
from pinr.training.objective import ProgramObjective
from pinr.training.progress import Silent
from pinr.training.trainer import Trainer

PROBLEMS = [
    "burgers",
    "beam",
    "obstacle",
    "lid_driven_cavity",
    "schroedinger",
    "inverse_conductivity",
    "image_from_gradients",
]


@pytest.fixture
def recordings(monkeypatch):
    """The functions that were recorded."""
    found = []

    def stand_in(function, device):
        found.append(function)
        results = [torch.full_like(result, torch.nan) for result in function()]  # recording computes nothing

        def replay():
            for result, new in zip(results, function(), strict=True):
                result.copy_(new)

        return results, replay

    monkeypatch.setattr(captured, "recorded", stand_in)
    return found


def objective_of(problem, draw=0, points=None, weights=(), factors=None):
    program = compile_problem(problem, Siren(6, 2), dtype="float64")
    parameters = program.initial(0)
    layout = Layout.of(parameters)
    batch = program.batch(draw=draw, points=points)
    if factors is not None:
        batch = {
            name: replace(some, factors=torch.linspace(0, factors, some.count, dtype=torch.float64))
            for name, some in batch.items()
        }
    return ProgramObjective(program, layout, batch, dict(weights)), layout.flatten(parameters).detach()


def assert_same(ours, theirs, theta):
    for a, b in zip(ours.value_and_gradient(theta), theirs.value_and_gradient(theta), strict=True):
        assert torch.equal(a, b)
    assert ours.latest() == theirs.latest() and ours.latest()


def test_a_replayed_step_equals_the_objective_at_any_parameters(poisson, recordings):
    objective, theta = objective_of(poisson)
    ours = CapturedObjective(objective)
    kept = ours.value_and_gradient(theta)
    copies = [t.clone() for t in kept]
    for scale in (0.5, 2.0):
        assert_same(ours, objective, scale * theta)
    assert ours.blocks == objective.blocks and ours.blocks
    assert all(torch.equal(a, b) for a, b in zip(kept, copies, strict=True))  # results are the caller's own
    assert len(recordings) == 1


def test_new_points_and_weights_are_written_into_the_graph_of_the_old_ones(poisson, recordings):
    first, theta = objective_of(poisson)
    before = CapturedObjective(first)
    before.value_and_gradient(theta)
    second, _ = objective_of(poisson, draw=1, weights={"interior": torch.tensor(3.0, dtype=torch.float64)})
    third, _ = objective_of(poisson, draw=2, points={"interior": 40})
    after = CapturedObjective(second, before)
    assert_same(after, second, theta)
    assert len(recordings) == 1
    assert_same(CapturedObjective(third, after), third, theta)  # other shapes
    assert len(recordings) == 2
    again, _ = objective_of(poisson)
    for ours, fresh in zip(
        first.batch.values(), again.batch.values(), strict=True
    ):  # the batch given is not written to
        assert all(torch.equal(a, b) for a, b in zip(ours.columns, fresh.columns, strict=True))


def test_factors_of_points_are_written_too(poisson, recordings):
    first, theta = objective_of(poisson, factors=1.0)
    second, _ = objective_of(poisson, draw=1, factors=2.0)
    before = CapturedObjective(first)
    assert_same(before, first, theta)
    after = CapturedObjective(second, before)
    assert_same(after, second, theta)
    assert len(recordings) == 1
    third, _ = objective_of(poisson, draw=1)
    assert_same(CapturedObjective(third, after), third, theta)  # of another graph, which has no factors
    assert len(recordings) == 2


def test_parts_of_a_batch_are_written_too(poisson, recordings, monkeypatch):
    parts = objective_module.parts_of
    monkeypatch.setattr(objective_module, "parts_of", lambda program, batch, memory: parts(program, batch, 20_000))
    first, theta = objective_of(poisson)
    assert len(first.parts) > 1
    before = CapturedObjective(first)
    before.value_and_gradient(theta)
    second, _ = objective_of(poisson, draw=1)
    assert_same(CapturedObjective(second, before), second, theta)
    assert len(recordings) == 1


def test_nodes_of_integrals_are_written_too(recordings):
    problem = problem_of("schroedinger")
    first, theta = objective_of(problem, points=dict.fromkeys(problem.named_constraints, 6))
    before = CapturedObjective(first)
    before.value_and_gradient(theta)
    second, _ = objective_of(problem, draw=1, points=dict.fromkeys(problem.named_constraints, 6))
    assert_same(CapturedObjective(second, before), second, theta)
    assert len(recordings) == 1


def test_training_from_graphs_gives_the_same_weights(poisson, recordings):
    found = []
    for is_captured in (False, True):
        trainer = Trainer(
            compile_problem(poisson, Siren(6, 2), dtype="float64"),
            [Adam(steps=9), LBFGS(steps=5)],
            seed=0,
            dtype=None,
            balance=GradientNorm(),
            sampling=FreshPoints(every=4),
            progress=Silent(),
            is_captured=is_captured,
        )
        state = trainer.run(trainer.start())
        found.append(
            (state.optimizer.theta, [{k: v for k, v in row.items() if k != "seconds"} for row in state.history])
        )
    assert torch.equal(found[0][0], found[1][0])
    assert found[0][1] == found[1][1]
    assert len(recordings) == 2  # one for each stage


def test_without_cuda_it_is_refused(poisson):
    with pytest.raises(DeclarationError, match='CUDA graphs need `device="cuda"`'):
        solve(poisson, Siren(6, 2), stages=[Adam(steps=1)], capture=True, progress=False)


def problem_of(name):
    path = Path(__file__).parents[2] / "problems" / f"{name}.py"
    specification = importlib.util.spec_from_file_location(f"captured_{name}", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.problem


class FromTheHost(TorchDispatchMode):
    """The operations that make a tensor from numbers on the host, or numbers of a tensor."""

    NAMES = ("lift_fresh", "_local_scalar_dense", "nonzero", "index.Tensor", "index_put", "_unique", "masked_select")

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.found += [str(function) for name in self.NAMES if name in str(function)]
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_step_has_nothing_that_a_graph_cannot_record(name, monkeypatch):
    monkeypatch.setattr(jets, "why_not", lambda: "the test hides the compiler, as on CUDA")
    problem = problem_of(name)
    objective, theta = objective_of(problem, points=dict.fromkeys(problem.named_constraints, 6))
    with FromTheHost() as seen:
        objective.value_and_gradient(theta)
    assert not seen.found


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_cuda_graphs_give_the_same_weights_as_single_launches(poisson):
    options = {"stages": [Adam(steps=20), LBFGS(steps=5)], "device": "cuda", "dtype": "float64", "progress": False}
    options["sampling"] = FreshPoints(every=8)
    plain, replayed = (solve(poisson, Siren(8, 2), capture=c, **options) for c in (False, True))
    for name, weight in plain.parameters.items():
        np.testing.assert_allclose(replayed.parameters[name].cpu(), weight.cpu(), rtol=1e-8, atol=1e-10)


def test_tf32_lasts_as_long_as_its_block_and_is_off_before():
    products = torch.backends.cuda.matmul
    before = products.fp32_precision
    assert before != "tf32"
    with tf32():
        assert products.fp32_precision == "tf32"
    assert products.fp32_precision == before
    with pytest.raises(KeyError), tf32():
        raise KeyError
    assert products.fp32_precision == before
