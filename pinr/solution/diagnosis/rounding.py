"""Residuals that are as small as rounding lets them be."""

from collections.abc import Iterator

from pinr.solution.diagnosis.diagnosis import Symptom
from pinr.solution.diagnosis.evidence import Evidence

ROUNDING = 1e-11  # of the terms: second derivatives of a network lose four or five of the 16 digits of float64


def at_rounding(evidence: Evidence) -> Iterator[Symptom]:
    """All constraints at rounding: the training can gain nothing more."""
    worst = max(evidence.rms.values(), default=1.0)
    if worst < ROUNDING:
        yield Symptom(
            "at-rounding",
            f"every equation holds to {worst:.0e} of its terms, which is rounding.",
            "Nothing: more training gains nothing. What is still wrong is in the problem or its data.",
            {"residual": worst},
        )
