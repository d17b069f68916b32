"""Runs of Rayleigh–Bénard convection, written as they go on."""

import math
import os
from collections.abc import Callable

import h5py
import numpy as np

from pinr.errors import DeclarationError
from pinr.files.atomic import atomic_path
from pinr.files.series import CHUNKS_HELD, create_series
from pinr.superresolution.convection import Convection

LONGEST = 0.05  # of all steps: the time between two layers of plumes is about 1
COURANT = 0.5  # of the step that `Convection.speed` allows
ROUNDED = 2.0**-16  # values are rounded to multiples of it, which makes files small: 1e-5 of a velocity of 1


def simulate(
    path: str | os.PathLike[str],
    *,
    Ra: float = 1e6,
    Pr: float = 1.0,
    nx: int = 256,
    nz: int = 64,
    length: float = 4.0,
    until: float = 50.0,
    every: float = 0.25,
    seed: int = 0,
    noise: float = 1e-3,
    report: Callable[[float, float, float], object] | None = None,
) -> None:
    """Convection from rest and small random buoyancy, as a file of p, b, u, w `(t, z, x)` in float32.

    The equations are those of `Convection`, `rayleigh_benard(Ra, Pr)`; they are in the attributes of the file. The grid
    has `nz × nx` equal cells with values at their centres. Beside the fields there are t, z, x and, for every frame,
    `kinetic_energy` and `nusselt_volume`. At Ra = 10⁶ convection begins at `t ≈ 15`; 256 × 64 until t = 50 take about
    a minute on one core.

    Args:
        path: The file, `.h5`; it appears when all is computed.
        Ra: The Rayleigh number, `g α ΔT H³/(ν κ)`; convection begins at 1707.76.
        Pr: The Prandtl number, ν/κ.
        nx: Cells in x.
        nz: Cells in z, and polynomials.
        length: The period in x, in heights.
        until: The last time, in free-fall times.
        every: The time between two frames.
        seed: Of the random buoyancy at the start.
        noise: Its size, the standard deviation of N in `b = noise · N z (1 − z)`.
        report: Called at every frame with time, kinetic energy and Nusselt number.

    Raises:
        DeclarationError: A number is not as said.
        FileFormatError: The file cannot be written.
    """
    flow = Convection(Ra, Pr, length=length, nx=nx, nz=nz)
    if not (0 < every <= until < math.inf):
        message = f"`simulate(until={until!r}, every={every!r})`: give times with 0 < every ≤ until."
        raise DeclarationError(message)
    frames = round(until / every) + 1
    z, x = (np.arange(nz) + 0.5) / nz, (np.arange(nx) + 0.5) * length / nx
    fewest = math.ceil(every / LONGEST)
    state, steps, count = flow.start(seed=seed, noise=noise), fewest, 0
    with atomic_path(path) as temporary, h5py.File(temporary, "w", rdcc_nbytes=CHUNKS_HELD) as file:
        fields = create_series(file, "pbuw", {"t": every * np.arange(frames), "z": z, "x": x})
        means = {name: file.create_dataset(name, (frames,), "<f8") for name in ("kinetic_energy", "nusselt_volume")}
        for frame in range(frames):
            if frame:
                steps = _steps(steps, max(fewest, math.ceil(every * flow.speed(state) / COURANT)))
                for _ in range(steps):
                    state = flow.step(state, every / steps)
                count += steps
            now = flow.means(state)
            for name, values in flow.fields(state, z).items():
                fields[name][frame] = np.round(values / ROUNDED) * ROUNDED
            for name, value in now.items():
                means[name][frame] = value
            if not math.isfinite(now["kinetic_energy"]):
                message = f"The flow at Ra = {Ra:g} is not finite at t = {frame * every:g}. Take more cells."
                raise DeclarationError(message)
            if report is not None:
                report(frame * every, now["kinetic_energy"], now["nusselt_volume"])
        file.attrs.update(_description(flow, seed=seed, noise=noise, steps=count))


def _steps(current: int, wanted: int) -> int:
    """Steps to the next frame; they change seldom, since each change inverts matrices."""
    return current if 0.6 * current <= wanted <= current else math.ceil(1.1 * wanted)


def _description(flow: Convection, *, seed: int, noise: float, steps: int) -> dict[str, str | float | int]:
    return {
        "Ra": flow.Ra,
        "Pr": flow.Pr,
        "kappa": flow.diffusivity,
        "nu": flow.viscosity,
        "Lx": flow.length,
        "Lz": 1.0,
        "axes": "(t, z, x)",
        "periodic": "x",
        "equations": "div(u)=0; b_t + u.grad(b) = kappa lap(b); u_t + u.grad(u) = -grad(p) + nu lap(u) + b e_z; "
        "kappa=(Ra Pr)^-1/2, nu=(Ra/Pr)^-1/2",
        "boundary": "no-slip; b(z=0)=+0.5, b(z=1)=-0.5; x periodic; integral of p = 0; "
        f"start: b = {noise:g}*noise*z*(1-z), u = 0",
        "grid": "uniform, cell-centred in z and x (x periodic)",
        "quantisation": "values rounded to multiples of 2**-16",
        "solver": "pinr (Fourier x Legendre-Galerkin, streamfunction), 3/2 dealiasing",
        "timestepper": "ARS(2,2,2)",
        "seed": seed,
        "steps": steps,
    }
