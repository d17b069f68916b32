"""The coarsest mesh of a model's region."""

import math
from collections.abc import Iterator

import numpy as np

from pinr.errors import GeometryError
from pinr.geometry.face import Face
from pinr.verification.mesh import AbstractMesh, Segments, Triangles
from pinr.verification.model import Model
from pinr.verification.outline import condition_at, outline_of
from pinr.verification.triangulation import triangulate
from pinr.verification.unverifiable import UnverifiableError

SEGMENTS = 16  # in the longest interval of the coarsest mesh
SIZES = 4  # that are tried, each half of the one before
AREA_TOLERANCE = 0.03  # the measure of a region that is sampled by rejection is itself good to a percent or so
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
    outline = outline_of(model.region, _faces(model), (names[0], names[1]), model.conditions, when)
    area = model.region.measure
    for halvings in range(SIZES):
        mesh = Triangles(outline, triangulate(outline, area**0.5 / TRIANGLES_ACROSS / 2**halvings))
        # Chords across a thin part may cross each other: then the area is wrong, or an element is turned over.
        if mesh.is_valid and abs(mesh.basis.dx.sum() - area) < AREA_TOLERANCE * area:
            return mesh
    message = "the mesh could not follow the boundary (is a part of the region very thin?)."
    raise UnverifiableError(message)


def _faces(model: Model) -> tuple[Face, ...]:
    try:
        return model.region.faces(frozenset(c.name for c in model.state.space))
    except GeometryError as error:
        message = f"the boundary is not known. {error}"
        raise UnverifiableError(message) from None


def _interval_mesh(model: Model, name: str, when: dict[str, float]) -> Segments:
    ends = sorted(_ends(model, name, when))
    if len(ends) < 2 or len(ends) % 2:
        message = "the interval has no two ends."
        raise UnverifiableError(message)
    pairs = list(zip(ends[::2], ends[1::2], strict=True))
    longest = max(right - left for (left, _), (right, _) in pairs)
    points, segments, count = [], [], 0
    marks: dict[int, list[int]] = {}
    for (left, at_left), (right, at_right) in pairs:
        pieces = max(2, math.ceil(SEGMENTS * (right - left) / longest))
        points.append(np.linspace(left, right, pieces + 1))
        segments.append(count + np.stack([np.arange(pieces), np.arange(1, pieces + 1)]))
        marks.setdefault(at_left, []).append(count)
        marks.setdefault(at_right, []).append(count + pieces)
        count += pieces + 1
    holding = {condition: np.array(indices) for condition, indices in marks.items()}
    return Segments(np.concatenate(points), np.hstack(segments), holding)


def _ends(model: Model, name: str, when: dict[str, float]) -> Iterator[tuple[float, int]]:
    """The ends of the intervals, each with the number of its condition."""
    for face in _faces(model):
        for chart in face.charts:
            place = chart.place(np.empty((1, 0))).points[name]
            points = {name: place, **{n: np.array([moment]) for n, moment in when.items()}}
            yield float(place[0]), int(condition_at(points, model.conditions, face.name)[0])
