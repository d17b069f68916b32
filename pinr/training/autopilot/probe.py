"""The unknowns at fixed points."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from pinr.compiler.program import Program
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.solution.compiled import compile_expression

POINTS = 512


@final
class Probe:
    """Every component of every unknown at points of a region that has its coordinates."""

    def __init__(self, program: Program) -> None:
        self.program, self.parts = program, []
        regions = sorted((c.region for c in program.problem.constraints), key=lambda r: -r.dimension)
        for unknown in program.problem.unknowns:
            compiled = compile_expression(program, unknown.expression)
            names = {c.name for c in unknown.coordinates}
            region = next((r for r in regions if names <= set(r.names) and r.dimension > 0), None)
            if region is None:
                continue  # it is asked for elsewhere only, `u(0, y)` say
            samples = region.sample(POINTS, sampler=Sobol(), seed=0)
            block = compiled.block
            self.parts.append((block, block.point_set(samples, dtype=program.dtype, device=program.device)))

    def values(self, parameters: Mapping[str, Tensor]) -> Tensor:
        """`(components of all unknowns, points)`."""
        with torch.no_grad():
            found = [block.values(self.program.networks, parameters, points).t() for block, points in self.parts]
        return torch.cat(found).double().cpu()
