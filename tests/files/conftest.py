"""The table of fields that every file format must keep."""

from collections.abc import Callable
from itertools import chain, product

import numpy as np
import pytest
import xarray

SIZES = {"x": 5, "y": 4, "z": 3, "t": 3}
COMPONENTS = {
    "scalar": (),
    "vector-2": (2,),
    "vector-3": (3,),
    "matrix-2": (2, 2),
}
NUMBERS = ("float64", "float32", "complex128")
RARE = {"vector-1": (1,), "vector-5": (5,), "matrix-3": (3, 3)}


def _field(space: str, components: tuple[int, ...], number: str) -> xarray.DataArray:
    """Random numbers on a random grid over the coordinates `space` (t is time), NaN in one corner."""
    generator = np.random.default_rng(0)
    tail = ((), ("component",), ("row", "column"))[len(components)]
    values = generator.normal(size=(2, *(SIZES[axis] for axis in space), *components))
    values[(slice(None), *(0 for _ in space.replace("t", "")))] = np.nan
    positions = {axis: np.cumsum(generator.uniform(0.1, 1, SIZES[axis])) for axis in space}
    field = xarray.DataArray(
        (values[0] + 1j * values[1] if number.startswith("complex") else values[0]).astype(number),
        dims=(*space, *tail),
        coords=positions,
        attrs={"units": "m/s", "description": "Größe φ", "problem": "−Δu = 1 on the plate\nu = 0 on its boundary"},
        name="u",
    )
    if "t" in space:
        field["t"].attrs["role"] = "time"
    return field


def _table(spaces: tuple[str, ...]) -> list:
    often = product(spaces, COMPONENTS.items(), NUMBERS)
    rarely = product(spaces, RARE.items(), ["float64"])
    return [
        pytest.param((space, components, number), id=f"{space}-{kind}-{number}")
        for space, (kind, components), number in chain(often, rarely)
    ]


@pytest.fixture(params=_table(("x", "xy", "xyz")))
def steady_field(request: pytest.FixtureRequest) -> xarray.DataArray:
    return _field(*request.param)


@pytest.fixture(params=_table(("xt", "xyt", "xyzt")))
def unsteady_field(request: pytest.FixtureRequest) -> xarray.DataArray:
    return _field(*request.param)


def _vtk_arrays(field: xarray.DataArray) -> dict[str, np.ndarray]:
    """What VTK should show: rows in the order of its points (x fastest), padded to 3 or 3×3, complex split."""
    space = [axis for axis in "zyx" if axis in field.dims]
    tail = [axis for axis in ("component", "row", "column") if axis in field.dims]
    values = field.transpose(*space, *tail).values
    values = values.reshape(-1, *values.shape[len(space) :])
    if tail and max(values.shape[1:]) <= 3:
        values = np.pad(values, [(0, 0), *((0, 3 - size) for size in values.shape[1:])])
    values = values.reshape(len(values), -1) if tail else values
    if values.dtype.kind != "c":
        return {"u": values}
    return {"u_re": values.real, "u_im": values.imag}


def _same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    one, other = np.asarray(one), np.asarray(other)
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


@pytest.fixture
def make_field() -> Callable[..., xarray.DataArray]:
    return _field


@pytest.fixture
def vtk_arrays() -> Callable[[xarray.DataArray], dict[str, np.ndarray]]:
    return _vtk_arrays


@pytest.fixture
def same_bits() -> Callable[[np.ndarray, np.ndarray], bool]:
    return _same_bits
