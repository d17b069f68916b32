"""The time of a step, constraint by constraint."""

import statistics
import time
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from pinr.compiler.program import Program

ROUNDS = 5


def measured_times(program: "Program") -> dict[str, float]:
    """Seconds of one evaluation of every trained constraint with the gradient of its loss, the median of a few."""
    parameters, batch = program.initial(), program.batch(names=program.trained)
    times: dict[str, list[float]] = {name: [] for name in batch}
    for _ in range(ROUNDS + 1):  # the first compiles kernels
        for name, points in batch.items():
            start = time.perf_counter()
            loss = program.losses(parameters, {name: points})[name]
            torch.autograd.grad(loss, list(parameters.values()), allow_unused=True)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(found[1:]) for name, found in times.items()}
