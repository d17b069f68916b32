"""Residuals that are no numbers."""

from collections.abc import Iterator

import torch

from pinr.solution.diagnosis.diagnosis import Symptom
from pinr.solution.diagnosis.evidence import Evidence


def not_finite(evidence: Evidence) -> Iterator[Symptom]:
    """Constraints whose residual is infinite or no number somewhere: nothing else can be said then."""
    for name, size in evidence.sizes.items():
        bad = (~torch.isfinite(size)).nonzero()
        if len(bad):
            yield Symptom(
                "not-finite",
                f"the residual of {name!r} is not finite at {len(bad)} of {len(size)} new points, "
                f"the first at {evidence.place(name, int(bad[0]))}.",
                "Rewrite the equation so that it cannot overflow, with `Piecewise` where it has no value; "
                "or train again at a lower rate.",
                {"points": len(bad)},
            )
