"""All recipes by name: how a stored recipe is found again."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pinr.errors import FileFormatError
from pinr.networks.fourier_features import FourierFeatures
from pinr.networks.mlp import MLP
from pinr.networks.modified_mlp import ModifiedMLP
from pinr.networks.pirate_net import PirateNet
from pinr.networks.recipe import AbstractRecipe
from pinr.networks.residual_mlp import ResidualMLP
from pinr.networks.siren import Siren

RECIPES: dict[str, type[AbstractRecipe]] = {
    recipe.__name__: recipe for recipe in (FourierFeatures, MLP, ModifiedMLP, PirateNet, ResidualMLP, Siren)
}


def recipe_from_record(record: Mapping[str, Any]) -> AbstractRecipe:
    """The recipe of a record.

    Raises:
        FileFormatError: The name or a field is not known.
    """
    kind = RECIPES.get(str(record.get("recipe")))
    if kind is None:
        message = f"The file has a network {record.get('recipe')!r}; known are {', '.join(sorted(RECIPES))}."
        raise FileFormatError(message)
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    given = {name: value for name, value in record.items() if name != "recipe"}
    if set(given) - known:
        message = f"The stored {kind.__name__} has the unknown fields {sorted(set(given) - known)}."
        raise FileFormatError(message)
    return kind(**given)
