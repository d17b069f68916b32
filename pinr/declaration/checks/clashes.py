"""Conditions that prescribe different values at the same points."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
import sympy

from pinr.declaration.checks.check import Remark, Remarks
from pinr.declaration.checks.points import place
from pinr.declaration.constraint import Constraint
from pinr.errors import PinrError
from pinr.geometry.bounds import are_apart, largest_extent, widened
from pinr.geometry.chart import Chart
from pinr.geometry.interval import RELATIVE_TOLERANCE
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Mask, Points
from pinr.geometry.trimming import PROBE
from pinr.language.equations import residual_components
from pinr.language.evaluation import evaluate
from pinr.language.fields import Field, Label, Unknown
from pinr.language.operators import DifferentialOperator
from pinr.language.parameters import Parameter

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem

PER_AXIS = {0: 1, 1: 33, 2: 17, 3: 9, 4: 5, 5: 3, 6: 3}  # odd, so that the middle is a point as well
TOLERANCE = 1e-6  # relative to the largest prescribed value: rounding in `sin(pi)` is no clash


@final
@dataclass(frozen=True)
class Prescription:
    """A condition `u = value` of one component on a region."""

    constraint: str
    region: AbstractRegion
    label: Label
    value: sympy.Expr


def clashing_conditions(problem: "Problem") -> Remarks:
    """Two conditions on parts of the boundary, or at the initial time, that disagree where the parts meet."""
    prescriptions = [p for name, c in problem.named_constraints.items() for p in _prescriptions(problem, name, c)]
    told: set[tuple[str, str]] = set()
    for first, second in itertools.combinations(prescriptions, 2):
        pair = (first.constraint, second.constraint)
        if first.label != second.label or first.value == second.value or pair in told:
            continue
        where = _clash(first, second)
        if where is not None:
            told.add(pair)
            source = problem.named_constraints[second.constraint].source
            message = (
                f"it prescribes `{first.label.text} = {first.value}`, and {second.constraint!r} ({source}) "
                f"`{first.label.text} = {second.value}`, which differ where the two meet, at {where}. Make the values "
                "agree there, for example by a short ramp; if the jump is meant, expect the largest error there."
            )
            yield Remark(first.constraint, message)


def _prescriptions(problem: "Problem", name: str, constraint: Constraint) -> Iterator[Prescription]:
    """The components of a condition that can be solved for the value of one component of an unknown."""
    region = constraint.region
    if region.dimension == problem.dimension:
        return
    equations = [e for e in constraint.equations if isinstance(e, sympy.Eq) or not e.is_Relational]
    for residual in (r for equation in equations for r in residual_components(equation)):
        fields = residual.atoms(Unknown)
        if len(fields) == 1 and not residual.has(sympy.Derivative, sympy.Subs, DifferentialOperator, Parameter):
            (field,) = fields
            unknown_value = sympy.Dummy("value", real=True)
            affine = residual.xreplace({field: unknown_value})
            slope = affine.diff(unknown_value)
            if field.is_at_home and slope.is_number and slope != 0 and not affine.has(Field):
                yield Prescription(name, region, field.label, -affine.subs(unknown_value, 0) / slope)


def _clash(first: Prescription, second: Prescription) -> str | None:
    """The first point found where two prescriptions meet and differ."""
    if set(first.region.names) != set(second.region.names) or _are_apart(first.region, second.region):
        return None
    try:
        tolerance = TOLERANCE * max(_size(first), _size(second))
        for one, other in ((first, second), (second, first)):
            for points in _closed_grids(one.region):
                with np.errstate(invalid="ignore"):  # ∞ − ∞ is no clash
                    differ = np.abs(evaluate(first.value, points) - evaluate(second.value, points)) > tolerance
                bad = np.flatnonzero(differ & _touches(other.region, points))
                if bad.size:
                    return place(points, bad[0])
    except PinrError:
        return None  # a value that nothing here can evaluate, of which another check speaks; or a region without charts
    return None


def _are_apart(first: AbstractRegion, second: AbstractRegion) -> bool:
    margin = RELATIVE_TOLERANCE * max(largest_extent(first.bounds), largest_extent(second.bounds))
    return are_apart(widened(first.bounds, margin), second.bounds)


def _touches(region: AbstractRegion, points: Points) -> Mask:
    """Which points are in a region, or next to it along a coordinate: faces that were cut do not have their ends."""
    step = 4 * PROBE * largest_extent(region.bounds)
    moved = [{**points, name: points[name] + sign * step} for name in region.names for sign in (-1, 1)]
    return np.logical_or.reduce([region.encloses(at) for at in (points, *moved)])


def _size(prescription: Prescription) -> float:
    """The largest finite value that is prescribed."""
    values = [np.abs(evaluate(prescription.value, points)) for points in _closed_grids(prescription.region)]
    return max((float(np.max(v, initial=0.0, where=np.isfinite(v))) for v in values), default=0.0)


def _closed_grids(region: AbstractRegion) -> list[Points]:
    """Points of every chart, those on its edges and at its corners among them: where parts meet, they meet there."""
    return [_closed_grid(chart) for chart in region.charts if chart.dimension in PER_AXIS]


def _closed_grid(chart: Chart) -> Points:
    # The unit cube is half open: its last point is the largest number below 1.
    axis = np.minimum(np.linspace(0.0, 1.0, PER_AXIS[chart.dimension]), np.nextafter(1.0, 0.0))
    grid = np.array(list(itertools.product(axis, repeat=chart.dimension))).reshape(-1, chart.dimension)
    points = chart.place(grid).points
    return points if chart.keep is None else {name: values[chart.keep(points)] for name, values in points.items()}
