"""What holds for every optimizer in the table."""

import dataclasses
import inspect
import io
import json
import math

import pytest
import torch

from pinr.errors import DeclarationError
from pinr.optimizers import OPTIMIZERS, Adam, AdamState, LBFGSState, RowsObjective, optimizer_record, read_optimizer

every_optimizer = pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())


def through_a_file(state):
    """The state after `torch.save` and a loading that may not run code."""
    file = io.BytesIO()
    torch.save(state.to_record(), file)
    file.seek(0)
    return type(state).from_record(torch.load(file, weights_only=True))


def assert_same_bits(a, b):
    first, second = a.to_record(), b.to_record()

    def compare(x, y):
        if isinstance(x, dict):
            assert x.keys() == y.keys()
            for key in x:
                compare(x[key], y[key])
        elif isinstance(x, list):
            assert len(x) == len(y)
            for first_item, second_item in zip(x, y, strict=True):
                compare(first_item, second_item)
        elif isinstance(x, torch.Tensor):
            assert x.dtype == y.dtype
            assert torch.equal(x, y)
        else:
            assert x == y or (math.isnan(x) and math.isnan(y))

    compare(first, second)


@every_optimizer
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_convex_quadratic_decreases_in_the_dtype_of_the_parameters(kind, dtype, quadratic, minimise):
    objective, start = quadratic(8, condition=10, dtype=dtype), torch.ones(8, dtype=dtype)
    state = minimise(kind(steps=100), objective, start)
    assert state.theta.dtype == dtype
    assert state.loss < float(objective.function(start))
    assert float(objective.function(state.theta)) <= state.loss


@every_optimizer
def test_training_resumed_from_any_step_is_bit_equal_to_uninterrupted_training(kind, network_fit):
    objective, theta = network_fit
    length = 40  # more than SelfScaledBroyden keeps apart from its matrix
    optimizer = kind(steps=length)
    if kind is OPTIMIZERS["LBFGS"]:
        optimizer = kind(steps=length, history=4)  # so that pairs are forgotten on the way
    uninterrupted = [optimizer.initial(theta)]
    saved = [through_a_file(uninterrupted[0])]
    for step in range(length):
        uninterrupted.append(optimizer.step(uninterrupted[-1], objective, step / length))
        saved.append(through_a_file(uninterrupted[-1]))
    for start in range(0, length, 3):
        state = saved[start]
        for step in range(start, length):
            state = optimizer.step(state, objective, step / length)
        assert_same_bits(state, uninterrupted[-1])


@every_optimizer
def test_a_step_leaves_the_state_before_it_usable(kind, network_fit):
    objective, theta = network_fit
    optimizer = kind(steps=40)
    state = optimizer.initial(theta)
    for step in range(40):
        first = optimizer.step(state, objective, step / 40)
        assert_same_bits(first, optimizer.step(state, objective, step / 40))
        state = first


@every_optimizer
def test_the_callers_parameters_are_never_written_to(kind, quadratic, minimise):
    theta = torch.ones(5, dtype=torch.float64, requires_grad=True)
    state = minimise(kind(steps=5), quadratic(5, condition=3), theta)
    assert torch.equal(theta.detach(), torch.ones(5, dtype=torch.float64))
    assert not state.theta.requires_grad


@every_optimizer
@pytest.mark.parametrize("first_bad", [2, 3, 10])
def test_a_loss_that_turns_non_finite_stops_at_the_last_good_parameters(
    kind, first_bad, network_fit, breaking, minimise
):
    objective, theta = network_fit
    broken = breaking(objective, first_bad)
    state = minimise(kind(steps=50), broken, theta)
    assert "not finite" in state.stopped
    good = broken.asked[: first_bad - 1]
    assert any(torch.equal(state.theta, point) for point in good)
    assert state.loss == float(objective.function(state.theta))


@every_optimizer
def test_a_non_finite_beginning_stops_before_the_first_step(kind, quadratic, breaking, minimise):
    theta = torch.ones(4, dtype=torch.float64)
    state = minimise(kind(steps=50), breaking(quadratic(4, condition=2), 1), theta)
    assert "not finite" in state.stopped
    assert torch.equal(state.theta, theta)
    assert (state.steps, state.evaluations) == (0, 1)


@every_optimizer
def test_a_stopped_stage_stays_stopped_until_its_objective_changes(kind, quadratic, breaking, minimise):
    objective = quadratic(4, condition=2)
    optimizer = kind(steps=50)
    stopped = minimise(optimizer, breaking(objective, 1), torch.ones(4, dtype=torch.float64))
    assert optimizer.step(stopped, objective, 0.0) is stopped
    running = optimizer.step(optimizer.reset(stopped), objective, 0.0)
    assert running.stopped is None
    assert running.steps == 1


@every_optimizer
def test_new_points_go_on_from_the_same_parameters(kind, quadratic, network_fit):
    objective, theta = network_fit
    other = RowsObjective(quadratic(theta.numel(), condition=10).rows, objective.blocks)
    optimizer = kind(steps=60)
    state = optimizer.initial(theta)
    for step in range(50):
        state = optimizer.step(state, objective, step / 60)
    reset = optimizer.reset(state)
    assert torch.equal(reset.theta, state.theta)
    before = float(other.function(reset.theta))
    after = optimizer.step(optimizer.step(reset, other, 0.5), other, 0.5)
    assert float(other.function(after.theta)) < before
    assert after.steps == 52


@every_optimizer
def test_every_call_of_the_objective_is_counted(kind, network_fit, breaking, minimise):
    objective, theta = network_fit
    counting = breaking(objective, first_bad=10_000)
    state = minimise(kind(steps=12), counting, theta)
    assert state.evaluations == len(counting.asked)
    assert state.steps == 12


@every_optimizer
def test_a_declaration_passes_through_json(kind):
    optimizer = kind(steps=7, seconds=2.5)
    assert read_optimizer(json.loads(json.dumps(optimizer_record(optimizer)))) == optimizer


@every_optimizer
@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ({"steps": 0}, "(steps=0)"),
        ({"steps": 2.5}, "(steps=2.5)"),
        ({"steps": True}, "(steps=True)"),
        ({"seconds": -1}, "(seconds=-1)"),
        ({"seconds": math.nan}, "(seconds=nan)"),
        ({"seconds": "60"}, "(seconds='60')"),
        ({}, "(...)` has no budget"),
    ],
)
def test_a_bad_budget_is_refused_with_what_was_written(kind, arguments, written):
    with pytest.raises(DeclarationError) as error:
        kind(**arguments)
    assert f"{kind.__name__}{written}" in str(error.value)


@every_optimizer
@pytest.mark.parametrize("theta", [torch.ones(2, 3), torch.ones(0), torch.ones(3, dtype=torch.int64)])
def test_only_a_flat_vector_of_real_numbers_can_be_optimised(kind, theta):
    with pytest.raises(DeclarationError, match="flat vector"):
        kind(steps=1).initial(theta)


def test_a_state_is_not_read_from_the_record_of_another_kind():
    record = Adam(steps=1).initial(torch.ones(3)).to_record()
    with pytest.raises(DeclarationError, match="LBFGSState"):
        LBFGSState.from_record(record)
    assert isinstance(AdamState.from_record(record), AdamState)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"optimizer": "system", "steps": 1}, "names the optimizer 'system'"),
        ({"steps": 1}, "names the optimizer None"),
        ({"optimizer": "Adam", "steps": 1, "momentum": 0.9}, "momentum"),
        ({"optimizer": "Adam", "steps": -1}, "steps=-1"),
    ],
)
def test_a_foreign_declaration_is_refused(record, message):
    with pytest.raises(DeclarationError, match=message):
        read_optimizer(record)


@every_optimizer
def test_what_a_declaration_does_not_have_is_refused_in_words(kind):
    name = kind.__name__
    with pytest.raises(DeclarationError, match=rf"`{name}\(5\)`: 5 needs the name .*`{name}\(steps=5\)`"):
        kind(5)
    with pytest.raises(DeclarationError, match=r"no argument 'step'. Did you mean 'steps'\? There are steps"):
        kind(step=5)
    assert list(inspect.signature(kind).parameters) == [field.name for field in dataclasses.fields(kind)]
