"""Networks: recipes, sized at compilation, and the modules that they make."""

from pinr.networks.mlp import MLP
from pinr.networks.recipe import AbstractRecipe
from pinr.networks.siren import Siren

__all__ = ["MLP", "AbstractRecipe", "Siren"]
