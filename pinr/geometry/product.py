"""Cartesian products: space × time, cross-section × length, region × family."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import product
from typing import TYPE_CHECKING, Any, final

import numpy as np
import sympy
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds
from pinr.geometry.chart import Chart, joined
from pinr.geometry.face import Face
from pinr.geometry.number import Number
from pinr.geometry.region import AbstractRegion, operand
from pinr.geometry.samples import Mask, Points
from pinr.language.coordinates import Role
from pinr.language.normals import Normal

if TYPE_CHECKING:
    from pinr.geometry.measurements import Measurements


@final
@dataclass(frozen=True, repr=False)
class Product(AbstractRegion):
    """`A × B × …` of regions without a common coordinate, `Box(x=(0, pi)) * Box(t=(0, 10))`.

    Its faces are those of one factor times the others: `∂(A × B) = ∂A × B ∪ A × ∂B`, as far as the factors have
    coordinates of space. Products of products are flattened.
    """

    factors: tuple[AbstractRegion, ...]

    def __post_init__(self) -> None:
        flat = [f for factor in self.factors for f in (factor.factors if isinstance(factor, Product) else (factor,))]
        object.__setattr__(self, "factors", tuple(flat))
        if len(self.factors) < 2:
            message = f"`Product({self.factors})`: a product has two factors or more. Write `A * B`."
            raise GeometryError(message)
        common = [name for name, count in Counter(self.names).items() if count > 1]
        if common:
            message = (
                f"`{self!r}`: the factors share the coordinate {', '.join(common)}. "
                "Factors of a product need coordinates of their own; rename one."
            )
            raise GeometryError(message)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return tuple(name for factor in self.factors for name in factor.names)

    @property
    @override
    def bounds(self) -> Bounds:
        return {name: bounds for factor in self.factors for name, bounds in factor.bounds.items()}

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        return tuple(reduce(joined, charts) for charts in product(*(factor.charts for factor in self.factors)))

    @override
    def encloses(self, points: Points) -> Mask:
        return np.logical_and.reduce([factor.encloses(points) for factor in self.factors])

    @override
    def surrounds(self, points: Points) -> Mask:
        return np.logical_and.reduce([factor.surrounds(points) for factor in self.factors])

    @override
    def located(self, points: Points) -> tuple[Mask, Mask]:
        each = [factor.located(points) for factor in self.factors]
        return np.logical_and.reduce([e for e, _ in each]), np.logical_and.reduce([s for _, s in each])

    @override
    def covers(self, bounds: Bounds) -> bool | None:
        each = {factor.covers(bounds) for factor in self.factors}
        return False if False in each else None if None in each else True

    @property
    @override
    def periodic(self) -> tuple[str, ...]:
        return tuple(name for factor in self.factors for name in factor.periodic)

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        return tuple(
            self._face(index, face)
            for index, factor in enumerate(self.factors)
            if not space.isdisjoint(factor.names)
            for face in factor.faces(space)
        )

    @override
    def within(self, bounds: Bounds) -> "Product":
        return Product(tuple(f.within({n: bounds[n] for n in f.names}) for f in self.factors))

    @override
    def crosscut(self, values: Mapping[str, Number]) -> AbstractRegion | None:
        parts = [{name: values[name] for name in factor.names if name in values} for factor in self.factors]
        pairs = list(zip(self.factors, parts, strict=True))
        cut = [f.crosscut(part) if part else f for f, part in pairs if len(part) < len(f.names)]
        left = tuple(f for f in cut if f is not None)
        if not left or len(left) < len(cut):
            return None
        return left[0] if len(left) == 1 else Product(left)

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        return sympy.And(*(factor.membership(values) for factor in self.factors))

    @override
    def pinned(self, values: Mapping[str, Number]) -> AbstractRegion:
        parts = [{name: values[name] for name in factor.names if name in values} for factor in self.factors]
        return Product(tuple(f.pinned(part) if part else f for f, part in zip(self.factors, parts, strict=True)))

    @override
    def resolve(self, roles: Mapping[str, Role]) -> "Product":
        return Product(tuple(factor.resolve(roles) for factor in self.factors))

    @override
    def carried_normal(self) -> Normal | None:
        normals = (factor.carried_normal() for factor in self.factors)
        return next((normal for normal in normals if normal is not None), None)

    @override
    def knowing(self, columns: frozenset[str]) -> "Product":
        return Product(tuple(factor.knowing(columns) for factor in self.factors))

    @override
    def measured(self) -> "tuple[Measurements, ...]":
        return tuple(found for factor in self.factors for found in factor.measured())

    @override
    def record(self) -> dict[str, Any]:
        return {"type": "Product", "factors": [factor.record() for factor in self.factors]}

    @property
    @override
    def precedence(self) -> int:
        return 3

    @override
    def __repr__(self) -> str:
        return " * ".join(operand(factor) for factor in self.factors)

    def _face(self, index: int, face: Face) -> Face:
        """A face of one factor, times the others."""
        pieces: list[AbstractRegion | Face] = [*self.factors[:index], face, *self.factors[index + 1 :]]

        def encloses(points: Points) -> Mask:
            return np.logical_and.reduce([piece.encloses(points) for piece in pieces])

        return Face(
            name=face.name,
            bounds={name: bounds for piece in pieces for name, bounds in piece.bounds.items()},
            charts=tuple(reduce(joined, charts) for charts in product(*(piece.charts for piece in pieces))),
            encloses=encloses,
            normal=face.normal,
        )
