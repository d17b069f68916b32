"""How many points a constraint gets."""

from pinr.declaration.constraint import Constraint
from pinr.geometry.point_cloud import PointCloud

LARGEST_SCAN_DRAW = 2048  # points of a cloud at a time, as inside a square: scans have many more than a step needs


def default_count(constraint: Constraint) -> int:
    """How many points a constraint gets if nobody says: enough for the usual small networks.

    A region of full dimension gets more than a boundary or a slice of the same dimension; a condition on
    integrals alone is the same everywhere.
    """
    region = constraint.region
    if not constraint.is_pointwise:
        return 1
    if region.dimension == 0:
        every = max(1, round(region.measure))  # all of them: the measure of points is their number
        return min(every, LARGEST_SCAN_DRAW) if isinstance(region, PointCloud) else every
    whole = region.dimension == len(region.names)
    return {1: 256, 2: 2048 if whole else 512}.get(region.dimension, 2048 if whole else 1024)


def point_count(constraint: Constraint) -> int:
    """The declared number of points, or the usual one."""
    return constraint.points or default_count(constraint)


def has_free_points(constraint: Constraint) -> bool:
    """Whether other points are possible."""
    return constraint.region.dimension > 0 and constraint.is_pointwise
