"""Points that were fitted in place of the equations."""

from collections.abc import Iterator

from pinr.solution.diagnosis.diagnosis import Symptom
from pinr.solution.diagnosis.evidence import Evidence
from pinr.solution.diagnosis.rounding import ROUNDING

ABOVE = 10.0  # one comparison: `MorePoints` takes 3 for its several ones; chance and fronts give 2 or 3
WORTH = 0.1  # of the loss at new points: what makes less of it does not matter


def overfitted(evidence: Evidence) -> Iterator[Symptom]:
    """Constraints whose loss at new points is far above that at the points of the training."""
    for name, ratio in new_over_old(evidence).items():
        if ratio > ABOVE and evidence.shares[name] > WORTH and evidence.rms[name] > ROUNDING:
            yield Symptom(
                "over-fitted",
                f"the loss of {name!r} is {evidence.losses[name]:.1e} at new points, {ratio:.2g} times that at those "
                "it was trained on.",
                f"More points: a greater `points=` of {name!r}, `more=MorePoints()`, new ones more often; or a smaller "
                "network.",
                {"new": evidence.losses[name], "old": evidence.losses[name] / ratio, "ratio": ratio},
            )


def new_over_old(evidence: Evidence) -> dict[str, float]:
    """By constraint, the loss at new points over the last one of the history; what is measured has no new points."""
    last = evidence.solution.history[-1] if evidence.solution.history else {}
    trained = {name: float(last[key]) for name in evidence.losses if (key := f"loss {name}") in last}
    return {
        name: evidence.losses[name] / old for name, old in trained.items() if old > 0 and evidence.has_new_points(name)
    }
