"""The stages of a run: those given, or usual ones; and the precision that each runs in."""

import math
from collections.abc import Sequence

from pinr.errors import DeclarationError
from pinr.optimizers import LBFGS, AbstractOptimizer, Adam, GaussNewton, SelfScaledBroyden

DEFAULT_SECONDS = 60.0
SHARE_OF_ADAM = 0.15  # of the time; L-BFGS gains far more per second once Adam has found the shape
# Of the time, and seconds: what Gauss–Newton needs before, and self-scaled Broyden, whose networks are larger.
SHORT_START, LONGEST_SHORT_START = 0.02, 1.2
SHARE_OF_START, LONGEST_START = 0.05, 3.0


def default_stages(
    seconds: float | None, *, has_least_squares: bool = False, weights: int | None = None
) -> tuple[AbstractOptimizer, ...]:
    """Adam to find the shape, then Gauss–Newton for the digits; where that cannot be, a quasi-Newton method.

    Args:
        seconds: Time for both; None is a minute.
        has_least_squares: Whether Gauss–Newton can train it.
        weights: How many there are: up to 10,000 the whole inverse Hessian is kept, beyond that, or if nobody says, the
            last steps.
    """
    total = DEFAULT_SECONDS if seconds is None else seconds
    if has_least_squares:
        start = min(SHORT_START * total, LONGEST_SHORT_START)
        return (Adam(seconds=start), GaussNewton(seconds=total - start))
    if weights is not None and weights <= SelfScaledBroyden.most_weights:
        start = min(SHARE_OF_START * total, LONGEST_START)
        return (Adam(seconds=start), SelfScaledBroyden(seconds=total - start))
    return (Adam(seconds=SHARE_OF_ADAM * total), LBFGS(seconds=(1 - SHARE_OF_ADAM) * total))


def checked_stages(
    stages: Sequence[AbstractOptimizer] | None, seconds: float | None
) -> tuple[AbstractOptimizer, ...] | None:
    """The stages of a run, None where they are left open.

    Raises:
        DeclarationError: Something in the list is no stage, the list is empty, or the time is not positive.
    """
    if seconds is not None and not seconds > 0:
        message = f"`solve(…, seconds={seconds})`: the time must be positive."
        raise DeclarationError(message)
    if stages is None:
        return None
    stages = (stages,) if isinstance(stages, AbstractOptimizer) else tuple(stages)
    if not stages:
        message = (
            "`solve(…, stages=[])` has no stage. Write for example `stages=[Adam(steps=2_000), LBFGS(steps=500)]`."
        )
        raise DeclarationError(message)
    for stage in stages:
        if not isinstance(stage, AbstractOptimizer):
            message = f"`stages` contains {stage!r}, which is no stage. Write for example `Adam(steps=2_000)`."
            raise DeclarationError(message)
    return stages


def check_tolerance(tolerance: float | None, stages: Sequence[AbstractOptimizer] | None) -> None:
    """Refuse what is no relative error, and one beside stages.

    Raises:
        DeclarationError: So it is.
    """
    if tolerance is None:
        return
    if not (isinstance(tolerance, int | float) and math.isfinite(tolerance) and 0 < tolerance < 1):
        message = f"`solve(…, tolerance={tolerance!r})`: a relative error, between 0 and 1, such as 1e-4."
        raise DeclarationError(message)
    if stages is not None:
        message = "`solve(…, stages=…, tolerance=…)`: stages have their own budgets. Leave one of the two out."
        raise DeclarationError(message)


def precision_of(stage: AbstractOptimizer, dtype: str | None) -> str:
    """The precision of a stage: the one asked for, float32 by default, or double where the method needs it."""
    return "float64" if stage.needs_double else (dtype or "float32")
