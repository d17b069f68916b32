"""Fronts and corners that the network does not resolve."""

from collections.abc import Iterator

from torch import Tensor

from pinr.solution.diagnosis.diagnosis import Symptom
from pinr.solution.diagnosis.evidence import LARGE, Evidence
from pinr.verification.verification import percent

FEW = 0.02  # of the points hold half of the square of the residual; of normally distributed ones it is 0.13
ENOUGH = 256  # points, of which so few can be told


def concentrated(evidence: Evidence) -> Iterator[Symptom]:
    """Constraints that hold badly in a small part of their region."""
    for name, part in holding_half(evidence).items():
        size = evidence.sizes[name]
        peak, ratio = float(size.max()), float(size.max()) / max(evidence.rms[name], 1e-300)
        if part < FEW and peak > LARGE:
            yield Symptom(
                "under-resolved",
                f"the residual of {name!r} is concentrated: {percent(part)} of the points hold half of its square. It "
                f"is largest at {evidence.place(name, int(size.argmax()))}, {ratio:.2g} times the root mean square.",
                "More points there (`ResidualDensity`, or a `density=` that knows the place), and a wider network or a "
                "higher `omega=`. If the data jump there, smooth them.",
                {"part": part, "peak": peak, "ratio": ratio},
            )


def holding_half(evidence: Evidence) -> dict[str, float]:
    """By constraint, the smallest part of its new points that holds half of `Σ_n |r_n|²`."""
    return {name: _part(size) for name, size in evidence.sizes.items() if len(size) >= ENOUGH and size.any()}


def _part(size: Tensor) -> float:
    squares = size.square().sort(descending=True).values
    sums = squares.cumsum(0)
    return float((sums < sums[-1] / 2).sum() + 1) / len(squares)
