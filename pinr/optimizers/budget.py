"""How long a stage may run: a number of steps, a time, or whichever ends first."""

from pinr.errors import DeclarationError
from pinr.optimizers.argument_checks import check_argument, is_count, is_real
from pinr.optimizers.optimizer import AbstractOptimizer


def check_budget(optimizer: AbstractOptimizer) -> None:
    """Refuse a budget that is missing, empty or negative."""
    steps, seconds = optimizer.steps, optimizer.seconds
    check_argument(optimizer, "steps", steps is None or is_count(steps, least=1), rule="a whole number from 1 on")
    check_argument(
        optimizer, "seconds", seconds is None or (is_real(seconds) and seconds > 0), rule="a positive number of seconds"
    )
    if steps is None and seconds is None:
        name = type(optimizer).__name__
        message = f"`{name}(...)` has no budget. Say `{name}(steps=500)`, `{name}(seconds=60)`, or both."
        raise DeclarationError(message)


def elapsed_fraction(optimizer: AbstractOptimizer, *, steps: int, seconds: float) -> float:
    """The part of the stage's budget that is spent, in [0, 1]: `max(steps / budget, seconds / budget)`.

    It depends on the steps alone, and is therefore reproducible, unless the budget names seconds.
    """
    by_steps = 0.0 if optimizer.steps is None else steps / optimizer.steps
    by_seconds = 0.0 if optimizer.seconds is None else seconds / optimizer.seconds
    return min(1.0, max(by_steps, by_seconds))
