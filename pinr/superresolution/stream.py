"""Fine fields of trajectories that are larger than memory, written as they are found."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import xarray
from numpy.typing import NDArray

from pinr.errors import DeclarationError, FileFormatError
from pinr.files.atomic import atomic_path
from pinr.files.attributes import write_attributes
from pinr.files.layout import layout_of
from pinr.files.series import CHUNKS_HELD, create_series
from pinr.files.xdmf import write_xdmf_series
from pinr.superresolution.periodicity import step_of

if TYPE_CHECKING:
    from pinr.superresolution.model import SuperResolution

Array = NDArray[np.float64]
WHOLE = 1e-3  # of a period: positions in single precision reach around it


def write(
    model: "SuperResolution",
    path: str | os.PathLike[str],
    coarse: xarray.Dataset,
    like: xarray.Dataset | None = None,
    *,
    refine: int,
) -> None:
    """Write the fine fields of a coarse dataset, some frames at a time.

    `.h5` holds the fields over time and space, float32, with their positions and the attributes of the coarse data, as
    `GridDataset` reads them; `.xdmf` is a page beside such a file, of the same name, that ParaView and VTK open as a
    series in time. Files appear whole or not at all. How much memory is needed does not depend on the number of frames;
    `GridDataset(…, in_memory=0).coarsened(…)` computes coarse values where they are read.

    Args:
        model: What finds fine fields.
        path: Its suffix says which.
        coarse: See `SuperResolution.upsample`.
        like: See `SuperResolution.upsample`.
        refine: See `SuperResolution.upsample`.

    Raises:
        DeclarationError: As `SuperResolution.upsample`; there are no positions.
        FileFormatError: The suffix is another one, or the file cannot be written.
    """
    target = Path(path)
    if target.suffix.lower() not in (".h5", ".xdmf"):
        message = f"`{path}`: fine fields are written as .h5, or as .xdmf with an .h5 beside it. Change the suffix."
        raise FileFormatError(message)
    heavy = target.with_suffix(".h5") if target.suffix.lower() == ".xdmf" else target
    pieces = iter(model.pieces(coarse, like, refine=refine))
    piece = next(pieces, None)  # refuses what cannot be made fine, before there is a file
    if piece is None:
        message = "`write`: there are no positions at which fine fields are wanted. Give some by `like=`."
        raise DeclarationError(message)
    positions = _positions(model, coarse, like)
    order = _storage(positions)
    moved = (0, *(1 + tuple(positions).index(axis) for axis in order))
    attributes = {
        axis: {**coarse[axis].attrs, **({"role": "time"} if number == 0 else {})} for number, axis in enumerate(order)
    }
    with atomic_path(heavy) as temporary, h5py.File(temporary, "w", rdcc_nbytes=CHUNKS_HELD) as file:
        write_attributes(file, _described(coarse, positions, order))
        held = create_series(file, model.fields, {axis: positions[axis] for axis in order}, attributes)
        done = 0
        while piece is not None:
            values = piece[1].transpose(moved)
            for name, own in zip(model.fields, values, strict=True):
                held[name][done : done + len(own)] = own
            done += values.shape[1]
            piece = next(pieces, None)
    if heavy != target:
        write_xdmf_series(target, heavy, model.fields)


def _positions(model: "SuperResolution", coarse: xarray.Dataset, like: xarray.Dataset | None) -> dict[str, Array]:
    """Where fine values are wanted, by axis: those of `like`, or the nodes."""
    found = {}
    for axis in model.axes:
        if like is not None:
            found[axis.name] = np.asarray(like[axis.name].values, dtype=np.float64)
            continue
        own = np.asarray(coarse[axis.name].values, dtype=np.float64)
        before = (axis.factor - 1) / 2 * axis.spacing if axis.is_averaged else 0.0  # to the first node of a cell
        found[axis.name] = own[0] - before + axis.spacing * np.arange(axis.nodes(len(own)))
    return found


def _storage(positions: Mapping[str, Array]) -> tuple[str, ...]:
    """The order of the axes in the file: time, which is first, and space backwards, as XDMF wants it."""
    time = next(iter(positions))
    roles = {time: {"role": "time"}}
    axes = {axis: xarray.DataArray(values, dims=axis, attrs=roles.get(axis)) for axis, values in positions.items()}
    return layout_of("fields", positions, axes).storage


def _described(coarse: xarray.Dataset, positions: Mapping[str, Array], order: tuple[str, ...]) -> dict[Any, Any]:
    """The attributes of the coarse data, with the axes and periods of what is written."""
    periodic = []
    for axis in str(coarse.attrs.get("periodic", "")).split():
        fine, own = step_of(positions[axis]), step_of(coarse[axis].values)
        if fine is not None and own is not None:
            period = own * coarse.sizes[axis]
            if abs(fine * len(positions[axis]) - period) < WHOLE * period:
                periodic.append(axis)
    return {**coarse.attrs, "axes": f"({', '.join(order)})", "periodic": " ".join(periodic)}
