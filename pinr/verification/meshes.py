"""The coarsest mesh of a model's region."""

import numpy as np

from pinr.verification.mesh import AbstractMesh, Segments, Triangles
from pinr.verification.model import Model
from pinr.verification.outline import condition_at, outline_of
from pinr.verification.triangulation import triangulate
from pinr.verification.unverifiable import UnverifiableError

SEGMENTS = 16  # in the longest interval of the coarsest mesh
TRIANGLES_ACROSS = 4  # of the coarsest mesh, in a square of the region's area


def coarsest_mesh(model: Model) -> AbstractMesh:
    """A mesh of the model's region that resolves its shape and little more.

    Raises:
        UnverifiableError: The region cannot be meshed, or its boundary has parts without a condition.
    """
    when = {} if model.times is None or model.state.time is None else {model.state.time.name: sum(model.times) / 2}
    names = tuple(c.name for c in model.state.space)
    if len(names) == 1:
        return _interval_mesh(model, names[0], when)
    outline = outline_of(model.region, (names[0], names[1]), model.conditions, when)
    size = model.region.measure**0.5 / TRIANGLES_ACROSS
    return Triangles(outline, triangulate(outline, size))


def _interval_mesh(model: Model, name: str, when: dict[str, float]) -> Segments:
    ends, holding = [], []
    for face in model.region.faces(frozenset({name})):
        place = face.charts[0].place(np.empty((1, 0))).points[name]
        ends.append(float(place[0]))
        points = {name: place, **{n: np.array([v]) for n, v in when.items()}}
        holding.append(int(condition_at(points, model.conditions, face.name)[0]))
    order = np.argsort(ends)
    ends, holding = np.array(ends)[order], np.array(holding)[order]
    if len(ends) < 2 or len(ends) % 2:
        message = "the interval has no two ends (is the region periodic?)."
        raise UnverifiableError(message)
    longest = (ends[1::2] - ends[::2]).max()
    points, segments, count = [], [], 0
    marks: dict[int, list[int]] = {}
    for k in range(0, len(ends), 2):
        pieces = max(2, int(np.ceil(SEGMENTS * (ends[k + 1] - ends[k]) / longest)))
        points.append(np.linspace(ends[k], ends[k + 1], pieces + 1))
        segments.append(count + np.stack([np.arange(pieces), np.arange(1, pieces + 1)]))
        marks.setdefault(int(holding[k]), []).append(count)
        marks.setdefault(int(holding[k + 1]), []).append(count + pieces)
        count += pieces + 1
    found = {condition: np.array(indices) for condition, indices in marks.items()}
    return Segments(np.concatenate(points), np.hstack(segments), found)
