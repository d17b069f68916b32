"""How near fields and their statistics are to the truth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
import xarray
from numpy.typing import NDArray

from pinr.errors import DeclarationError
from pinr.superresolution.statistics import statistics

SAME_PLACE = 1e-6  # of the extent of an axis


@final
@dataclass(frozen=True)
class Score:
    """The distance of one quantity from the truth.

    Attributes:
        error: `√(mean (f − t)² / mean (t − mean t)²)`, the normalised error, which is `√(1 − R²)`.
        r2: `1 − error²`: 1 is perfect, 0 is as good as the mean of the truth.
    """

    error: float
    r2: float


@final
@dataclass(frozen=True)
class Comparison(Mapping[str, Score]):
    """Scores by name; prints as a table.

    Attributes:
        fields: Of values at all positions.
        statistics: Of the series in time of statistics, and of spectra over time and wavenumber.
    """

    fields: Mapping[str, Score]
    statistics: Mapping[str, Score]

    def __getitem__(self, name: str) -> Score:
        return self.fields[name] if name in self.fields else self.statistics[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*self.fields, *self.statistics))

    def __len__(self) -> int:
        return len(self.fields) + len(self.statistics)

    def __str__(self) -> str:
        width = max(len("quantity"), *(len(name) for name in self))
        lines = [f"{'quantity':{width}}  {'R²':>8}  {'error':>8}"]
        lines += [f"{name:{width}}  {score.r2:8.4f}  {score.error:8.2e}" for name, score in self.items()]
        return "\n".join(lines)


def compare(
    found: xarray.Dataset,
    truth: xarray.Dataset,
    *,
    with_statistics: bool = True,
    Ra: float | None = None,
    Pr: float | None = None,
    plates: tuple[float, float] = (0.0, 1.0),
) -> Comparison:
    """Normalised error and R² of each field of the truth and, if they are wanted, of each of its `statistics`.

    Args:
        found: The fields that are judged.
        truth: The fields at the same positions.
        with_statistics: Whether statistics are compared too, which needs p, b, u and w.
        Ra: The Rayleigh number; None takes the attribute `Ra` of the truth.
        Pr: The Prandtl number; None takes the attribute `Pr` of the truth.
        plates: Their heights.

    Raises:
        DeclarationError: A field is missing, or positions differ.
    """
    fields = {}
    for name in map(str, truth.data_vars):
        if name not in found.data_vars:
            message = f"What was found has no field `{name}`. It has {', '.join(map(str, found.data_vars)) or 'none'}."
            raise DeclarationError(message)
        _check_places(name, found[name], truth[name])
        fields[name] = _score(found[name].transpose(*truth[name].dims).values, truth[name].values)
    described = {}
    if with_statistics:
        numbers = {"Ra": truth.attrs.get("Ra") if Ra is None else Ra, "Pr": truth.attrs.get("Pr") if Pr is None else Pr}
        labelled = found.assign_attrs(periodic=truth.attrs.get("periodic", found.attrs.get("periodic", "")))
        ours, theirs = statistics(labelled, plates=plates, **numbers), statistics(truth, plates=plates, **numbers)
        described = {str(name): _score(ours[name].values, theirs[name].values) for name in theirs.data_vars}
    return Comparison(fields, described)


def _score(found: NDArray[np.floating], truth: NDArray[np.floating]) -> Score:
    values, right = np.asarray(found, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    spread, square = right.var(), np.mean((values - right) ** 2)
    # Of a constant there is nothing to explain: it is met, or missed altogether.
    missed = square / spread if spread > 0 else (0.0 if square == 0 else np.inf)
    return Score(error=float(np.sqrt(missed)), r2=float(1 - missed))


def _check_places(name: str, found: xarray.DataArray, truth: xarray.DataArray) -> None:
    if set(found.dims) != set(truth.dims):
        message = f"`{name}` has the axes {found.dims} in what was found, and {truth.dims} in the truth."
        raise DeclarationError(message)
    for axis in truth.dims:
        ours, theirs = (np.asarray(values[axis].values, dtype=np.float64) for values in (found, truth))
        if ours.shape != theirs.shape or np.abs(ours - theirs).max() > SAME_PLACE * max(np.ptp(theirs), 1e-300):
            message = (
                f"`{name}`: the positions of `{axis}` differ, {len(ours)} from {ours[0]:g} to {ours[-1]:g} and "
                f"{len(theirs)} from {theirs[0]:g} to {theirs[-1]:g}. Compare at the same positions."
            )
            raise DeclarationError(message)
