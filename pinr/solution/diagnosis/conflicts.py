"""Constraints that cannot be met together."""

import itertools
from collections.abc import Iterator

from pinr.solution.diagnosis.diagnosis import Symptom
from pinr.solution.diagnosis.evidence import LARGE, Evidence
from pinr.verification.verification import percent

OPPOSED = -0.7  # cosine: more than 135° apart, a step for one undoes most of a step for the other
MATCHED = 0.1  # the smaller gradient over the larger: below, it does not hold the other back


def conflicts(evidence: Evidence) -> Iterator[Symptom]:
    """Two constraints that both hold badly, and whose losses have opposite gradients.

    Where a training ends, the weighted gradients add up to nothing, so that two constraints are always opposed then:
    it is a conflict only if neither of them holds.
    """
    for (one, other), cosine in cosines(evidence).items():
        strengths = sorted(float(evidence.gradients[name].norm()) for name in (one, other))
        is_large = min(evidence.rms[one], evidence.rms[other]) > LARGE
        if is_large and cosine < OPPOSED and strengths[0] > MATCHED * strengths[1]:
            places = (evidence.place(name, int(evidence.sizes[name].argmax())) for name in (one, other))
            yield Symptom(
                "conflict",
                f"{one!r} and {other!r} pull against each other: the cosine of the gradients of their losses is "
                f"{cosine:.2f}, and they are violated by {percent(evidence.rms[one])} and "
                f"{percent(evidence.rms[other])} of their terms (most at {' and at '.join(places)}).",
                "See whether they prescribe different values where they meet, or the same twice; `problem.check()` "
                "finds some of that. If they agree, a larger network or more time meets both.",
                {"cosine": cosine, one: evidence.rms[one], other: evidence.rms[other]},
            )


def cosines(evidence: Evidence) -> dict[tuple[str, str], float]:
    """The cosine between the gradients of every two constraints' losses."""
    gradients = evidence.gradients
    return {
        (a, b): float(gradients[a] @ gradients[b] / (gradients[a].norm() * gradients[b].norm()).clamp_min(1e-300))
        for a, b in itertools.combinations(gradients, 2)
    }
