"""Trainings that ended too soon."""

from collections.abc import Iterator

import numpy as np

from pinr.solution.diagnosis.diagnosis import Symptom
from pinr.solution.diagnosis.evidence import Evidence
from pinr.solution.diagnosis.rounding import ROUNDING

LAST = 0.2  # of the time of the training
MUCH = 2.0  # factor by which the loss fell in it: at that rate, as much time again gains a factor of 32


def still_falling(evidence: Evidence) -> Iterator[Symptom]:
    """A loss that still fell fast when the training stopped."""
    factor, seconds = fall(evidence), evidence.solution.seconds
    if factor is not None and factor > MUCH and max(evidence.rms.values()) > ROUNDING:
        yield Symptom(
            "still-falling",
            f"the loss fell by a factor of {factor:.2g} in the last fifth of the {seconds:.3g} s of training.",
            f"More time, for example `seconds={2 * seconds:.2g}`, or more steps of the last stage.",
            {"factor": factor, "seconds": seconds},
        )


def fall(evidence: Evidence) -> float | None:
    """The factor by which the loss fell in the last fifth of the time; None where the history does not tell.

    The constraints' losses are added with the weights of the end, since weights may have changed. Between two rows of
    the history the loss is taken to fall like an exponential.
    """
    losses = {f"loss {name}": weight for name, weight in evidence.weights.items()}
    rows = [row for row in evidence.solution.history if losses.keys() <= row.keys()]
    seconds = np.array([float(row["seconds"]) for row in rows])
    totals = np.array([sum(weight * float(row[key]) for key, weight in losses.items()) for row in rows])
    if len(rows) < 2 or seconds[-1] <= seconds[0] or not (totals > 0).all():
        return None
    before = np.interp((1 - LAST) * seconds[-1], seconds, np.log(totals))
    return float(np.exp(before) / totals[-1])
