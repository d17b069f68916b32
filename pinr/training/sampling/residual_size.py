"""How large residuals are at points."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinr.compiler.block import PointSet
from pinr.compiler.program import Program


def residual_size(
    program: Program, name: str, parameters: Mapping[str, Tensor], points: PointSet
) -> NDArray[np.float64]:
    """`|r_n|` of the scaled residuals of a constraint, over its components, `(N,)`; no gradients are kept."""
    with torch.no_grad():
        residual = program.blocks[name].values(program.networks, parameters, points) / program.scales[name]
    return residual.norm(dim=1).double().cpu().numpy()
