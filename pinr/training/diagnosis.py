"""Where a loss stops being finite: the constraint, the point, the sub-expression."""

from collections.abc import Mapping

import torch
from torch import Tensor

from pinr.compiler.program import Batch, Program


def first_non_finite(program: Program, parameters: Mapping[str, Tensor], batch: Batch) -> str | None:
    """A sentence about the first residual that is not finite, or None if all are."""
    with torch.no_grad():
        residuals = program.residuals(parameters, batch)
    for name, residual in residuals.items():
        bad = (~torch.isfinite(residual)).nonzero()
        if len(bad):
            row, column = (int(i) for i in bad[0])
            component = program.blocks[name].component_of(column)
            samples = batch[name].samples
            place = ", ".join(f"{n} = {p[row]:g}" for n, p in samples.points.items())
            constraint = program.problem.named_constraints[name]
            return (
                f"{constraint.described} is {float(residual[row, column])} at {place}, "
                f"in `{constraint.components[component]}`"
            )
    return None
