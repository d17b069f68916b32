"""Maps of the unit cube onto itself, under which uniform points get a given density."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
from numpy.typing import NDArray

from pinr.geometry.sampling.low_discrepancy import Sobol

Array = NDArray[np.float64]

MOST_NODES = 2**13  # of the whole table: 1025 at most along one axis, 90 along each of two, 20 of three
MOST_ALONG_AN_AXIS = 1025
SOME_POINTS = 64  # a density that no exchange of a coordinate among them changes is constant along that axis
SAME = 1e-13  # relative: rounding
ROWS_AT_A_TIME = 2**20  # numbers of the table that are looked at in one go: 8 MB


@final
@dataclass(frozen=True, eq=False)
class Warp:
    """The Rosenblatt transform of a density that is multilinear between the nodes of a regular grid, and its inverse.

    Axis by axis: the first coordinate by its marginal, every other by its conditional given those before it. Along an
    axis these are linear between nodes, their integrals quadratic, and inverted in closed form.

    Args:
        table: The density at the nodes, non-negative, `(n, …, n)`; its scale does not matter.
        axes: The axes of the cube that the table is for; along others the density is constant.

    Reference: Rosenblatt, Remarks on a multivariate transformation, Ann. Math. Stat. 23 (1952).
    """

    table: Array
    axes: tuple[int, ...]

    @staticmethod
    def of(density: Callable[[Array], Array], dimension: int) -> "Warp | None":
        """The warp to a density of points `(N, d)` of the unit cube; None where it is constant."""
        some = Sobol().draw(dimension, SOME_POINTS, seed=0)
        axes = tuple(axis for axis in range(dimension) if _depends_on(density, some, axis))
        if not axes:
            return None
        count = max(2, min(MOST_ALONG_AN_AXIS, int(MOST_NODES ** (1 / len(axes)))))
        grid = np.meshgrid(*(np.linspace(0, 1, count),) * len(axes), indexing="ij")
        nodes = np.full((grid[0].size, dimension), 0.5)
        nodes[:, axes] = np.stack([along.ravel() for along in grid], axis=1)
        return Warp(density(nodes).reshape(grid[0].shape), axes)

    @property
    def mean(self) -> float:
        """The mean density, by the trapezoidal rule, which is exact for it."""
        return float(_trapezoidal(self._marginals[0]))

    def forward(self, unit: Array) -> Array:
        """Where uniform points come to lie."""
        return self._in_pieces(unit, self._placed)

    def backward(self, positions: Array) -> Array:
        """The points that `forward` carries to these positions."""
        return self._in_pieces(positions, self._shares)

    @cached_property
    def _marginals(self) -> list[Array]:
        """The density of the first axis, of the first two, …, of all."""
        found = [self.table]
        while found[0].ndim > 1:
            found.insert(0, _trapezoidal(found[0]))
        return found

    def _in_pieces(self, points: Array, transform: Callable[[Array], Array]) -> Array:
        step = max(1, ROWS_AT_A_TIME // max(1, self.table.size // len(self.table)))
        found = points.copy()
        for start in range(0, len(points), step):
            found[start : start + step, self.axes] = transform(points[start : start + step, self.axes])
        return found

    def _placed(self, unit: Array) -> Array:
        found = np.empty_like(unit)
        for axis, marginal in enumerate(self._marginals):
            rows = _interpolated(marginal, found[:, :axis])
            found[:, axis] = _quantiles(rows, unit[:, axis])
        return found

    def _shares(self, positions: Array) -> Array:
        found = np.empty_like(positions)
        for axis, marginal in enumerate(self._marginals):
            rows = _interpolated(marginal, positions[:, :axis])
            found[:, axis] = _cumulated(rows, positions[:, axis])
        return found


def _depends_on(density: Callable[[Array], Array], points: Array, axis: int) -> bool:
    """Whether the density is another one where one coordinate of the points has the values of other points."""
    moved = points.copy()
    moved[:, axis] = points[::-1, axis]
    before, after = density(points), density(moved)
    return bool(np.abs(after - before).max() > SAME * np.abs(before).max())


def _trapezoidal(values: Array) -> Array:
    """The integral along the last axis, of length 1."""
    return np.trapezoid(values, dx=1 / (values.shape[-1] - 1), axis=-1)


def _interpolated(table: Array, positions: Array) -> Array:
    """A table at positions along all of its axes but the last: rows `(N, n)`, or `(1, n)` where there are no others."""
    rows = table[None]
    for axis in range(positions.shape[1]):
        cell, weight = _cells(positions[:, axis], table.shape[axis])
        which = np.arange(len(rows)) if len(rows) == len(cell) else np.zeros(len(cell), dtype=int)
        weight = weight.reshape((-1,) + (1,) * (rows.ndim - 2))
        rows = (1 - weight) * rows[which, cell] + weight * rows[which, cell + 1]
    return rows


def _cells(positions: Array, count: int) -> tuple[NDArray[np.int_], Array]:
    """The cell that holds each position, and how far along it lies, 0 … 1."""
    cell = np.clip((positions * (count - 1)).astype(int), 0, count - 2)
    return cell, positions * (count - 1) - cell


def _sums(rows: Array) -> Array:
    """The integrals up to every node, in cells."""
    inner = np.cumsum((rows[:, 1:] + rows[:, :-1]) / 2, axis=1)
    return np.hstack([np.zeros((len(rows), 1)), inner])


def _quantiles(rows: Array, shares: Array) -> Array:
    """Where the integral of each row has reached this share of the whole."""
    sums = _sums(rows)
    wanted = shares * sums[:, -1]
    if len(rows) == 1:
        cell, which = np.searchsorted(sums[0, 1:-1], wanted, side="right"), np.zeros(len(wanted), dtype=int)
    else:
        cell, which = np.sum(sums[:, 1:-1] <= wanted[:, None], axis=1), np.arange(len(wanted))
    low, high = rows[which, cell], rows[which, cell + 1]
    left = np.maximum(wanted - sums[which, cell], 0)
    # low·s + (high − low)·s²/2 = left, by the formula that does not cancel.
    root = low + np.sqrt(np.maximum(low**2 + 2 * (high - low) * left, 0))
    along = np.divide(2 * left, root, out=np.zeros_like(left), where=root > 0)
    return (cell + np.minimum(along, 1)) / (rows.shape[1] - 1)


def _cumulated(rows: Array, positions: Array) -> Array:
    """The share of the integral of each row up to a position."""
    sums = _sums(rows)
    cell, along = _cells(positions, rows.shape[1])
    which = np.arange(len(cell)) if len(rows) == len(cell) else np.zeros(len(cell), dtype=int)
    low, high = rows[which, cell], rows[which, cell + 1]
    total = sums[which, -1]
    reached = sums[which, cell] + low * along + (high - low) * along**2 / 2
    return np.divide(reached, total, out=positions.copy(), where=total > 0)
