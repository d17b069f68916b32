"""The flat vector of all trainable numbers, on which every optimizer works."""

from typing import TypeAlias

import torch
from torch import Tensor

from pinr.errors import DeclarationError

Vector: TypeAlias = Tensor
"""A floating-point tensor of shape `(parameters,)`."""


def owned_vector(theta: Tensor) -> Vector:
    """A copy of `theta`, outside every graph, that belongs to the optimizer alone."""
    if theta.ndim != 1 or theta.numel() == 0 or not theta.is_floating_point():
        message = (
            f"`initial(theta)` was given a tensor of shape {tuple(theta.shape)} and dtype {theta.dtype}. An optimizer "
            "works on one flat vector of real numbers: join the parameters, for example with "
            "`torch.nn.utils.parameters_to_vector`."
        )
        raise DeclarationError(message)
    return theta.detach().clone(memory_format=torch.contiguous_format)
