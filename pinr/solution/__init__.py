"""Solutions: trained networks with their problem, evaluated, compared, shown, stored and exported."""

from pinr.solution.extrapolation import ExtrapolationWarning
from pinr.solution.metrics import relative_l2
from pinr.solution.signal_metrics import psnr, snr, ssim
from pinr.solution.solution import Solution

__all__ = ["ExtrapolationWarning", "Solution", "psnr", "relative_l2", "snr", "ssim"]
