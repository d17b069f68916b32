"""Charts over triangles and segments."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pinr.geometry.chart import Chart
from pinr.geometry.samples import Samples
from pinr.surfaces import Facets

Array = NDArray[np.float64]


def facet_chart(
    facets: Facets,
    chosen: NDArray[np.bool_],
    names: tuple[str, ...],
    onto: Callable[[Array, Array], Array] | None = None,
) -> Chart:
    """Points spread evenly over some facets, which the first axis of the unit cube chooses by their measure.

    Of segments that axis also says where on the segment: it is the arc length.

    Args:
        facets: Triangles or segments.
        chosen: Which of them.
        names: The coordinates.
        onto: Moves points `(N, d)` of facets, each with a corner of its facet, to where they belong.
    """
    corners = facets.vertices[facets.corners[chosen]]
    measures = facets.measures[chosen]
    reached = np.cumsum(measures)
    total = float(reached[-1])

    def place(unit: Array) -> Samples:
        wanted = unit[:, 0] * total
        which = np.minimum(np.searchsorted(reached, wanted, side="right"), len(corners) - 1)
        p = np.moveaxis(corners[which], 1, 0)
        if facets.dimension == 2:
            along = 1 - np.clip((reached[which] - wanted) / measures[which], 0, 1)[:, None]
            found = p[0] + along * (p[1] - p[0])
        else:
            # `u` is the share of the area nearer to the first corner, `v` the place across.
            away, across = np.sqrt(unit[:, 1:2]), unit[:, 2:3]
            found = p[0] + away * (p[1] - p[0] + across * (p[2] - p[1]))
        if onto is not None:
            found = onto(found, p[0])
        return Samples({name: found[:, k] for k, name in enumerate(names)})

    return Chart(facets.dimension if facets.dimension == 3 else 1, total, place, choices=int(facets.dimension == 3))
