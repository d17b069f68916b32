"""Whether torch can compute where the user wants it to."""

import torch

from pinr.errors import DeclarationError


def check_device(name: str) -> None:
    """Try a device by putting something on it.

    Raises:
        DeclarationError: torch does not know it, or the machine does not have it.
    """
    try:
        device = torch.device(name)
    except RuntimeError as error:
        message = f"`device={name!r}`: torch knows no such device. Choose `cpu`, `cuda` or `cuda:1`."
        raise DeclarationError(message) from error
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).split("\n")[0].rstrip(".")
        message = f"`device={name!r}`: torch cannot compute there ({reason}). Choose another, for example `cpu`."
        raise DeclarationError(message) from error
