"""The constraint that makes most of the loss."""

from collections.abc import Iterator

from pinr.solution.diagnosis.diagnosis import Symptom
from pinr.solution.diagnosis.evidence import LARGE, Evidence
from pinr.verification.verification import percent

MOST = 0.9  # of the weighted loss

REMEDIES = {
    True: "Look at what this condition prescribes, at corners above all; if it is right, raise its `weight=`.",
    False: "What there is to gain is there: more points, a larger network or more time; a greater weight if the "
    "other constraints can bear it.",
}


def dominating(evidence: Evidence) -> Iterator[Symptom]:
    """A constraint, one of several, that makes nearly all of the loss, and does not hold."""
    for name, share in evidence.shares.items():
        if len(evidence.shares) > 1 and share > MOST and evidence.rms[name] > LARGE:
            yield Symptom(
                "dominates",
                f"{name!r} makes {percent(share)} of the loss: it is violated by "
                f"{percent(evidence.rms[name])} of its terms.",
                REMEDIES[evidence.is_condition(name)],
                {"share": share, "residual": evidence.rms[name]},
            )
