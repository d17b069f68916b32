"""A line search for the strong Wolfe conditions."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, final

from pinr.optimizers.cubic_interpolation import cubic_minimum
from pinr.optimizers.trial import Trial

LARGEST_EXPANSION = 10.0  # a first step from an unknown scale may be far too short: grow quickly
SMALLEST_EXPANSION = 0.1  # of the last advance: a cubic may put its minimum onto the point just tried
MARGIN = 0.1  # a new trial keeps this part of the bracket away from its ends
SHRINKAGE = 2 / 3  # a trial that shrinks the bracket by less is followed by the middle (Moré and Thuente 1994, sec. 4)
RETREAT = 0.1  # towards the good end where the other is not finite: overflow comes in powers of ten

Line: TypeAlias = Callable[[float], Trial]
"""The line as a function of the length of the step; one call is one evaluation."""


@final
@dataclass(frozen=True)
class WolfeConditions:
    """What a step of length `t` has to achieve.

    Decrease: `f(t) ≤ f(0) + c₁ t f′(0)`, and never `f(t) = f(0)`. Curvature: `|f′(t)| ≤ c₂ |f′(0)|`.

    Attributes:
        decrease: `c₁`.
        curvature: `c₂`, above `c₁`.
        trials: most evaluations of one search.
        resolution: relative rounding error of a loss.
    """

    decrease: float
    curvature: float
    trials: int
    resolution: float

    def has_decrease(self, start: Trial, trial: Trial) -> bool:
        """The first condition; a step within rounding of `f(0)` fails it, so that no search goes round in circles."""
        return trial.loss < start.loss and trial.loss <= start.loss + self.decrease * trial.length * start.slope

    def has_curvature(self, start: Trial, trial: Trial) -> bool:
        """The second condition."""
        return abs(trial.slope) <= self.curvature * abs(start.slope)


@final
@dataclass(frozen=True, eq=False)
class Search:
    """What a line search found.

    Attributes:
        accepted: the best point, strictly better than the start; `None` if there was none. It meets both conditions
            unless the trials or the digits ran out.
        evaluations: trials made.
        met_non_finite: whether a trial was not finite.
    """

    accepted: Trial | None
    evaluations: int
    met_non_finite: bool


def strong_wolfe(line: Line, start: Trial, first_length: float, conditions: WolfeConditions) -> Search:
    """A step that meets both Wolfe conditions, from a start with negative slope.

    *Bracket*: lengthen the step until the loss rises, the slope turns positive or a trial is not finite: a good step
    then lies between the last two points. *Zoom*: shrink that bracket by safeguarded cubic interpolation.

    Reference: Nocedal and Wright, Numerical Optimization, 2nd ed., 2006, algorithms 3.5 and 3.6.
    """
    previous, length = start, first_length
    for used in range(1, conditions.trials + 1):
        trial = line(length)
        if not trial.is_finite or trial.loss >= previous.loss or not conditions.has_decrease(start, trial):
            return _zoom(line, start, (previous, trial), conditions, used)
        if conditions.has_curvature(start, trial):
            return Search(trial, used, met_non_finite=False)
        if trial.slope >= 0:
            return _zoom(line, start, (trial, previous), conditions, used)
        length, previous = _extrapolated(previous, trial), trial
    return Search(previous, conditions.trials, met_non_finite=False)


def _zoom(line: Line, start: Trial, bracket: tuple[Trial, Trial], conditions: WolfeConditions, used: int) -> Search:
    """Shrink the bracket until a trial meets both conditions.

    `low` is the best point so far, with decrease (or the start), and slopes down into the bracket; `high` is the other
    end, on either side of it.
    """
    low, high = bracket
    met_non_finite = not high.is_finite
    widths = [math.inf, abs(high.length - low.length)]
    # Stop when not even the full slope at `low` promises a decrease that the loss could show.
    while used < conditions.trials and abs(low.slope) * widths[-1] > conditions.resolution * abs(low.loss):
        is_slow = widths[-1] > SHRINKAGE * widths[-2]
        trial = line(_interpolated(low, high, halve=is_slow))
        used += 1
        if not trial.is_finite or trial.loss >= low.loss or not conditions.has_decrease(start, trial):
            high = trial
            met_non_finite |= not trial.is_finite
        else:
            if conditions.has_curvature(start, trial):
                return Search(trial, used, met_non_finite)
            if trial.slope * (high.length - low.length) >= 0:
                high = low
            low = trial
        widths.append(abs(high.length - low.length))
    return Search(None if low is start else low, used, met_non_finite)


def _extrapolated(previous: Trial, trial: Trial) -> float:
    """A longer step: the cubic's minimum, kept between a small and a tenfold expansion."""
    least = trial.length + SMALLEST_EXPANSION * (trial.length - previous.length)
    most = LARGEST_EXPANSION * trial.length
    guess = cubic_minimum(previous, trial)
    return most if guess is None or guess <= trial.length else min(max(guess, least), most)


def _interpolated(low: Trial, high: Trial, *, halve: bool) -> float:
    """A step inside the bracket: the cubic's minimum, kept off the ends, or the middle."""
    width = high.length - low.length
    if not high.is_finite:
        return low.length + RETREAT * width
    guess = None if halve else cubic_minimum(low, high)
    fraction = 0.5 if guess is None else (guess - low.length) / width
    return low.length + min(max(fraction, MARGIN), 1 - MARGIN) * width
