"""Samplers: points in the unit cube, which the charts of a region carry to where they belong."""

from pinr.geometry.sampling.grid import Grid
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.geometry.sampling.sampler import AbstractSampler
from pinr.geometry.sampling.uniform import Uniform

__all__ = ["AbstractSampler", "Grid", "Sobol", "Uniform"]
