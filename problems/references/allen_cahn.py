"""The reference of `problems/allen_cahn.py`, computed twice: `python problems/references/allen_cahn.py` writes it anew.

The two methods share nothing but the equation: Chebyshev collocation with an implicit Runge–Kutta method of order 5 is
what is stored; a cosine series with operator splitting, extrapolated in the step, certifies it, 5e-10 from it.
"""

from pathlib import Path

import numpy as np
import scipy.fft
import scipy.integrate
import scipy.interpolate
from numpy.typing import NDArray

DIFFUSION, REACTION = 1e-3, 5.0
POSITIONS, TIMES = np.linspace(-1, 1, 201), np.linspace(0, 1, 101)
FILE = Path(__file__).with_suffix(".npz")

Array = NDArray[np.float64]


def collocation(nodes: int = 320, tolerance: float = 1e-10) -> Array:
    """Chebyshev collocation of the even solution on `x_j = cos(πj/2n)` and Radau IIA, `(positions, times)`.

    Reference: Trefethen, Spectral Methods in MATLAB, SIAM 2000, ch. 6.
    """
    j = np.arange(2 * nodes + 1)
    x = np.cos(np.pi * j / (2 * nodes))
    ends = np.where((j == 0) | (j == j[-1]), 2.0, 1.0) * (-1.0) ** j
    # x_i − x_j as a product of sines keeps its digits where the nodes cluster.
    apart = 2 * np.sin(np.pi * (j[:, None] + j) / (4 * nodes)) * np.sin(np.pi * (j - j[:, None]) / (4 * nodes))
    first = np.outer(ends, 1 / ends) / (apart + np.eye(len(j)))
    first -= np.diag(first.sum(axis=1))
    second = DIFFUSION * (first @ first)[: nodes + 1]
    second[:, :nodes] += second[:, :nodes:-1]  # u(−x) = u(x): the left half adds to the right one
    inside, source = second[1:, 1 : nodes + 1], -second[1:, 0]  # u(1) = −1
    run = scipy.integrate.solve_ivp(
        lambda t, u: inside @ u + source + REACTION * (u - u**3),
        (0, 1),
        initial(x[1 : nodes + 1]),
        method="Radau",
        t_eval=TIMES,
        rtol=tolerance,
        atol=0.1 * tolerance,
        jac=lambda t, u: inside + np.diag(REACTION * (1 - 3 * u**2)),
    )
    half = np.vstack([-np.ones(len(TIMES)), run.y])
    return scipy.interpolate.BarycentricInterpolator(x, np.vstack([half, half[-2::-1]]))(POSITIONS)


def splitting(modes: int = 4096, steps: int = 400) -> Array:
    """`u = −1 + Σ a_k cos((k + ½)πx)` with Strang splitting, extrapolated from three steps, `(positions, times)`.

    Both parts of a step `h` are exact, so that its error is a series in `h²`; `h`, `h/2` and `h/4` remove two terms.
    """
    one, two, four = (_split(modes, count) for count in (steps, 2 * steps, 4 * steps))
    return (one - 20 * two + 64 * four) / 45


def initial(x: Array) -> Array:
    """`u(x, 0) = x² cos πx`."""
    return x**2 * np.cos(np.pi * x)


def _split(modes: int, steps: int) -> Array:
    waves = (np.arange(modes) + 0.5) * np.pi
    decay = np.exp(-DIFFUSION * waves**2 / steps)
    basis = np.cos(np.outer(POSITIONS, waves))
    u = initial((np.arange(modes) + 0.5) / modes)
    found = []
    for step in range(steps + 1):
        amplitudes = scipy.fft.dct(u + 1, type=4) / modes
        if step % (steps // (len(TIMES) - 1)) == 0:
            found.append(basis @ amplitudes - 1)
        u = _reacted(u, 0.5 / steps)
        u = scipy.fft.idct(decay * scipy.fft.dct(u + 1, type=4), type=4) - 1
        u = _reacted(u, 0.5 / steps)
    return np.array(found).T


def _reacted(u: Array, time: float) -> Array:
    """The solution of `u' = 5(u − u³)` after a time."""
    return u / np.sqrt(u**2 + (1 - u**2) * np.exp(-2 * REACTION * time))


if __name__ == "__main__":
    u = collocation()
    print(f"largest difference between the two methods: {np.abs(u - splitting()).max():.1e}")
    np.savez_compressed(FILE, x=POSITIONS, t=TIMES, u=u.astype(np.float32))
    print(f"wrote {FILE.name}, {FILE.stat().st_size / 1000:.0f} kB")
