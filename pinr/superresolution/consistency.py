"""Whether training data obey the equations at all: wrong names of axes and other units show before any training."""

import itertools
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from torch import Tensor

from pinr.derivatives.request import MultiIndex
from pinr.errors import DeclarationError
from pinr.superresolution.equation_rows import EquationRows, rows_of
from pinr.superresolution.equations import Equations
from pinr.superresolution.grid_dataset import GridDataset
from pinr.superresolution.spline import LEAST_NODES, Axis, on_lattice
from pinr.superresolution.standardisation import Standardisation

LARGE = (
    0.4  # of a relative residual: resolved runs have 0.25 and less, times 1.9 times too short 0.47, wrong names 1 to 2
)
MENDED = 0.3  # what a change of one name or unit must lead to, for it to be proposed
CROPS, FRAMES = 4, 16  # pieces of the data that are looked at, and fine values along time in each
MARGIN = 3  # nodes at ends: splines end there, and layers at walls are resolved worst
POINTS = 1 << 15
FACTORS = 1e4  # units are looked for up to this ratio

Derivatives = dict[MultiIndex, Tensor]


class ConsistencyWarning(UserWarning):
    """Training data do not obey the equations that are trained with them."""


def relative_residuals(data: GridDataset, equations: Equations, *, seed: int = 0) -> dict[str, float]:
    """How well the fine fields obey each equation: the residual by the largest term, both root mean square.

    Derivatives are those of the cubic splines through pieces of the training data, at nodes away from the ends of axes
    that are not periodic. 0 is perfect, 1 is as good as leaving the largest term out.

    Args:
        data: What a model is trained on.
        equations: What its fine fields should obey.
        seed: Of the choice of pieces.

    Raises:
        DeclarationError: Equations and data do not go together, or steps of an axis change.
    """
    rows = _rows(data, equations)
    return _relative(rows, _derivatives(data, rows.indices, seed))


def check_consistency(data: GridDataset, equations: Equations, *, seed: int = 0) -> dict[str, float]:
    """The relative residuals of training data; large ones are warned of, with what would make them small.

    Looked for are exchanged names of two axes or fields, and another unit of one axis or field. Wrong numbers in small
    terms, as that of Rayleigh in diffusion, do not show here.

    Args:
        data: As for `relative_residuals`.
        equations: As for `relative_residuals`.
        seed: As for `relative_residuals`.

    Warns:
        ConsistencyWarning: A relative residual is above 0.4.
    """
    rows = _rows(data, equations)
    indices = tuple(dict.fromkeys(order for index in rows.indices for order in itertools.permutations(index)))
    derivatives = _derivatives(data, indices, seed)
    found = _relative(rows, derivatives)
    bad = {name: value for name, value in found.items() if not value <= LARGE}
    if bad:
        shown = ", ".join(f"{name} {value:.2g}" for name, value in bad.items())
        cause = next(_causes(data, rows, derivatives), None) or (
            "Look at the names and order of the axes, the units of positions and fields, and the numbers in the "
            "equations; frames that are far apart have such residuals as well."
        )
        message = (
            f"The training data do not obey the equations: what is left of them is, by the largest term, {shown}. "
            f"{cause} `take(…)` leaves equations out."
        )
        warnings.warn(message, ConsistencyWarning, stacklevel=3)
    return found


def _rows(data: GridDataset, equations: Equations) -> EquationRows:
    return EquationRows(equations, Standardisation.none(data.fields), data.fields, data.axes)


def _derivatives(data: GridDataset, indices: tuple[MultiIndex, ...], seed: int) -> Derivatives:
    """Of the fields in their own units, `(N, fields)` by multi-index."""
    first = data.axes[0]
    most = data.coarsening.coarse_count(first, data.counts[first])
    size = {first: min(most, 1 + math.ceil(FRAMES / data.coarsening.factors[first]))}
    crops = data.crops(CROPS, size=size, generator=np.random.default_rng(seed))
    axes = []
    for axis, count in zip(data.axes, crops.fine.shape[2:], strict=True):
        step = data.steps[axis]
        if step is None or count < LEAST_NODES:
            message = f"Splines along `{axis}` need even steps and {LEAST_NODES} positions, and there are {count}."
            raise DeclarationError(message)
        axes.append(Axis(count, step, axis in data.periods))
    standardisation = data.standardisation
    mean, scale = (
        torch.tensor([by[name] for name in data.fields], dtype=torch.float64).reshape(-1, *(1,) * len(axes))
        for by in (standardisation.mean, standardisation.scale)
    )
    values = mean + scale * torch.from_numpy(crops.fine)
    starts = [0 if axis.is_periodic else min(MARGIN, (axis.count - 1) // 2) for axis in axes]
    counts = [axis.count - 2 * start for axis, start in zip(axes, starts, strict=True)]
    step = math.ceil((CROPS * math.prod(counts) / POINTS) ** (1 / len(axes)))
    places = [start + np.arange(0.0, count, step) for start, count in zip(starts, counts, strict=True)]
    return rows_of(on_lattice(values, axes, places, indices))


def _relative(rows: EquationRows, derivatives: Mapping[MultiIndex, Tensor]) -> dict[str, float]:
    sizes = rows.sizes(derivatives)
    left = {name: float(values.square().mean().sqrt()) for name, values in rows.residuals(derivatives).items()}
    return {name: value / sizes[name] if sizes[name] else 0.0 for name, value in left.items()}


def _causes(data: GridDataset, rows: EquationRows, derivatives: Derivatives) -> Iterator[str]:
    """What would make all residuals small, in words."""
    for changed, what in itertools.chain(_exchanged_axes(data, derivatives), _exchanged_fields(data, derivatives)):
        largest = max(_relative(rows, changed).values())
        if largest < MENDED:
            yield f"With {what} exchanged it is at most {largest:.1g}: their names are mixed up."
    thinned = {index: values[:: max(1, len(values) // 2048)] for index, values in derivatives.items()}
    scalings: list[tuple[str, Callable[[float], Derivatives]]] = [
        *((f"positions of `{axis}`", partial(_with_axis, thinned, number)) for number, axis in enumerate(data.axes)),
        *((f"`{name}`", partial(_with_field, thinned, number)) for number, name in enumerate(data.fields)),
    ]
    for what, scaled in scalings:

        def largest_at(logarithm: float, scaled: Callable[[float], Derivatives] = scaled) -> float:
            return max(_relative(rows, scaled(math.exp(logarithm))).values())

        # The largest residual has one minimum near the right unit and is flat far away: first a walk, then a search.
        coarse = min(np.linspace(-1, 1, 41) * math.log(FACTORS), key=largest_at)
        width = math.log(FACTORS) / 20
        best = minimize_scalar(largest_at, bounds=(coarse - width, coarse + width), method="bounded")
        if best.fun < MENDED:
            factor = math.exp(best.x)
            yield f"With {what} multiplied by about {factor:.2g} it is at most {best.fun:.1g}: look at the units."


def _exchanged_axes(data: GridDataset, derivatives: Derivatives) -> Iterator[tuple[Derivatives, str]]:
    for one, other in itertools.combinations(range(len(data.axes)), 2):
        order = list(range(len(data.axes)))
        order[one], order[other] = other, one
        changed = {index: derivatives[tuple(index[k] for k in order)] for index in derivatives}
        yield changed, f"`{data.axes[one]}` and `{data.axes[other]}`"


def _exchanged_fields(data: GridDataset, derivatives: Derivatives) -> Iterator[tuple[Derivatives, str]]:
    for one, other in itertools.combinations(range(len(data.fields)), 2):
        order = list(range(len(data.fields)))
        order[one], order[other] = other, one
        yield (
            {i: values[:, order] for i, values in derivatives.items()},
            f"`{data.fields[one]}` and `{data.fields[other]}`",
        )


def _with_axis(derivatives: Derivatives, number: int, factor: float) -> Derivatives:
    """Derivatives along an axis whose positions are so many times as large."""
    return {index: values * factor ** -index[number] for index, values in derivatives.items()}


def _with_field(derivatives: Derivatives, number: int, factor: float) -> Derivatives:
    changed = {}
    for index, values in derivatives.items():
        changed[index] = values.clone()
        changed[index][:, number] *= factor
    return changed
