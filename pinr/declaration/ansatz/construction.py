"""The ansatz of one component of an unknown on one region."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np
import sympy

from pinr.declaration.ansatz.agreement import ROUNDING, TOUCHING, clashes_of, is_time, touch
from pinr.declaration.ansatz.conditions import Condition
from pinr.declaration.ansatz.fluxes import Flux, FluxCondition, fluxes_of, holds, with_fluxes
from pinr.declaration.ansatz.form import Ansatz, differentiated
from pinr.declaration.ansatz.interpolation import along_axes, blended, common_lift
from pinr.declaration.ansatz.jumps import (
    beside_jumps,
    can_jump,
    is_jump,
    jumping_lift,
    jumping_pairs,
    square_of_distance,
)
from pinr.declaration.ansatz.numbers import about
from pinr.declaration.ansatz.partials import derivative
from pinr.declaration.ansatz.sides import NO_VALUE, Side, sides_of
from pinr.declaration.ansatz.smoothness import agree, has_smooth_formula, is_finite_with_derivatives
from pinr.declaration.ansatz.surfaces import Sphere
from pinr.errors import PinrError
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Points
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.language.coordinates import Coordinate
from pinr.language.evaluation import evaluate

POINTS = 1024
NOTHING = 1e-100  # data that are all smaller are zero
POSITIVE = 1e-9  # of a distance's largest value: it does not vanish where it is larger
# How much `n·n'` of two sides may be above 0: some degrees, for curved sides are not seen at the corner itself.
RIGHT_ANGLE = 0.1
MOST_BLENDED = 6  # sides of several groups: the derivatives of a blend of more cost more than the network
FLUXES = (
    "fluxes are met in equations of second order, with numbers as factors, on whole flat ends of an axis, if they "
    "agree with what is prescribed beside them"
)
LEFT = "it has a weight or a loss of its own, or exact=False"
LARGE = 0.7  # a distance whose maximum is above is left as it is


@final
@dataclass(frozen=True)
class Construction:
    """An ansatz with the conditions that it meets, or why there is none.

    Attributes:
        soft: By the name of a side, why it is not met.
        reason: Why nothing is met, if there is one reason for all.
        fluxes: Those that it meets, side by side.
        jumps: Of every edge where prescribed values jump, the squared distance to it, in units of the region's size.
    """

    ansatz: Ansatz | None = None
    met: tuple[Condition, ...] = ()
    sides: tuple[Side, ...] = ()
    soft: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    fluxes: tuple[Flux, ...] = ()
    jumps: tuple[sympy.Expr, ...] = ()

    def meets(self, condition: FluxCondition) -> bool:
        """Whether a flux is met on all sides on which it is prescribed."""
        own = [flux for flux in self.fluxes if flux.condition == condition]
        if not own:
            return False
        points = condition.region.sample(POINTS // 4, sampler=Sobol(), seed=1).points
        here = [np.abs(evaluate(flux.side.level, points)) <= ROUNDING for flux in own]
        return bool(np.logical_or.reduce(np.broadcast_arrays(*here)).all())

    def reason_of_flux(self, condition: FluxCondition) -> str:
        """Why a flux is not met."""
        if condition.demanded is False:
            return LEFT
        return self.reason or FLUXES

    def reason_of(self, condition: Condition) -> str:
        """Why a condition is not met."""
        if condition.demanded is False:
            return LEFT
        if self.reason:
            return self.reason
        touched = [s for s in self.sides if s.name in self.soft and condition.region.encloses(s.points).any()]
        sentences: dict[str, list[str]] = {}
        for side in touched:
            is_flux = self.soft[side.name] == NO_VALUE and condition.order == 1
            sentences.setdefault(FLUXES if is_flux else self.soft[side.name], []).append(side.name)
        if not sentences:
            return "it is on no side of the region, or prescribes a derivative without the value"
        return "; ".join(f"on {', '.join(names)} {reason}" for reason, names in sentences.items())


def construct(
    region: AbstractRegion,
    coordinates: tuple[Coordinate, ...],
    conditions: Sequence[Condition],
    fluxes: Sequence[FluxCondition] = (),
    *,
    is_vector: bool = False,
) -> Construction:
    """The ansatz of a scalar, or a component of a vector, that meets as many of the conditions as is sound."""
    try:
        sides = sides_of(region, coordinates, conditions)
        inside = region.sample(POINTS, sampler=Sobol(), seed=0).points
    except PinrError as error:
        return Construction(reason=f"the boundary of its region is not known ({error})")
    sides, soft = _sound_sides(sides, coordinates, inside)
    size = _size(sides)
    sides, soft = _agreeing(sides, soft, size, may_jump=can_jump([s for s in sides if s.conditions]))
    sides, soft = _blendable(sides, soft, size)
    exact = [s for s in sides if s.conditions]
    if not exact:
        found = Construction(sides=tuple(sides), soft=soft)
        return _with_fluxes(found, Ansatz(coordinates), fluxes, region, inside, size)
    pairs = jumping_pairs(exact, size)
    jumps = tuple(square_of_distance(*pair, inside) for pair in pairs)
    lift = jumping_lift(exact, pairs, size, is_vector=is_vector) if jumps else _lift(exact, inside, size)
    distance = beside_jumps(distance_to(exact, inside), jumps, inside)
    everywhere = [inside, *(s.points for s in sides)]
    if not all(is_finite_with_derivatives(lift, coordinates, points) for points in everywhere):
        return Construction(sides=tuple(sides), reason="its data cannot be continued smoothly into the region")
    for name in region.periodic:
        if not all(_is_periodic(e, name, region, coordinates, inside) for e in (lift / size, distance)):
            return Construction(sides=tuple(sides), reason=f"its data are not smooth and periodic along {name}")
    ansatz = Ansatz(coordinates, lift, distance)
    if not all(_holds_at(ansatz, c, side.points, size) for side in exact for c in side.conditions):
        return Construction(sides=tuple(sides), reason="no smooth function is known that has the values of all sides")
    found = Construction(ansatz, _met(ansatz, conditions, size), tuple(sides), soft, jumps=jumps)
    return found if jumps else _with_fluxes(found, ansatz, fluxes, region, inside, size)


def _with_fluxes(
    found: Construction,
    ansatz: Ansatz,
    conditions: Sequence[FluxCondition],
    region: AbstractRegion,
    inside: Points,
    size: float,
) -> Construction:
    """The construction with the fluxes that are met soundly beside all else: along all axes, or along one."""
    sides = [s for s in found.sides if not _ends_unsoundly(s, found.sides, inside)]
    wanted = fluxes_of(sides, conditions, ansatz.coordinates)
    by_axis = [[f for f in wanted if f.axis == axis] for axis in dict.fromkeys(f.axis for f in wanted)]
    for fluxes in dict.fromkeys(map(tuple, [wanted, *sorted(by_axis, key=len, reverse=True)])):
        if not fluxes:
            break
        largest = max(float(np.abs(evaluate(f.value, f.side.points)).max()) for f in fluxes)
        largest = max(largest, size if any(s.conditions for s in found.sides) else 0.0)
        largest = largest if largest > NOTHING else 1.0
        made = with_fluxes(ansatz, fluxes, found.sides)
        if (
            all(_holds_at(made, c, s.points, size) for s in found.sides for c in s.conditions)
            and all(holds(made, flux, largest) for flux in fluxes)
            and is_finite_with_derivatives(made.lift, made.coordinates, inside)
            and all(_is_periodic(made.lift / largest, n, region, made.coordinates, inside) for n in region.periodic)
        ):
            return replace(found, ansatz=made, fluxes=tuple(fluxes))
    return found


def _ends_unsoundly(side: Side, sides: Sequence[Side], inside: Points) -> bool:
    """Whether a side ends in a re-entrant corner, or another one meets it at more than 90°."""
    if side.axis is None:
        return True
    values = evaluate(side.level, inside)
    others = [other for other in sides if other is not side]
    smallest = min([values.min(), *(np.min(evaluate(side.level, other.points)) for other in others)])
    return bool(smallest <= POSITIVE * values.max()) or any(
        other.surface is not None and _angle_is_wide(side, other, float(values.max())) for other in others
    )


def _size(sides: Sequence[Side]) -> float:
    """The largest prescribed value; 1 if they all are rounding."""
    values = [np.abs(evaluate(v, s.points)) for s in sides for v in s.values]
    size = max((float(np.max(v, initial=0.0, where=np.isfinite(v))) for v in values), default=0.0)
    return size if size > NOTHING else 1.0


def _sound_sides(
    sides: Sequence[Side], coordinates: tuple[Coordinate, ...], inside: Points
) -> tuple[list[Side], dict[str, str]]:
    """The sides, without their conditions where an ansatz would not be sound, and the reasons."""
    found, soft = [], {}
    for side in sides:
        reason = side.reason or _reason_against(side, sides, coordinates, inside)
        if reason:
            soft[side.name] = reason
            found.append(replace(side, conditions=(), reason=reason))
        else:
            smooth = [c for c in side.conditions if has_smooth_formula(c.value, coordinates)]
            found.append(replace(side, conditions=tuple(smooth)))
    return found, soft


def _reason_against(side: Side, sides: Sequence[Side], coordinates: tuple[Coordinate, ...], inside: Points) -> str:
    if side.surface is None:
        return "the boundary is neither flat nor round"
    if not has_smooth_formula(side.values[0], coordinates):
        return "the values are no smooth formula of the coordinates"
    level = side.level
    values = evaluate(level, inside)
    size = float(values.max())
    others = [other for other in sides if other is not side]
    smallest = min([values.min(), *(np.min(evaluate(level, other.points)) for other in others)])
    if smallest <= POSITIVE * size:
        return "it ends in a re-entrant corner, where every smooth ansatz is wrong"
    for other in others:
        if not (other.has_values or other.surface is None) and _angle_is_wide(side, other, size):
            return (
                f"at {other.name} the kind of condition changes at an angle above 90°, where the solution is singular"
            )
    return ""


def _angle_is_wide(side: Side, other: Side, size: float) -> bool:
    """Whether a side with values meets one without at an interior angle above 90°."""
    level = side.level
    distance = evaluate(level, other.points)
    near = distance <= TOUCHING * size
    if not near.any():
        return False
    first, second = (_gradient(s.level, other.points) for s in (side, other))
    names = [n for n in first if n in second]
    product = sum((first[n] * second[n] for n in names), start=np.zeros(len(distance)))
    lengths = [np.sqrt(sum(v**2 for v in g.values())) for g in (first, second)]
    return bool((product[near] > RIGHT_ANGLE * (lengths[0] * lengths[1])[near]).any())


def _gradient(level: sympy.Expr, points: Points) -> dict[str, np.ndarray]:
    count = len(next(iter(points.values())))
    symbols = sorted((s for s in level.free_symbols if isinstance(s, Coordinate)), key=lambda s: s.name)
    return {s.name: np.broadcast_to(evaluate(derivative(level, s), points), (count,)) for s in symbols}


def _agreeing(
    sides: Sequence[Side], soft: Mapping[str, str], size: float, *, may_jump: bool
) -> tuple[list[Side], dict[str, str]]:
    """The sides with conditions left out until all that are left agree where they meet, or jump if they may."""
    left, soft = list(sides), dict(soft)
    while True:
        given = [s for s in left if s.conditions]
        clashes = [pair for pair in clashes_of(given, size) if not (may_jump and is_jump(pair, given))]
        if not clashes:
            return left, soft
        counts = Counter(end for pair in clashes for end in pair)
        numbers = {s.name: number for number, s in enumerate(left)}
        name, order = max(counts, key=lambda end: (counts[end], end[1], numbers[end[0]]))
        others = [next(n for n, _ in pair if n != name) for pair in clashes if (name, order) in pair]
        number = numbers[name]
        left[number] = replace(left[number], conditions=left[number].conditions[:order])
        what = "values" if order == 0 else "derivatives"
        soft[name] = f"the {what} do not agree with those on {', '.join(dict.fromkeys(others))} where they meet"


def _groups(sides: Sequence[Side], size: float) -> dict[sympy.Expr, list[Side]]:
    """The sides in space by the function that has their values; holes last."""
    together: dict[sympy.Expr, list[Side]] = {}
    for cluster in _clusters([s for s in sides if not is_time(s)]):
        together.setdefault(common_lift(cluster, size), []).extend(cluster)
    return dict(sorted(together.items(), key=lambda item: any(_is_hole(side) for side in item[1])))


def _blendable(sides: Sequence[Side], soft: Mapping[str, str], size: float) -> tuple[list[Side], dict[str, str]]:
    """The sides without the conditions of all but one group, where there are too many for a blend."""
    groups = list(_groups([s for s in sides if s.conditions], size).values())
    if len(groups) < 2 or sum(map(len, groups)) <= MOST_BLENDED:
        return list(sides), dict(soft)
    kept = max(reversed(groups), key=len)
    reason = f"the values are others than on {', '.join(s.name for s in kept)}, and so many sides are not blended"
    lost = {s.name: reason for group in groups if group is not kept for s in group}
    return [replace(s, conditions=()) if s.name in lost else s for s in sides], {**soft, **lost}


def _lift(sides: Sequence[Side], inside: Points, size: float) -> sympy.Expr:
    """`g`, which has the values of all sides."""
    groups = _groups(sides, size)
    lift = blended(list(groups), [distance_to(group, inside) for group in groups.values()])
    return along_axes(lift, [s for s in sides if is_time(s)], size)


def _is_hole(side: Side) -> bool:
    return isinstance(side.surface, Sphere) and side.surface.is_hole


def _clusters(sides: Sequence[Side]) -> list[list[Side]]:
    """The sides in groups that do not touch each other."""
    groups: list[list[Side]] = []
    for side in sides:
        near = [g for g in groups if any(touch(side, o) or touch(o, side) or _opposite(side, o) for o in g)]
        groups = [g for g in groups if g not in near] + [[s for g in near for s in g] + [side]]
    return groups


def _opposite(first: Side, second: Side) -> bool:
    """Whether two sides are the ends of one axis, which interpolates between them by itself."""
    return first.axis is not None and first.axis == second.axis


def distance_to(sides: Sequence[Side], inside: Points) -> sympy.Expr:
    """`D`, which vanishes on the sides as often as there are derivatives, with a maximum of about 1."""
    factors: dict[Coordinate | Side, sympy.Expr] = {}
    for side in sides:
        level = side.level ** len(side.conditions)
        key = side.axis or side  # both ends of an axis have their maximum together
        factors[key] = factors.get(key, sympy.S.One) * level
    # The levels of spheres have a maximum of 1 by themselves.
    flat = [f for key, f in factors.items() if not (isinstance(key, Side) and isinstance(key.surface, Sphere))]
    constant = sympy.Mul(*(about(float(evaluate(f, inside).max())) for f in flat))
    product = sympy.Mul(*factors.values())
    largest = float(evaluate(product / constant, inside).max())
    return product / (constant if largest > LARGE else constant * about(largest, 1))


def _is_periodic(
    expression: sympy.Expr, name: str, region: AbstractRegion, coordinates: Sequence[Coordinate], inside: Points
) -> bool:
    """Whether an expression and its derivatives are the same at both ends of a period."""
    (along,) = (c for c in coordinates if c.name == name)
    low, high = region.bounds[name]
    for order in range(3):
        slope = derivative(expression, along, order)
        first, last = (
            np.broadcast_to(evaluate(slope, {**inside, name: np.full_like(inside[name], end)}), inside[name].shape)
            for end in (low, high)
        )
        if np.abs(first - last).max() > ROUNDING * max(1.0, float(np.abs(first).max())):
            return False
    return True


def _met(ansatz: Ansatz, conditions: Sequence[Condition], size: float) -> tuple[Condition, ...]:
    """The conditions that hold at points of their regions whatever `n` is."""
    return tuple(c for c in conditions if c.demanded is not False and _holds(ansatz, c, size))


def _holds(ansatz: Ansatz, condition: Condition, size: float) -> bool:
    return _holds_at(ansatz, condition, condition.region.sample(POINTS // 4, sampler=Sobol(), seed=1).points, size)


def _holds_at(ansatz: Ansatz, condition: Condition, points: Points, size: float) -> bool:
    factors, lift = ansatz.factors, ansatz.lift
    if condition.along is not None:
        for _ in range(condition.order):
            factors = differentiated(factors, ansatz.coordinates, condition.along)
        lift = derivative(lift, condition.along, condition.order)
    vanishes = all(agree(e, sympy.S.Zero, points, ROUNDING) for e in factors.values())
    return vanishes and agree(lift, condition.value, points, ROUNDING * size)
