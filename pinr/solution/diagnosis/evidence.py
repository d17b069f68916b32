"""What the searches look at: residuals at new points, their gradients, and the history."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

import torch
from torch import Tensor

from pinr.compiler.chunks import parts_of
from pinr.compiler.counts import default_count, has_free_points
from pinr.compiler.integral_term import evaluations_per_point
from pinr.compiler.loss import mean_loss
from pinr.compiler.program import Batch, Program, weighted_sum, with_rules_everywhere
from pinr.declaration.constraint import Constraint
from pinr.geometry.measurements import Measurements

if TYPE_CHECKING:
    from pinr.solution.solution import Solution

POINTS = 2048  # of every constraint: one in a thousand is seen, in a second or so
EVALUATIONS = 200_000  # at most, where every point has integrals of its own
DRAW = 900_001  # a draw that no run comes to, so that its points are new
LARGE = 1e-2  # of the terms of an equation, or of the size of an unknown: what a drawing begins to show


@final
@dataclass(frozen=True, eq=False)
class Evidence:
    """A solution at points that it was not trained on, in double precision; everything is computed when asked for."""

    solution: "Solution"

    @cached_property
    def program(self) -> Program:
        return with_rules_everywhere(self.solution.program.to(dtype="float64"))

    @cached_property
    def parameters(self) -> dict[str, Tensor]:
        options: Any = {"dtype": torch.float64, "device": self.program.device}
        return {name: value.detach().to(**options) for name, value in self.solution.parameters.items()}

    @cached_property
    def constraints(self) -> Mapping[str, Constraint]:
        """Those that training has to meet."""
        return self.program.trained

    @cached_property
    def batch(self) -> Batch:
        """New points; what is measured, as it is."""
        counts = {name: self._count(name, constraint) for name, constraint in self.constraints.items()}
        return self.program.batch(self.solution.seed, draw=DRAW, points=counts, names=list(counts))

    def _count(self, name: str, constraint: Constraint) -> int:
        if not self.has_new_points(name):
            return default_count(constraint)
        return max(16, min(POINTS, EVALUATIONS // evaluations_per_point(self.program.blocks[name])))

    @cached_property
    def residuals(self) -> dict[str, Tensor]:
        """In the equations' own units, `(points, components)`."""
        with torch.no_grad():
            return self.program.residuals(self.parameters, self.batch)

    @cached_property
    def sizes(self) -> dict[str, Tensor]:
        """`|r_n / s|` of the residuals divided by the size of their terms, over the components, `(points,)`."""
        return {name: (r / self.program.scales[name]).norm(dim=1) for name, r in self.residuals.items()}

    @cached_property
    def rms(self) -> dict[str, float]:
        """The root mean square of these: 0.01 means that the equations hold to a hundredth of their terms."""
        return {name: float(size.square().mean().sqrt()) for name, size in self.sizes.items()}

    @cached_property
    def losses(self) -> dict[str, float]:
        """The unweighted loss of every constraint at the new points."""
        return {
            name: float(mean_loss(r, self.constraints[name].loss, self.program.scales[name]))
            for name, r in self.residuals.items()
        }

    @cached_property
    def weights(self) -> dict[str, float]:
        """The weights at the end of the training; 1 where nothing is known of them."""
        last = self.solution.history[-1] if self.solution.history else {}
        known = {name: float(last[f"weight {name}"]) for name in self.constraints if f"weight {name}" in last}
        weights = self.program.weights(known)
        return {name: float(weights[name]) for name in self.constraints}

    @cached_property
    def shares(self) -> dict[str, float]:
        """The part of the weighted loss that each constraint makes."""
        weighted = {name: self.weights[name] * loss for name, loss in self.losses.items()}
        total = sum(weighted.values())
        return {name: loss / total if total > 0 else 0.0 for name, loss in weighted.items()}

    @cached_property
    def gradients(self) -> dict[str, Tensor]:
        """The gradient of every constraint's weighted loss by all parameters, as one vector."""
        leaves = {name: value.clone().requires_grad_(True) for name, value in self.parameters.items()}
        width = sum(value.numel() for value in leaves.values())
        found = {name: torch.zeros(width, dtype=torch.float64, device=self.program.device) for name in self.constraints}
        for part in parts_of(self.program, self.batch):
            for name, (points, fraction) in part.items():
                with torch.enable_grad():
                    loss = fraction * weighted_sum(self.program.losses(leaves, {name: points}), self.weights)
                if not loss.requires_grad:
                    continue  # a network without weights
                slopes = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True, materialize_grads=True)
                found[name] += torch.cat([slope.flatten() for slope in slopes])
        return found

    def has_new_points(self, name: str) -> bool:
        """Whether a constraint holds at other points than those of the training; what is measured does not."""
        return has_free_points(self.constraints[name])

    def is_condition(self, name: str) -> bool:
        """Whether a constraint holds on a boundary or a slice: not inside, and not where something was measured."""
        region = self.constraints[name].region
        return region.dimension < self.program.problem.dimension and not isinstance(region, Measurements)

    def place(self, name: str, row: int) -> str:
        """One of the points of a constraint as text, to a hundredth of the region: `x = 0.00, t = 0.73`."""
        points, bounds = self.batch[name].samples.points, self.program.problem.bounds
        return ", ".join(f"{n} = {_rounded(float(values[row]), bounds.get(n))}" for n, values in points.items())


def _rounded(value: float, ends: tuple[float, float] | None) -> str:
    extent = ends[1] - ends[0] if ends is not None else 0.0
    if not 1e-2 < extent < 1e3:
        return f"{value:.3g}"
    digits = 2 if extent >= 1 else 4
    return f"{round(value, digits) + 0.0:.{digits}f}"  # + 0.0: no -0.00
