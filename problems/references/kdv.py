"""The reference of `problems/kdv.py`, computed twice: `python problems/references/kdv.py` writes it anew.

The two methods share nothing but the equation: a Fourier series with an integrating factor and an explicit Runge–Kutta
method, extrapolated in the step, is what is stored; differences of order 8 in space with Radau IIA of order 5 in time
certify it: they differ by 2.5e-9.
"""

from pathlib import Path

import numpy as np
import scipy.fft
import scipy.integrate
import scipy.sparse
from numpy.typing import NDArray
from sympy import finite_diff_weights

DISPERSION = 0.022**2
POSITIONS, TIMES = np.linspace(-1, 1, 257), np.linspace(0, 1, 51)
FILE = Path(__file__).with_suffix(".npz")

Array = NDArray[np.float64]


def series(modes: int = 512, steps: int = 8000) -> Array:
    """`u` at the positions and times, `(positions, times)`, from `u(x, 0) = cos πx`.

    In Fourier space `u_xxx` turns phases, which is integrated exactly; `u u_x = (u²)_x / 2` is free of aliasing by the
    rule of two thirds. The error begins with the fourth power of the step, which two runs remove.

    Reference: Trefethen, Spectral Methods in MATLAB, SIAM 2000, ch. 10.
    """
    one, two = (_integrated(modes, count) for count in (steps, 2 * steps))
    return (16 * two - one) / 15


def differences(nodes: int = 1024, tolerance: float = 1e-9) -> Array:
    """The same by central differences of order 8 at so many nodes of the ring."""
    x = -1 + 2 * np.arange(nodes) / nodes
    first, third = _central(1, 4, nodes), _central(3, 5, nodes)
    run = scipy.integrate.solve_ivp(
        lambda t, u: -first @ (u**2 / 2) - DISPERSION * (third @ u),
        (0, 1),
        np.cos(np.pi * x),
        method="Radau",
        t_eval=TIMES,
        rtol=tolerance,
        atol=tolerance,
        jac=lambda t, u: (-first @ scipy.sparse.diags_array(u) - DISPERSION * third).tocsc(),
    )
    return _closed(run.y)


def _integrated(modes: int, steps: int) -> Array:
    waves = np.pi * np.arange(modes // 2 + 1)
    half = np.exp(0.5j * DISPERSION * waves**3 / steps)  # of a step of `û' = iD k³ û`
    slope = np.where(3 * np.arange(len(waves)) < modes, -0.5j * waves / steps, 0)

    def carried(u: NDArray[np.complex128]) -> NDArray[np.complex128]:
        return slope * scipy.fft.rfft(scipy.fft.irfft(u, modes) ** 2)

    u = scipy.fft.rfft(np.cos(np.pi * (-1 + 2 * np.arange(modes) / modes)))
    found = []
    for step in range(steps + 1):
        if step % (steps // (len(TIMES) - 1)) == 0:
            found.append(scipy.fft.irfft(u, modes))
        a = carried(u)
        b = carried(half * (u + a / 2))
        c = carried(half * u + b / 2)
        d = carried(half * (half * u + c))
        u = half**2 * (u + a / 6) + half * (b + c) / 3 + d / 6
    return _closed(np.array(found).T)


def _closed(period: Array) -> Array:
    """Values at the positions, of which the last is the first once more, from those at equal distances on the ring."""
    chosen = period[:: len(period) // (len(POSITIONS) - 1)]
    return np.vstack([chosen, chosen[:1]])


def _central(order: int, reach: int, nodes: int) -> scipy.sparse.csc_array:
    """The matrix of a derivative on the ring, from the values at `reach` neighbours on either side."""
    offsets = range(-reach, reach + 1)
    weights = [float(w) for w in finite_diff_weights(order, list(offsets), 0)[order][-1]]
    ring = sum(w * np.roll(np.eye(nodes), k, axis=1) for k, w in zip(offsets, weights, strict=True))
    return scipy.sparse.csc_array(ring * (nodes / 2) ** order)


if __name__ == "__main__":
    u = series()
    print(f"largest change from half as many steps: {np.abs(u - series(512, 4000)).max():.1e}")
    print(f"largest change from half as many modes: {np.abs(u - series(256)).max():.1e}")
    print(f"largest difference from differences of order 8: {np.abs(u - differences()).max():.1e}")
    np.savez_compressed(FILE, x=POSITIONS, t=TIMES, u=u.astype(np.float32))
    print(f"wrote {FILE.name}, {FILE.stat().st_size / 1000:.0f} kB; the largest value is {np.abs(u).max():.2f}")
