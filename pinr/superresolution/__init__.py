"""Super-resolution: fine fields from coarse ones, under the equations that they obey."""

from pinr.superresolution.convection import Convection
from pinr.superresolution.crops import Crops
from pinr.superresolution.grid_dataset import GridDataset
from pinr.superresolution.simulate import simulate
from pinr.superresolution.standardisation import Standardisation

__all__ = ["Convection", "Crops", "GridDataset", "Standardisation", "simulate"]
