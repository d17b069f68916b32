"""Scans whose normals point inwards: then inside and outside of what is learned from them are swapped."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pinr.declaration.checks.check import Remark, Remarks
from pinr.geometry.point_cloud import PointCloud
from pinr.language.normals import NormalComponent

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem

Array = NDArray[np.float64]

FEWEST = 50  # points, of which a surface can be told
NEIGHBOURS = 6
CLOSED = 0.1  # of the area: the normals of a closed surface add up to less, but for unevenness
INWARD = -0.1  # of the volume that it would have as a ball around its centre: far more than normals without order give


def normals_that_point_inwards(problem: "Problem") -> Remarks:
    """The normals of a closed scan give it a negative volume."""
    told: set[PointCloud] = set()
    for name, constraint in problem.named_constraints.items():
        scan = constraint.region
        is_used = any(isinstance(field, NormalComponent) for field in constraint.fields)
        if isinstance(scan, PointCloud) and is_used and scan.normals is not None and scan not in told:
            told.add(scan)
            if is_turned(scan.points, scan.normals):
                message = (
                    f"the normals of `{scan!r}` point inwards: by the divergence theorem its volume is negative. What "
                    "is learned from them is negative outside, and `region(phi < 0)` is what surrounds the shape. Turn "
                    "them, `PointCloud(scan.points, normals=-scan.normals)`; the warning may stay if the scan is that "
                    "of a room, seen from within."
                )
                yield Remark(name, message)


def is_turned(points: Array, normals: Array) -> bool:
    """Whether points `(N, d)` lie on a closed curve or surface, and `∫ (x − c)·n` over it is clearly negative.

    Each point counts by the area around it, as the distance to its neighbours tells.
    """
    if len(points) < FEWEST:
        return False
    reach = cKDTree(points).query(points, k=NEIGHBOURS + 1)[0][:, -1]
    areas = reach ** (points.shape[1] - 1)
    areas = areas / areas.sum()
    away = points - areas @ points
    is_closed = float(np.linalg.norm(areas @ normals)) < CLOSED
    flux, largest = areas @ (away * normals).sum(axis=1), areas @ np.linalg.norm(away, axis=1)
    return is_closed and bool(flux < INWARD * largest)
