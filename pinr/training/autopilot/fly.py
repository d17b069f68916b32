"""A run whose networks, stages or end are left open."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from pinr.compiler.program import Program
from pinr.networks.catalogue import recipe_from_record
from pinr.networks.recipe import AbstractRecipe
from pinr.optimizers import GaussNewton
from pinr.training.autopilot.candidates import candidates
from pinr.training.autopilot.growth import grown_parameters, widened
from pinr.training.autopilot.misfit import Misfit
from pinr.training.autopilot.probe import Probe
from pinr.training.autopilot.suitability import has_least_squares
from pinr.training.autopilot.watch import Watch
from pinr.training.checkpoint import RunState
from pinr.training.layout import Layout
from pinr.training.objective import ProgramObjective
from pinr.training.run import Run
from pinr.training.sampling import FreshPoints
from pinr.training.stages import default_stages
from pinr.training.trainer import Trainer

TRYING = (0.04, 0.12)  # of the time for each network that is tried, in rounds
HOPELESS, SETTLED = 10.0, 1e-4  # times the loss of the best one ends a trial, once that is so low: before, all may turn
WORTH_TRYING = 8.0  # seconds in all, below which the first network is taken
WORTH_GROWING = 20.0  # seconds left
WORSE = 4.0  # times the loss: less is chance, of the points and of the weights of constraints
JUDGES = 900_000  # number of the draw on which networks are compared; no run comes so far


def fly(run: Run) -> tuple[Trainer, RunState]:
    """Choose what is left open, and train: the last trainer, and the state that it ends with."""
    state = run.loaded()
    if state is not None and state.network is not None:
        trainer = _trainer(run, recipe_from_record(state.network))
        run.say_where(state, len(trainer.stages))
    elif run.network is not None:
        trainer = _trainer(run, run.network)
        run.say_where(state, len(trainer.stages))
        state = state or _started(run, run.began, trainer)
    else:
        trainer, state = _best(run, candidates(run.problem, run.seconds or 0.0))
    while True:
        trainer, state, is_growing = _leg(run, trainer, state)
        if not is_growing:
            return trainer, state
        trainer, state = _grown(run, trainer, state)


def _trainer(run: Run, network: Any) -> Trainer:
    program = run.compiled(network)
    for note in program.notes:
        run.progress.say(f"note: {note}")
    weights = sum(p.numel() for p in program.initial(0).values())
    stages = default_stages(run.seconds, has_least_squares=has_least_squares(program), weights=weights)
    return run.trainer(program, stages)


def _started(run: Run, began: float, trainer: Trainer) -> RunState:
    """A run that has spent what came before its first step: the check, the compiler."""
    state = trainer.start()
    return replace(state, seconds=run.processes.agreed(time.perf_counter() - began))


def _noted(run: Run, state: RunState, note: str) -> RunState:
    """A choice is said, and kept with the run."""
    run.progress.say(note)
    return replace(state, notes=(*state.notes, note))


@dataclass
class _Entrant:
    """A network that is being tried, from when check and compiler were done: what they took is nobody's trial."""

    recipe: AbstractRecipe
    trainer: Trainer
    state: RunState
    began: float
    loss: float = math.inf


def _best(run: Run, recipes: Sequence[AbstractRecipe]) -> tuple[Trainer, RunState]:
    """The recipe with the lowest loss after a short time each, with its state; hopeless ones get less time.

    All go on from round to round (successive halving: Jamieson, Talwalkar, AISTATS 2016).
    """
    assert run.seconds is not None
    if len(recipes) == 1 or run.seconds < WORTH_TRYING:
        trainer = _trainer(run, recipes[0])
        state = replace(_started(run, run.began, trainer), network=recipes[0].record())
        return trainer, _noted(run, state, f"network: {recipes[0]}")
    entrants, began = [], run.began
    for recipe in recipes:
        trainer = _trainer(run, recipe)
        state = _started(run, began, trainer)
        entrants.append(_Entrant(recipe, trainer, state, state.seconds))
        began = time.perf_counter()
    left, judge = list(entrants), entrants[0].trainer.program
    for share in TRYING:
        for entrant in left:
            trainer = replace(entrant.trainer, until=entrant.began + share * run.seconds, folder=None)
            entrant.state = trainer.run(entrant.state)
            entrant.loss = _judged(run, judge, trainer, trainer.parameters(entrant.state))
        best = min(left, key=lambda entrant: entrant.loss)
        if best.loss < SETTLED:
            left = [entrant for entrant in left if entrant.loss <= HOPELESS * best.loss]
        if len(left) == 1:
            break
    others = ", ".join(f"{e.loss:.1e} with {e.recipe}" for e in entrants if e is not best)
    spent = run.processes.agreed(time.perf_counter() - run.began)
    state = replace(best.state, network=best.recipe.record(), seconds=spent)
    trial = share * run.seconds
    return best.trainer, _noted(
        run, state, f"network: {best.recipe}; its loss is {best.loss:.1e} after {trial:.1f} s, {others}"
    )


def _judged(
    run: Run,
    judge: Program,
    trainer: Trainer,
    parameters: Mapping[str, Tensor],
    weights: Mapping[str, float] | None = None,
) -> float:
    """The loss at points that nobody was trained on, in one scale for all; infinite where it is not finite.

    With these weights of the constraints, or those that the rule gives at the parameters.
    """
    program = replace(trainer.program, scales=judge.scales)
    draw = FreshPoints().draw(program, parameters, seed=run.seed, number=JUDGES, factor=2.0)
    objective = ProgramObjective(program, trainer.layout, draw.batch, {})
    theta = trainer.layout.flatten(parameters)
    if weights is None:
        weights = run.balance.weights(objective, theta, {})
    loss = float(ProgramObjective(program, trainer.layout, draw.batch, weights).value(theta))
    return loss if math.isfinite(loss) else math.inf


def _leg(run: Run, trainer: Trainer, state: RunState) -> tuple[Trainer, RunState, bool]:
    """Train until the time is up, the tolerance is met, or the network should grow."""
    assert run.seconds is not None
    may_grow = state.network is not None and isinstance(trainer.stages[-1], GaussNewton)
    watch = Watch(tolerance=run.tolerance, grows=may_grow)
    probe, misfit = Probe(trainer.program), Misfit(trainer.program)
    best: tuple[float, Mapping[str, Tensor]] = (math.inf, {})

    def on_draw(present: RunState, parameters: Mapping[str, Tensor]) -> str | None:
        weights = trainer.program.weights(present.weights)
        nonlocal best
        loss = sum(float(weights[name]) * held_out for name, held_out in present.held_out.items())
        if present.held_out and loss < best[0]:
            best = (loss, {name: values.clone() for name, values in parameters.items()})
        is_last = present.stage == len(trainer.stages) - 1
        left = run.seconds - present.seconds if run.seconds is not None else math.inf
        watch.grows = may_grow and is_last and left > WORTH_GROWING
        if not is_last:
            return None
        is_noise = partial(misfit.is_noise, parameters, weights, loss)
        return watch.reason(present.seconds, loss, probe.values(parameters), is_noise)

    state = replace(trainer, on_draw=on_draw).run(state)
    if math.isfinite(watch.estimate):
        state = _noted(run, state, f"estimated relative error, by what still changes: {watch.estimate:.1e}")
    if state.stage == len(trainer.stages):
        return trainer, _at_its_best(run, trainer, state, best[1]), False
    if watch.end is None:
        return trainer, state, True
    state = trainer.next_stage(_noted(run, state, watch.end), watch.end)
    trainer.save(state)
    return trainer, state, False


def _at_its_best(run: Run, trainer: Trainer, state: RunState, best: Mapping[str, Tensor]) -> RunState:
    """The state, or that of the lowest loss at new points where it ends far above: time can be up in a bad moment."""
    if not best:
        return state
    at_the_end, lowest = (
        _judged(run, trainer.program, trainer, parameters, state.weights)
        for parameters in (trainer.parameters(state), best)
    )
    if at_the_end <= WORSE * lowest:
        return state
    theta = trainer.layout.flatten(best).to(state.optimizer.theta)
    state = replace(state, optimizer=replace(state.optimizer, theta=theta, loss=lowest))
    state = _noted(
        run, state, f"at the end the loss at new points was {at_the_end:.1e}, before {lowest:.1e}: that is taken"
    )
    trainer.save(state)
    return state


def _grown(run: Run, trainer: Trainer, state: RunState) -> tuple[Trainer, RunState]:
    """The same function on a wider network, in its last stage."""
    assert state.network is not None
    before = recipe_from_record(state.network)
    recipe = widened(before)
    wide = _trainer(run, recipe)
    if not isinstance(wide.stages[-1], GaussNewton):  # it is the last time: all the room that its successor can use
        recipe = widened(recipe)
        wide = _trainer(run, recipe)
    parameters = grown_parameters(trainer.parameters(state), wide.program.to(dtype="float64").initial(run.seed + 1))
    theta = Layout.of(parameters).flatten(parameters)
    stage = wide.stages[-1]
    optimizer = replace(stage.initial(theta.to(torch.float64)), loss=state.optimizer.loss)
    state = replace(
        state,
        optimizer=optimizer,
        drawn_at=optimizer.theta.clone(),
        draw=state.draw + 1,
        steps=state.steps + state.optimizer.steps,
        weights={},
        network=recipe.record(),
        idle_draws=0,
        kept={},
        factors={},
    )
    return wide, _noted(
        run,
        state,
        f"the loss at new points has stopped falling: {before} becomes {recipe}, with {type(stage).__name__}",
    )
