"""Solutions: trained networks with their problem, evaluated, compared, shown, stored and exported."""

from pinr.solution.metrics import relative_l2
from pinr.solution.solution import Solution

__all__ = ["Solution", "relative_l2"]
