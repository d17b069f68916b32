"""A wider network that gives the same function."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from pinr.networks.recipe import AbstractRecipe

GROWTH = 1.4  # of the width: twice the weights


def widened(recipe: AbstractRecipe) -> AbstractRecipe:
    """The same kind of network with more units in every layer."""
    described: Any = recipe
    return replace(described, width=max(described.width + 2, round(GROWTH * described.width)))


def grown_parameters(old: Mapping[str, Tensor], fresh: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Parameters of a wider network that gives the function of the old one.

    Old units keep their weights and get none from new units; what goes into new units is fresh. So the new units do
    nothing at first, and can be trained at once: the derivative by what comes out of them is not zero.

    Args:
        old: The trained parameters.
        fresh: Initial parameters of the wider network, by the same names; in every layer the first units are the old.

    Reference: Chen, Goodfellow, Shlens, Net2Net, ICLR 2016 (their widening copies units; here new ones are fresh).
    """
    found = {}
    for name, target in fresh.items():
        source, grown = old[name].detach(), target.detach().clone()
        corner = tuple(slice(0, length) for length in source.shape)
        if source.dim() == 2:
            grown[: source.shape[0], source.shape[1] :] = 0.0
        grown[corner] = source.to(grown)
        found[name] = grown
    return found
