"""Whether Gauss–Newton can train a program."""

import torch

from pinr.compiler.jacobian import linearized
from pinr.compiler.program import Program
from pinr.errors import CompilationError
from pinr.geometry.sampling.low_discrepancy import Sobol

MOST_WEIGHTS = 1200  # above, self-scaled Broyden gains more per second


def has_least_squares(program: Program) -> bool:
    """Whether the losses are (almost) squares, the weights few, and every network known point by point."""
    if sum(p.numel() for p in program.initial(0).values()) > MOST_WEIGHTS:
        return False
    if any(constraint.loss == "l1" for constraint in program.trained.values()):
        return False
    double = program.to(dtype="float64")
    parameters = double.initial(0)
    for name, constraint in double.trained.items():
        block = double.blocks[name]
        if block.integrals and constraint.is_pointwise:
            return False  # one backward pass for each row
        points = block.point_set(
            constraint.region.sample(2, sampler=Sobol(), seed=0), dtype=torch.float64, device=double.device
        )
        try:
            linearized(block, double.networks, parameters, points)
        except CompilationError:
            return False
    return True
