"""When points are drawn anew, where they fall, and how many there are."""

from pinr.training.sampling.counts import counts_of, factor_for_points, factor_for_rows
from pinr.training.sampling.draw import Draw, Kept
from pinr.training.sampling.fresh import FreshPoints
from pinr.training.sampling.held_out import fresh_losses
from pinr.training.sampling.more_points import MorePoints
from pinr.training.sampling.residual_density import ResidualDensity
from pinr.training.sampling.retain_resample_release import R3
from pinr.training.sampling.rule import AbstractSampling

__all__ = [
    "R3",
    "AbstractSampling",
    "Draw",
    "FreshPoints",
    "Kept",
    "MorePoints",
    "ResidualDensity",
    "counts_of",
    "factor_for_points",
    "factor_for_rows",
    "fresh_losses",
]
