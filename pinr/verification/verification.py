"""What an independent reference solve says about a solution."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, final

Verdict = Literal["right", "wrong", "undecided", "unverifiable"]


@final
@dataclass(frozen=True)
class Verification:
    """A solution compared with an independent finite-element reference. Made by `verify`.

    All norms are over the region, and over time where there is time. The true relative L² error lies within
    `uncertainty` of `relative_l2`, as far as the estimate of the reference's own error can be trusted.

    Attributes:
        verdict: `right` if the error is surely below the tolerance, `wrong` if it is surely above, `undecided` if the
            reference is too coarse to tell, `unverifiable` if there is no reference.
        reason: One sentence on the verdict.
        tolerance: Largest relative L² error that passes.
        relative_l2: `‖u − u_h‖ / ‖u_h‖` of the solution `u` and the reference `u_h`.
        reference_error: Estimate of `‖u_h − u*‖ / ‖u_h‖`, with `u*` the true solution.
        uncertainty: How far `relative_l2` may be from the truth: the reference's error and that of quadrature.
        maximum_error: Largest `|u − u_h|`, in the unknown's own unit.
        reference_maximum_error: Estimate of the largest `|u_h − u*|`.
        worst_point: Where `|u − u_h|` is largest, by coordinate name.
        order: Observed order of convergence of the reference under uniform refinement.
        reference_size: Number of nodal values of the finest reference, all time steps together.
    """

    verdict: Verdict
    reason: str
    tolerance: float
    relative_l2: float = math.nan
    reference_error: float = math.nan
    uncertainty: float = math.nan
    maximum_error: float = math.nan
    reference_maximum_error: float = math.nan
    worst_point: Mapping[str, float] = field(default_factory=dict)
    order: float = math.nan
    reference_size: int = 0

    @property
    def verified(self) -> bool:
        """Whether the solution passed: it agrees with a reference that is itself good enough to tell."""
        return self.verdict == "right"

    def __str__(self) -> str:
        if self.verdict == "unverifiable":
            return f"the solution was not verified: {self.reason}"
        opening = {
            "right": "the solution is right",
            "wrong": "the solution is wrong",
            "undecided": "the solution was not verified",
        }[self.verdict]
        if not math.isfinite(self.relative_l2):
            return f"{opening}: {self.reason}"
        place = ", ".join(f"{name} = {value:.4g}" for name, value in self.worst_point.items())
        return (
            f"{opening}: relative L2 error {percent(self.relative_l2)} ± {percent(self.uncertainty)}\n"
            f"{self.reason}\n"
            f"largest error {self.maximum_error:.2g} ± {self.reference_maximum_error:.1g} at {place}\n"
            f"reference: finite elements with {self.reference_size:,} values, observed order {self.order:.1f}"
        )


def percent(ratio: float) -> str:
    """A ratio in percent with two significant digits, `45 %`, `0.031 %`, `2.1e-05 %`."""
    value = 100 * ratio
    if value and abs(value) < 1e-3:
        return f"{value:.1e} %"
    digits = max(0, 1 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:.{digits}f} %"
