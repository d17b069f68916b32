"""How large residuals are at points."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinr.compiler.program import Batch, Program


def residual_size(program: Program, parameters: Mapping[str, Tensor], batch: Batch) -> NDArray[np.float64]:
    """`|r_n|` of the scaled residuals of constraints on the same points, over all components, `(N,)`; no gradients."""
    with torch.no_grad():
        found = program.residuals(parameters, batch)
        scaled = torch.cat([residual / program.scales[name] for name, residual in found.items()], dim=1)
    return scaled.norm(dim=1).double().cpu().numpy()
