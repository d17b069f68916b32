"""Many signals at once: problems of one form that differ in their data."""

import math
import reprlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, final

import torch
from torch import Tensor

from pinr.compiler.cost import cost_of_block
from pinr.compiler.program import Batch, Program, compile_problem
from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError, TrainingError
from pinr.geometry.signal import AbstractSignal
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.networks.recipe import AbstractRecipe
from pinr.optimizers import Adam, AdamState, elapsed_fraction
from pinr.optimizers.named_arguments import with_checked_arguments
from pinr.training.balance import FixedWeights
from pinr.training.layout import Layout
from pinr.training.objective import ProgramObjective
from pinr.training.processes import Processes
from pinr.training.progress import AbstractProgress, Silent, duration, progress_for
from pinr.training.sampling import AbstractSampling, ResidualDensity
from pinr.training.sampling.counts import counts_of
from pinr.training.stacked import StackedObjective, stacked_networks

if TYPE_CHECKING:
    from pinr.solution import Solution

SIZES = (1, 2, 3, 4, 8, 16, 32, 64)  # of a group, tried one after the other
WORSE = 1.15  # times the best time of a fit's step: then larger groups are not tried any more
TRIALS = 3  # timed steps of a size
MEMORY = 1 << 29  # bytes that a group may keep for its backward pass
MOST_POINTS = 1 << 14  # of a signal: smaller ones are fitted at all of their points
SAY_EVERY = 5.0  # seconds


@with_checked_arguments
def fit_all(
    fits: Iterable[Problem | AbstractSignal],
    network: AbstractRecipe,
    *,
    steps: int,
    rate: float = 1e-3,
    seed: int = 0,
    dtype: str = "float32",
    group: int | None = None,
    sampling: AbstractSampling | None = None,
    each: "Callable[[int, Solution], None] | None" = None,
    progress: AbstractProgress | bool = True,
) -> "list[Solution]":
    """Solve many problems that differ in their data alone, such as hundreds of images, in groups trained together.

    Each solution is what `solve(problem, network, stages=[Adam(steps=steps, rate=rate)], sampling=sampling, seed=seed)`
    gives, but for rounding. Networks of `Siren` that are asked for values alone are trained together, in batched matrix
    products; where equations have derivatives or networks are others, one is trained after the other.

    Args:
        fits: The problems; a signal stands for `on(signal, Eq(f, signal.value))` with the unknown `f`.
        network: The recipe of every network.
        steps: Steps of Adam for each.
        rate: Its largest step.
        seed: Seed of the initial weights and the points of each.
        dtype: `float32` or `float64`.
        group: How many are trained together; None tries a few sizes on the first ones.
        sampling: When points are drawn anew, and how; None is `ResidualDensity(more=None)`.
        each: Called with the number and the solution of every fit as soon as its group is done, to save or to show it:
            Ctrl-C ends at once, and what has been saved is not lost.
        progress: Whether to show progress, or how.

    Raises:
        DeclarationError: A problem or an argument is ill-formed, or problems of a group have different forms.
        TrainingError: A loss stopped being finite.
    """
    problems, rule = [_problem_of(fit) for fit in fits], sampling or ResidualDensity(more=None)
    _check(network, group, rule)
    told = progress if isinstance(progress, AbstractProgress) else progress_for() if progress else Silent()
    stage = Adam(steps=steps, rate=rate)
    waiting: list[_Fit] = []
    solutions: list[Solution] = []

    def ready(count: int) -> list[_Fit]:
        """The next fits, compiled when they are needed."""
        for problem in problems[len(solutions) + len(waiting) : len(solutions) + count]:
            problem.check()
            waiting.append(_Fit(compile_problem(problem, network, dtype="float64"), seed, dtype))
        return waiting[:count]

    began = said = time.perf_counter()
    with told:
        while len(solutions) < len(problems):
            if group is None:
                group = _best_size(ready, len(problems), stage, rule)
                told.say(f"{len(problems)} fits in groups of {group}")
            members = ready(group)
            together = members if len(members) == 1 or _are_alike(members) else members[:1]
            found = _Group(together, stage, rule).solutions()
            del waiting[: len(found)]
            for solution in found:
                solutions.append(solution)
                if each is not None:
                    each(len(solutions) - 1, solution)
            now = time.perf_counter()
            if now - said >= SAY_EVERY or len(solutions) == len(problems):
                said, left = now, (now - began) * (len(problems) / len(solutions) - 1)
                told.say(f"{len(solutions)} of {len(problems)} fits, {duration(now - began)}, {duration(left)} left")
    return solutions


def _check(network: AbstractRecipe, group: int | None, sampling: AbstractSampling) -> None:
    if not isinstance(network, AbstractRecipe):
        written = _brief(network)
        message = f"`fit_all(…, {written})`: give a recipe such as `Siren(width=64, depth=3)`: each fit has its own."
        raise DeclarationError(message)
    if group is not None and (not isinstance(group, int) or isinstance(group, bool) or group < 1):
        message = f"`fit_all(…, group={group!r})`: a group has at least one fit. Leave it out, and a size is measured."
        raise DeclarationError(message)
    count = Processes.present().count
    if count > 1:
        message = f"`fit_all`: {count} processes would all do the same. Give each its own part in a run of its own."
        raise DeclarationError(message)
    if sampling.more is not None:
        message = f"`fit_all(…, sampling={sampling!r})`: the number of points has to stay. Write `more=None`."
        raise DeclarationError(message)


def _problem_of(fit: Problem | AbstractSignal) -> Problem:
    """A problem as it is, a signal as the fit of its values."""
    if isinstance(fit, Problem):
        return fit
    if not isinstance(fit, AbstractSignal):
        written = _brief(fit)
        message = f"`fit_all([…, {written}])`: give problems, or signals such as `Image(pixels)` or `Image.read(…)`."
        raise DeclarationError(message)
    f = unknown("f", *fit.coordinates, size=len(fit.channels) or None)
    array = getattr(fit, "array", None)
    return Problem(
        on(fit, Eq(f, fit.value), points=min(fit.population, MOST_POINTS)),
        name=fit.name,
        reference=None if array is None else {f: array},
    )


def _brief(value: object) -> str:
    """What was given, in a line: of an array only its shape."""
    shape = getattr(value, "shape", None)
    return reprlib.repr(value) if shape is None else f"{type(value).__name__} of shape {tuple(shape)}"


def _best_size(ready: "Callable[[int], list[_Fit]]", total: int, stage: Adam, sampling: AbstractSampling) -> int:
    """The size of a group whose step takes the least time for each of its fits, as measured."""
    best, least = 1, math.inf
    for size in SIZES:
        fits = ready(size)
        if len(fits) < size or (size > 1 and not _fit_together(fits)):
            break
        each = _Group(fits, stage, sampling).seconds_per_step() / size
        if each < least:
            best, least = size, each
        elif each > WORSE * least:
            break
    return min(best, total)


def _fit_together(fits: "Sequence[_Fit]") -> bool:
    """Whether these fits can be batched, and memory holds what their backward pass keeps."""
    return sum(fit.memory for fit in fits) <= MEMORY and _are_alike(fits)


def _are_alike(fits: "Sequence[_Fit]") -> bool:
    """Whether these fits can be batched."""
    return stacked_networks([fit.program for fit in fits]) is not None


@final
@dataclass(frozen=True, eq=False)
class _Fit:
    """One problem on its network."""

    compiled: Program
    seed: int
    dtype: str

    @cached_property
    def program(self) -> Program:
        return self.compiled.to(dtype=self.dtype)

    @cached_property
    def initial(self) -> dict[str, Tensor]:
        return self.compiled.initial(self.seed)

    @property
    def memory(self) -> float:
        """Bytes that its backward pass keeps."""
        program, total = self.program, 0.0
        for name, count in counts_of(program).items():
            cost = cost_of_block(program.blocks[name], program.networks, dtype=program.dtype, device=program.device)
            total += count * cost.memory
        return total


@final
class _Group:
    """Fits that are trained together; one alone is trained as `solve` would."""

    def __init__(self, fits: "Sequence[_Fit]", stage: Adam, sampling: AbstractSampling) -> None:
        self.fits, self.stage, self.sampling = fits, stage, sampling
        self.programs = [fit.program for fit in fits]
        self.layout = Layout.of(fits[0].initial)

    def solutions(self) -> "list[Solution]":
        """All of them, trained."""
        from pinr.solution import Solution

        began = time.perf_counter()
        state, objective = self._begun()
        draw = 0
        while state.steps < (self.stage.steps or 0):
            if self.sampling.is_due(self.stage, state.steps):
                draw += 1
                objective = self._objective(state.theta, draw)
            state = self._stepped(state, objective)
        seconds = (time.perf_counter() - began) / len(self.fits)
        losses = objective.losses if isinstance(objective, StackedObjective) else [state.loss]
        return [
            Solution(
                fit.compiled,
                self.layout.unflatten(theta.to(torch.float64)),
                stages=(self.stage,),
                seed=fit.seed,
                seconds=seconds,
                steps=state.steps,
                loss=float(loss),
            )
            for fit, theta, loss in zip(self.fits, state.theta.view(len(self.fits), -1), losses, strict=True)
        ]

    def seconds_per_step(self) -> float:
        """What a step takes, the fastest of a few after a first one."""
        state, objective = self._begun()
        seconds = []
        for _ in range(1 + TRIALS):
            began = time.perf_counter()
            state = self._stepped(state, objective)
            seconds.append(time.perf_counter() - began)
        return min(seconds[1:])

    def _begun(self) -> tuple[AdamState, ProgramObjective | StackedObjective]:
        theta = torch.cat([Layout.of(fit.initial).flatten(fit.initial) for fit in self.fits])
        state = self.stage.initial(theta.to(self.programs[0].dtype))
        return state, self._objective(state.theta, 0)

    def _stepped(self, state: AdamState, objective: ProgramObjective | StackedObjective) -> AdamState:
        fraction = elapsed_fraction(self.stage, steps=state.steps, seconds=0.0)
        state = self.stage.step(state, objective, fraction)
        if state.stopped is not None:
            names = ", ".join(repr(program.problem.name) for program in self.programs)
            message = f"`fit_all`: {state.stopped}, in the group of {names}. Lower the rate, or fit them with `solve`."
            raise TrainingError(message)
        return state

    def _objective(self, theta: Tensor, number: int) -> ProgramObjective | StackedObjective:
        """The objective at the points of a draw, which every fit makes as if it were alone."""
        batches: list[Batch] = []
        weights = []
        for fit, program, own in zip(self.fits, self.programs, theta.view(len(self.fits), -1), strict=True):
            parameters = self.layout.unflatten(own)
            batches.append(self.sampling.draw(program, parameters, seed=fit.seed, number=number).batch)
            alone = ProgramObjective(program, self.layout, batches[-1], {})
            alone = ProgramObjective(program, self.layout, batches[-1], FixedWeights().weights(alone, own, {}))
            weights.append(alone.weights)
        if len(self.fits) == 1:
            return alone
        together = StackedObjective(self.programs, self.layout, batches, weights)
        if number == 0:
            together.check(self.programs, theta, batches)
        return together
