"""Networks: recipes, sized at compilation, and the modules that they make."""

from pinr.networks.fourier_features import FourierFeatures
from pinr.networks.mlp import MLP
from pinr.networks.modified_mlp import ModifiedMLP
from pinr.networks.pirate_net import PirateNet
from pinr.networks.recipe import AbstractRecipe
from pinr.networks.residual_mlp import ResidualMLP
from pinr.networks.siren import Siren

__all__ = ["MLP", "AbstractRecipe", "FourierFeatures", "ModifiedMLP", "PirateNet", "ResidualMLP", "Siren"]
