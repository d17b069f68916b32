"""Faces: the named parts of a boundary, each with its outward normal."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from pinr.geometry.bounds import Bounds
from pinr.geometry.chart import Chart
from pinr.geometry.samples import Mask, Points


@final
@dataclass(frozen=True, eq=False)
class Face:
    """A named part of a region's boundary.

    Args:
        name: What selects it: `x-`, `hole`, `notch.x-`.
        bounds: Coordinate name → lowest and highest value; encloses the face.
        charts: The maps of the unit cube that make it up.
        encloses: Which points lie on it, up to the tolerance.
        normal: Points on it → components of the outward unit normal there; those that are 0 may be left out.
    """

    name: str
    bounds: Bounds
    charts: tuple[Chart, ...]
    encloses: Callable[[Points], Mask]
    normal: Callable[[Points], Points]

    def flipped(self) -> "Face":
        """The same face seen from the other side."""
        return replace(self, normal=lambda points: {name: -n for name, n in self.normal(points).items()})


def constant_normal(components: Mapping[str, float]) -> Callable[[Points], Points]:
    """The normal of a flat face."""

    def normal(points: Points) -> Points:
        return {name: np.full_like(points[name], component) for name, component in components.items()}

    return normal


def numbered(faces: Sequence[Face]) -> tuple[Face, ...]:
    """The faces with distinct names: those of one name become `x+ 1`, `x+ 2`, … in their order.

    Neither of them keeps the plain name, so that `part("x+")` cannot mean another face than its reader thinks.
    """
    shared = {name for name, count in Counter(face.name for face in faces).items() if count > 1}
    seen: Counter[str] = Counter()
    distinct: list[Face] = []
    for face in faces:
        seen[face.name] += 1
        distinct.append(replace(face, name=f"{face.name} {seen[face.name]}") if face.name in shared else face)
    return tuple(distinct)
