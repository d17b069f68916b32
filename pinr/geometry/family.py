"""Families: products in which one factor depends on the coordinates of another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any, final

import sympy
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds
from pinr.geometry.chart import Chart, arranged
from pinr.geometry.combination import Combination, combined
from pinr.geometry.face import Face
from pinr.geometry.fibred import Fibred
from pinr.geometry.half_space import HalfSpace
from pinr.geometry.motion import AbstractMotion
from pinr.geometry.moved import Moved
from pinr.geometry.number import Number
from pinr.geometry.product import Product
from pinr.geometry.region import AbstractRegion, operand
from pinr.geometry.samples import Mask, Points
from pinr.geometry.section import Section
from pinr.geometry.substitution import coordinates_of_numbers, substituted


@final
@dataclass(frozen=True, repr=False)
class Family(AbstractRegion):
    """`{(x, r): r in B, x in A(r)}`: `(Box(x=(-1, 1), y=(-1, 1)) - Ball(x=0, y=0, radius=r)) * Box(r=(0.1, 0.4))`.

    Samples are uniform in the joint space: the density of `r` is proportional to the measure of the slice `A(r)`, that
    of the boundary's samples to the measure of the slice's boundary. The boundary is the lateral one, `∂A(r)` over
    every `r`; its measure is `∫ |∂A(r)| dr`, its normal that of the slice, in space only. Made by `*`.

    Measures are integrals over the slices, exact under the conditions for combinations if they vary smoothly; else they
    are estimates on 65536 fixed quasi-random points, good to three digits or so.

    Args:
        factors: The factors as they were written.

    Raises:
        GeometryError: Numbers do not fit, or nothing is left, somewhere in the family.
    """

    factors: tuple[AbstractRegion, ...]

    def __post_init__(self) -> None:
        Product(self.factors)  # no coordinate twice
        if not self.joint.charts or self.joint.measure <= 0:
            message = f"`{self!r}` is empty. Correct the positions or sizes."
            raise GeometryError(message)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return tuple(name for factor in self.factors for name in factor.names)

    @cached_property
    def joint(self) -> AbstractRegion:
        """The same set as a region of the joint space: combinations are of families, and not the other way round."""
        return joint_region(self.factors)

    @property
    @override
    def bounds(self) -> Bounds:
        return {name: self.joint.bounds[name] for name in self.names}

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        return tuple(arranged(chart, self.names) for chart in self.joint.charts)

    @override
    def encloses(self, points: Points) -> Mask:
        return self.joint.encloses(points)

    @override
    def surrounds(self, points: Points) -> Mask:
        return self.joint.surrounds(points)

    @override
    def located(self, points: Points) -> tuple[Mask, Mask]:
        return self.joint.located(points)

    @override
    def covers(self, bounds: Bounds) -> bool | None:
        return self.joint.covers(bounds)

    @property
    @override
    def periodic(self) -> tuple[str, ...]:
        return tuple(name for factor in self.factors for name in factor.periodic)

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        return tuple(
            replace(face, charts=tuple(arranged(chart, self.names) for chart in face.charts))
            for face in self.joint.faces(space)
        )

    @override
    def pinned(self, values: Mapping[str, Number]) -> AbstractRegion:
        parts = [self._own(factor, values) for factor in self.factors]
        given = [substituted(factor, values, checked=True) for factor in self.factors]
        if any(part and factor.unbound for part, factor in zip(parts, given, strict=True)):
            return Section.of(self, values)
        region = multiplied([f.pinned(part) if part else f for f, part in zip(given, parts, strict=True)])
        if not region.charts or region.measure <= 0:
            written = ", ".join(f"{name}={value}" for name, value in values.items())
            message = f"`{operand(self)}.at({written})` is empty: nothing of the region is there. Choose other values."
            raise GeometryError(message)
        return region

    @override
    def crosscut(self, values: Mapping[str, Number]) -> AbstractRegion | None:
        given = [substituted(factor, values) for factor in self.factors]
        if any(factor.unbound for factor in given):
            return None
        return multiplied(given).crosscut(values)

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        return self.joint.membership(values)

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

    def _own(self, factor: AbstractRegion, values: Mapping[str, Number]) -> dict[str, Number]:
        return {name: values[name] for name in factor.names if name in values}


def multiplied(regions: Sequence[AbstractRegion]) -> AbstractRegion:
    """The product: a family, where factors depend on coordinates that others bind, and none on any other."""
    product = Product(tuple(f for r in regions for f in (r.factors if isinstance(r, Family) else (r,))))
    depends = any(factor.unbound for factor in product.factors)
    return Family(product.factors) if depends and not product.unbound else product


def joint_region(factors: Sequence[AbstractRegion], base: AbstractRegion | None = None) -> AbstractRegion:
    """The product of regions, each over those before it that bind what it depends on, over a base if there is one.

    Raises:
        GeometryError: Two factors depend on one another.
    """
    left, joint = list(factors), base
    while left:
        bound = () if joint is None else joint.names
        ready = next((f for f in left if set(f.unbound) <= set(bound)), None)
        if ready is None:
            message = (
                f"`{' * '.join(map(operand, left))}`: each of the factors depends on a coordinate of another. "
                "Let one of them have numbers only."
            )
            raise GeometryError(message)
        left.remove(ready)
        joint = ready if joint is None else _over(joint, ready)
    assert joint is not None
    return joint


def _over(base: AbstractRegion, region: AbstractRegion) -> AbstractRegion:
    """`{(x, p): p in the base, x in the region at p}`: combinations of families of simple regions."""
    if not region.unbound:
        return region if region.extends else Product((region, base))
    if isinstance(region, Combination):
        return combined(region.operator, _over(base, region.first), _over(base, region.second))
    if isinstance(region, Product):
        return joint_region(region.factors, base)
    if isinstance(region, Moved) and not coordinates_of_numbers(region.motion):
        return Moved(_over(base, region.region), region.motion)
    return _moved_over(base, region, (), region.names)


def _moved_over(
    base: AbstractRegion, region: AbstractRegion, motions: tuple[AbstractMotion, ...], names: tuple[str, ...]
) -> AbstractRegion:
    """A region after motions, the first one first; combinations of open regions are moved part by part."""
    if isinstance(region, Moved):
        return _moved_over(base, region.region, (region.motion, *motions), names)
    if isinstance(region, Product):
        region = _expanded(region)
    if isinstance(region, Combination) and region.unbound:
        parts = (_moved_over(base, part, motions, names) for part in (region.first, region.second))
        return combined(region.operator, *parts)
    if isinstance(region, HalfSpace) and motions:  # in all coordinates, or there is nothing to move along some
        every = dict.fromkeys(names, 0) | dict(region.coefficients)
        region = HalfSpace(offset=region.offset, name=region.name, **every)
    return Fibred(reduce(Moved, motions, region), base)


def _expanded(product: Product) -> AbstractRegion:
    """`(A - B) × C` as `A × C - B × C`, where a factor is an open combination."""
    for index, factor in enumerate(product.factors):
        if isinstance(factor, Combination) and factor.unbound:
            before, after = product.factors[:index], product.factors[index + 1 :]
            first, second = (Product((*before, part, *after)) for part in (factor.first, factor.second))
            return Combination(factor.operator, first, second)
    return product
