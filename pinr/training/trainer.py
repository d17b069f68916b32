"""The trainer: runs the stages of a problem, keeps the history, writes checkpoints."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, final

import torch
from torch import Tensor

from pinr.compiler.program import Batch, Program
from pinr.errors import TrainingError
from pinr.optimizers import AbstractOptimizer, AbstractState, elapsed_fraction
from pinr.training.balance import AbstractBalance
from pinr.training.captured import CapturedObjective
from pinr.training.checkpoint import RunState, save_checkpoint
from pinr.training.diagnosis import first_non_finite
from pinr.training.history import history_row
from pinr.training.layout import Layout
from pinr.training.objective import ProgramObjective
from pinr.training.processes import ALONE, Processes
from pinr.training.progress import AbstractProgress, Report
from pinr.training.sampling import AbstractSampling, Draw, factor_for_points, factor_for_rows, fresh_losses
from pinr.training.stages import precision_of

if TYPE_CHECKING:
    from pinr.solution import Solution

LOG_EVERY = 0.5  # seconds between rows of the history; the first and last step of a stage always have one
MOST_ROWS = 2000  # rows by time, roughly: later in long runs they are further apart, since checkpoints hold them all
SHARE_OF_SAVING = 0.05  # of the time at most goes into checkpoints, however large they are
PATIENCE = 3  # draws in a row on which an optimizer may stop at once before its stage ends

FINITE = (
    "At the last good parameters every residual is finite; its gradient may not be: that of √z is not at 0, and a "
    "branch of a `Piecewise` counts even where it is not taken"
)


@final
@dataclass(frozen=True)
class Trainer:
    """One run: what is trained, by which stages, and where it is kept.

    A run can be left before it is done, and gone on with from its state: after so many seconds (`until`), or when
    `on_draw`, which is asked with the state and the parameters at every draw of points, gives a reason.
    """

    program: Program
    stages: Sequence[AbstractOptimizer]
    seed: int
    dtype: str | None
    balance: AbstractBalance
    sampling: AbstractSampling
    progress: AbstractProgress
    seconds: float | None = None
    folder: Path | None = None
    mark: str = ""
    checkpoint_every: float = 10.0
    is_captured: bool = False
    until: float = math.inf
    on_draw: Callable[[RunState, Mapping[str, Tensor]], str | None] | None = None
    processes: Processes = ALONE

    def start(self) -> RunState:
        """The state before the first step."""
        parameters = self.program.to(dtype="float64").initial(self.seed)
        theta = Layout.of(parameters).flatten(parameters)
        # All stages begin once, so that one that refuses this network does so before the others have trained it.
        optimizer, *_ = [self._initial(number, theta) for number in range(len(self.stages))]
        return RunState(0, optimizer, 0, optimizer.theta.clone(), {}, 0.0, 0.0, 0, (), ())

    def run(self, state: RunState) -> RunState:
        """Train until every stage is done; on Ctrl-C or an error the last good state is saved first."""
        while state.stage < len(self.stages) and state.seconds < self.until:
            stage = _StageRun(self, state)
            state = stage.run()
            self.save(state)
            if stage.left is not None:
                break
        return state

    def parameters(self, state: RunState) -> dict[str, Tensor]:
        """The trained parameters by name, in float64."""
        return self.layout.unflatten(state.optimizer.theta.to(torch.float64))

    def solution(self, state: RunState) -> "Solution":
        """The solution that a state stands for."""
        from pinr.solution import Solution

        return Solution(
            replace(self.program, notes=(*self.program.notes, *state.notes)),
            self.parameters(state),
            history=list(state.history),
            stages=tuple(self.stages),
            seed=self.seed,
            seconds=state.seconds,
            steps=state.steps,
            loss=state.optimizer.loss,
        )

    @cached_property
    def layout(self) -> Layout:
        return Layout.of(self.program.initial(self.seed))

    def save(self, state: RunState) -> None:
        if self.folder is not None and self.processes.is_first:
            save_checkpoint(self.folder, state, self.mark)

    def _initial(self, number: int, theta: Tensor) -> AbstractState:
        stage = self.stages[number]
        program = self.program.to(dtype=precision_of(stage, self.dtype))
        return stage.initial(theta.to(dtype=program.dtype, device=program.device))

    def next_stage(self, state: RunState, reason: str) -> RunState:
        """The state at the beginning of the next stage, or the final one."""
        number = state.stage + 1
        optimizer = state.optimizer
        steps = state.steps + optimizer.steps
        if number < len(self.stages):
            # With its loss, which is that of the run until the new stage has evaluated its own.
            optimizer = replace(self._initial(number, optimizer.theta), loss=optimizer.loss)
        return replace(
            state,
            stage=number,
            optimizer=optimizer,
            draw=state.draw + 1,
            drawn_at=optimizer.theta.clone(),
            weights={},
            stage_seconds=0.0,
            steps=steps,
            idle_draws=0,
            factors={},
            kept={},
            held_out={},
            overfitted_draws=0,
            stops=(*state.stops, reason),
        )


@final
class _StageRun:
    """The loop of one stage; the only place where training has side effects."""

    def __init__(self, trainer: Trainer, state: RunState) -> None:
        self.trainer, self.state = trainer, state
        self.stage = trainer.stages[state.stage]
        self.program = trainer.program.to(dtype=precision_of(self.stage, trainer.dtype))
        self.layout = trainer.layout
        self.clock = time.perf_counter()
        self.last_log = self.next_save = -math.inf
        self.rate = 0.0
        self.left: str | None = None
        self.drawn = self._drawn()
        self.objective = self._prepared(self._begun())

    def run(self) -> RunState:
        whole = self.state
        try:
            while (reason := self._reason_to_stop()) is None:
                whole = self.state
                self._step()
        except TrainingError:
            raise  # the last good state is saved
        except BaseException:
            # A step that was cut short may have drawn points already; going on from before it repeats it exactly.
            self.trainer.save(whole)
            raise
        self._log(final=True)
        if self.left is not None:
            return self.state
        name = type(self.stage).__name__
        optimizer = self.state.optimizer
        self.trainer.progress.say(f"{name}: {optimizer.steps:,} steps, loss {optimizer.loss:.2e}; {reason}")
        return self.trainer.next_stage(self.state, f"{name}: {reason}")

    def _drawn(self) -> Draw:
        """The present draw of points, which follows from the state."""
        state = self.state
        return self.trainer.sampling.draw(
            self.program,
            self.layout.unflatten(state.drawn_at),
            seed=self.trainer.seed,
            number=state.draw,
            factor=self._point_factor(),
            kept=state.kept,
        )

    def _begun(self) -> ProgramObjective:
        """The objective that a state goes on with; balanced, if it begins a stage."""
        if not self.state.weights:
            held_out = fresh_losses(self.program, self.layout, self.state.optimizer.theta, self.drawn)
            self.state = replace(self.state, held_out=held_out)
            return self._balanced(None)
        self.drawn = _counted(self.drawn, self.state.factors)
        return self._objective(self.state.weights)

    def _objective(self, weights: Mapping[str, float]) -> ProgramObjective:
        return ProgramObjective(self.program, self.layout, self.drawn.batch, weights, processes=self.trainer.processes)

    def _balanced(self, before: Batch | None) -> ProgramObjective:
        """The objective on new points, with new weights of constraints and points."""
        balance, theta, weights = self.trainer.balance, self.state.optimizer.theta, self.state.weights
        objective = self._objective(weights)
        factors = balance.factors(objective, theta, before)
        if factors:
            self.drawn = _counted(self.drawn, factors)
            objective = self._objective(weights)
        weights = balance.weights(objective, theta, weights)
        self.state = replace(self.state, weights=weights, factors=factors)
        return self._objective(weights)

    def _point_factor(self) -> float:
        """How many times the usual points the stage wants, to have enough of them for its weights."""
        weights = self.state.optimizer.theta.numel()
        rows = factor_for_rows(self.program, self.stage.rows_per_weight * weights)
        points = factor_for_points(self.program, self.stage.points_per_weight * weights)
        return max(rows, points) * self.state.growth

    def _prepared(
        self, objective: ProgramObjective, before: ProgramObjective | CapturedObjective | None = None
    ) -> ProgramObjective | CapturedObjective:
        """What the optimizer evaluates."""
        if not self.trainer.is_captured:
            return objective
        return CapturedObjective(objective, before if isinstance(before, CapturedObjective) else None)

    def _step(self) -> None:
        before = self.state.optimizer
        if self.trainer.sampling.is_due(self.stage, before.steps) and before.stopped is None:
            self._draw()
        fraction = elapsed_fraction(self.stage, steps=self.state.optimizer.steps, seconds=self.state.stage_seconds)
        started = time.perf_counter()
        optimizer = self.stage.step(self.state.optimizer, self.objective, fraction)
        now = time.perf_counter()
        elapsed, self.clock = self.trainer.processes.agreed(now - self.clock), now
        rate = 1 / max(self.trainer.processes.agreed(now - started), 1e-9)
        self.rate = 0.95 * self.rate + 0.05 * rate if self.rate else rate
        self.state = replace(
            self.state,
            optimizer=optimizer,
            stage_seconds=self.state.stage_seconds + elapsed,
            seconds=self.state.seconds + elapsed,
        )
        if optimizer.stopped is not None:
            self._stopped()
        else:
            self.state = replace(self.state, idle_draws=0)
        self._log()
        self._save()

    def _draw(self) -> None:
        """New points and weights; the optimizer learns that its objective has changed."""
        before, theta = self.drawn, self.trainer.processes.same(self.state.optimizer.theta.clone())
        kept = self.trainer.sampling.kept(self.program, self.layout.unflatten(theta), before.batch)
        self.state = replace(self.state, draw=self.state.draw + 1, drawn_at=theta, kept=kept)
        self._grow()
        self.drawn = self._drawn()
        self._compare(before)
        self.objective = self._prepared(self._balanced(before.batch), self.objective)
        self.state = replace(self.state, optimizer=self.stage.reset(self.state.optimizer))
        if self.trainer.on_draw is not None:
            parameters = self.layout.unflatten(theta.to(torch.float64))
            self.left = self.trainer.on_draw(self.state, parameters)

    def _grow(self) -> None:
        """More points from this draw on, if those of the last ones were over-fitted."""
        more, state = self.trainer.sampling.more, self.state
        if more is None:
            return
        growth, overfitted = more.grown(state.growth, state.overfitted_draws)
        if growth > state.growth:
            self.trainer.progress.say(
                f"{type(self.stage).__name__}: the loss at new points was more than {more.above:g} times that at the "
                f"old ones, {more.draws} times in a row: {growth:.3g} times as many points from here"
            )
        self.state = replace(state, growth=growth, overfitted_draws=overfitted)

    def _compare(self, before: Draw) -> None:
        """The loss at the new points, which are not trained on yet, beside that at the old ones."""
        theta, more, state = self.state.optimizer.theta, self.trainer.sampling.more, self.state
        held_out = fresh_losses(self.program, self.layout, theta, self.drawn)
        if more is not None:
            seen = fresh_losses(self.program, self.layout, theta, before)
            weights = {name: float(w) for name, w in self.program.weights(state.weights).items()}
            is_overfitted = more.is_overfitted(seen, held_out, weights)
            state = replace(state, overfitted_draws=state.overfitted_draws + 1 if is_overfitted else 0)
        self.state = replace(state, held_out=held_out)

    def _stopped(self) -> None:
        """The optimizer has stopped by itself: not finite is an error, all else is a case for new points."""
        optimizer = self.state.optimizer
        if "or its gradient is not finite" in (optimizer.stopped or ""):
            self.trainer.save(replace(self.state, optimizer=self.stage.reset(optimizer)))
            parameters = self.layout.unflatten(optimizer.theta)
            found = first_non_finite(self.program, parameters, self.objective.batch)
            message = (
                f"Training stopped in {type(self.stage).__name__} at step {optimizer.steps}: {optimizer.stopped}. "
                f"{found or FINITE}. "
                "Lower the rate, or rewrite the expression so that it cannot overflow."
            )
            raise TrainingError(message)
        self.state = replace(self.state, idle_draws=self.state.idle_draws + 1)
        if self.state.idle_draws < PATIENCE:
            self._draw()

    def _reason_to_stop(self) -> str | None:
        optimizer = self.state.optimizer
        if self.left is None and self.state.seconds >= self.trainer.until:
            self.left = "it is left for now"
        if self.left is not None:
            return self.left
        if self.stage.steps is not None and optimizer.steps >= self.stage.steps:
            return "its steps are done"
        is_last = self.state.stage == len(self.trainer.stages) - 1
        step = 1 / self.rate if is_last and self.rate else 0.0  # one more would end so much later
        if self.stage.seconds is not None and self.state.stage_seconds + step >= self.stage.seconds:
            return "its time is up"
        if self.trainer.seconds is not None and self.state.seconds + step >= self.trainer.seconds:
            return "the time of the whole run is up"
        return optimizer.stopped

    def _log(self, *, final: bool = False) -> None:
        now = time.perf_counter()
        first = self.state.optimizer.steps <= 1
        every = max(LOG_EVERY, self.state.seconds / MOST_ROWS)
        if not (final or first or now - self.last_log >= every):
            return
        optimizer = self.state.optimizer
        losses = self.objective.latest()
        if not losses:  # nothing has been evaluated on these points yet
            return
        self.last_log = now
        weights = {name: float(w) for name, w in self.objective.weights.items()}
        row = history_row(
            step=self.state.steps + optimizer.steps,
            stage=type(self.stage).__name__,
            seconds=self.state.seconds,
            loss=optimizer.loss,
            losses=losses,
            weights=weights,
            held_out=self.state.held_out,
            points=sum(points.count for points in self.objective.batch.values()),
        )
        before = self.state.history
        if before and (before[-1]["step"], before[-1]["stage"]) == (row["step"], row["stage"]):
            before = before[:-1]
        self.state = replace(self.state, history=(*before, row))
        self.trainer.progress.show(self._report(losses, weights))

    def _report(self, losses: Mapping[str, float], weights: Mapping[str, float]) -> Report:
        state = self.state
        fraction = elapsed_fraction(self.stage, steps=state.optimizer.steps, seconds=state.stage_seconds)
        left = None
        if self.trainer.seconds is not None:
            left = self.trainer.seconds - state.seconds
        elif fraction > 0:
            left = state.stage_seconds * (1 - fraction) / fraction
        return Report(
            title=self.program.problem.name,
            solution=partial(self.trainer.solution, replace(state, steps=state.steps + state.optimizer.steps)),
            stage=f"{type(self.stage).__name__} ({state.stage + 1} of {len(self.trainer.stages)})",
            step=state.optimizer.steps,
            fraction=fraction,
            seconds=state.seconds,
            seconds_left=left,
            rate=self.rate,
            loss=state.optimizer.loss,
            losses=losses,
            weights=weights,
            held_out=state.held_out,
        )

    def _save(self) -> None:
        started = time.perf_counter()
        if self.trainer.folder is not None and started >= self.next_save:
            self.trainer.save(self.state)
            ended = time.perf_counter()
            self.next_save = ended + max(self.trainer.checkpoint_every, (ended - started) / SHARE_OF_SAVING)


def _counted(draw: Draw, factors: Mapping[str, Tensor]) -> Draw:
    """The draw with factors that say how much its points count."""
    batch = {name: replace(points, factors=factors.get(name)) for name, points in draw.batch.items()}
    return replace(draw, batch=batch)
