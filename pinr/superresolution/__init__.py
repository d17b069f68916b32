"""Super-resolution: fine fields from coarse ones, under the equations that they obey."""

from pinr.superresolution.comparison import Comparison, Score, compare
from pinr.superresolution.consistency import ConsistencyWarning, check_consistency
from pinr.superresolution.convection import Convection
from pinr.superresolution.crops import Crops
from pinr.superresolution.differences import derivative
from pinr.superresolution.equations import Equations
from pinr.superresolution.fit import fit
from pinr.superresolution.grid_dataset import GridDataset
from pinr.superresolution.implicit_decoder import ImplicitDecoder
from pinr.superresolution.latent_grid import LatentGrid
from pinr.superresolution.local_grid import LocalImplicitGrid
from pinr.superresolution.model import SuperResolution
from pinr.superresolution.rayleigh_benard import rayleigh_benard
from pinr.superresolution.residuals import residuals
from pinr.superresolution.simulate import simulate
from pinr.superresolution.standardisation import Standardisation
from pinr.superresolution.statistics import statistics
from pinr.superresolution.unet import UNet

__all__ = [
    "Comparison",
    "ConsistencyWarning",
    "Convection",
    "Crops",
    "Equations",
    "GridDataset",
    "ImplicitDecoder",
    "LatentGrid",
    "LocalImplicitGrid",
    "Score",
    "Standardisation",
    "SuperResolution",
    "UNet",
    "check_consistency",
    "compare",
    "derivative",
    "fit",
    "load",
    "rayleigh_benard",
    "residuals",
    "simulate",
    "statistics",
]

load = SuperResolution.load
