"""A finer simulation, to see what values between the nodes are worth.

The run is that of `superresolution.simulate` until `START`. From there on it has twice the modes along z and x; the
coefficients that it lacks are zero, so that the state is the same. What is kept lies at twice as many positions in
each direction of space and at four times as many times.
"""

import math
from pathlib import Path
from typing import final

import numpy as np
import xarray
from numpy.typing import NDArray

from benchmarks.superresolution.cases import FIELDS, PRANDTL, RAYLEIGH
from pinr.files.atomic import atomic_path
from pinr.superresolution.convection import Convection, State

ROWS, COLUMNS, LENGTH = 64, 256, 4.0
EVERY, FINER_TIMES, FINER_SPACE = 0.25, 4, 2
STEPS = (FINER_TIMES, FINER_SPACE, FINER_SPACE)
START, END = 24.0, 32.0  # what the coarse data reach over
FIRST, LAST = 27.0, 29.0  # what is tested: all methods see frames before and after
SEED, NOISE = 7, 1e-3
COURANT = 0.5  # as in `superresolution.simulate`


@final
class Finer:
    """`nodes`: what coarse data are made of, from `START` to `END`; `truth`: finer, from `FIRST` to `LAST`."""

    def __init__(self, nodes: xarray.Dataset, truth: xarray.Dataset) -> None:
        self.nodes, self.truth = nodes, truth

    @classmethod
    def read(cls, folder: Path) -> "Finer":
        """From files, which are made where they are missing: two minutes of one core."""
        paths = [folder / f"between-{name}.nc" for name in ("nodes", "truth")]
        if not all(path.exists() for path in paths):
            folder.mkdir(parents=True, exist_ok=True)
            for path, dataset in zip(paths, simulated(), strict=True):
                with atomic_path(path) as temporary:
                    dataset.to_netcdf(temporary, engine="h5netcdf")
        return cls(*(xarray.load_dataset(path, engine="h5netcdf") for path in paths))


def simulated() -> tuple[xarray.Dataset, xarray.Dataset]:
    flow = Convection(RAYLEIGH, PRANDTL, length=LENGTH, nx=COLUMNS, nz=ROWS)
    state = flow.start(seed=SEED, noise=NOISE)
    for _ in range(round(START / EVERY)):
        state = advanced(flow, state, EVERY)
    finer = Convection(RAYLEIGH, PRANDTL, length=LENGTH, nx=FINER_SPACE * COLUMNS, nz=FINER_SPACE * ROWS)
    state = continued(state, finer)
    # The first and the last positions are nodes, half a cell from the plates; nodes are called by the middles of cells.
    z = (0.5 + np.arange(FINER_SPACE * (ROWS - 1) + 1) / FINER_SPACE) / ROWS
    x = (0.5 + np.arange(FINER_SPACE * COLUMNS) / FINER_SPACE) * LENGTH / COLUMNS
    times, frames = START + EVERY / FINER_TIMES * np.arange(round((END - START) / EVERY) * FINER_TIMES + 1), []
    for number, time in enumerate(times):
        if number:
            state = advanced(finer, state, EVERY / FINER_TIMES)
        if FIRST <= time <= LAST or number % FINER_TIMES == 0:
            frames.append((time, finer.fields(state, z)))
    attributes = {"Ra": RAYLEIGH, "Pr": PRANDTL, "periodic": "x"}

    def dataset(step: int, low: float, high: float, every: float) -> xarray.Dataset:
        kept = [(t, f) for t, f in frames if low <= t <= high and math.isclose(t / every, round(t / every))]
        values = {
            name: (("t", "z", "x"), np.stack([f[name][::step, ::step] for _, f in kept]).astype(np.float32))
            for name in FIELDS
        }
        return xarray.Dataset(values, {"t": [t for t, _ in kept], "z": z[::step], "x": x[::step]}, attributes)

    return dataset(FINER_SPACE, START, END, EVERY), dataset(1, FIRST, LAST, EVERY / FINER_TIMES)


def continued(state: State, finer: Convection) -> State:
    """The same fields with more modes."""

    def filled(values: NDArray[np.number], rows: int, columns: int) -> NDArray[np.number]:
        return np.pad(values, ((0, rows - values.shape[0]), (0, columns - values.shape[1])))

    rows, columns = finer.nz, finer.nx // 2
    return finer.state(
        heat=filled(state.heat, rows - 2, columns),
        stream=filled(state.stream, rows - 4, columns),
        mean=filled(state.mean, rows - 2, 1),
        time=state.time,
    )


def advanced(flow: Convection, state: State, duration: float) -> State:
    """After a time, in steps as many as `Convection.speed` asks for, a power of 2: they change seldom."""
    wanted = max(duration / 0.05, duration * flow.speed(state) / COURANT)
    steps = 2 ** math.ceil(math.log2(max(1.0, wanted)))
    for _ in range(steps):
        state = flow.step(state, duration / steps)
    return state


def is_node(truth: xarray.Dataset) -> NDArray[np.bool_]:
    """Which positions of the finer grid are nodes, `(t, z, x)`."""
    on = [np.arange(truth.sizes[axis]) % step == 0 for axis, step in zip(("t", "z", "x"), STEPS, strict=True)]
    found: NDArray[np.bool_] = on[0][:, None, None] & on[1][:, None] & on[2]
    return found
