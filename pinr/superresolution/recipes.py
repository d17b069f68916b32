"""The kinds of networks, and how a stored one is found again."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pinr.errors import FileFormatError
from pinr.superresolution.latent_grid import LatentGrid, LatentNetwork
from pinr.superresolution.local_grid import GridNetwork, LocalImplicitGrid

Recipe = LocalImplicitGrid | LatentGrid
Network = GridNetwork | LatentNetwork
RECIPES: dict[str, type[Recipe]] = {kind.__name__: kind for kind in (LocalImplicitGrid, LatentGrid)}


def recipe_record(recipe: Recipe) -> dict[str, Any]:
    """As JSON: its name with its fields."""
    return {"recipe": type(recipe).__name__, **asdict(recipe)}


def recipe_from_record(record: Mapping[str, Any]) -> Recipe:
    """The other way.

    Raises:
        FileFormatError: The name is not known.
    """
    given = dict(record)
    name = given.pop("recipe", LocalImplicitGrid.__name__)  # files of version 0 name none, and there was one kind
    kind = RECIPES.get(str(name))
    if kind is None:
        message = f"The file has a network {name!r}; known are {', '.join(sorted(RECIPES))}."
        raise FileFormatError(message)
    return kind.from_record(given)
