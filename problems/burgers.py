"""Burgers' equation: a sine wave steepens into a shock layer.

`u_t + u u_x = ν u_xx` on −1 ≤ x ≤ 1, 0 ≤ t ≤ 1, with `u(x, 0) = −sin πx` and `u(±1, t) = 0`.

**What to expect.** Both halves of the wave run towards the middle, where at t = 1/π a front begins to form that then
stands still at x = 0, about ν wide, 1/600 of the interval. Away from it the field is almost a straight
line. Hard because nearly all points miss the front: the loss looks fine long before the front is sharp.

**Good values.** `ν = 0.01/π` is the published case; 0.05 is easy. A small sine network, width 32 and depth 4: what
counts is the number of L-BFGS steps, on points that follow the residual. A minute on one idle core gives
about 1e-2, five minutes 5e-3 and better.

**Reference.** Exact by the Cole–Hopf transformation, `u = −∫ sin(πy) w dη / ∫ w dη` with `y = x − η` and `w =
exp(−cos(πy)/2πν − η²/4νt)`, by Gauss–Hermite quadrature (Basdevant et al., Computers & Fluids 14, 1986). With 128
nodes it is converged to 1e-12 at `ν = 0.01/π`, and agrees with the data of DeepXDE to their 5e-11.
"""

import numpy as np
import scipy.special
import xarray
from sympy import pi, sin

from pinr import Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

viscosity = 0.003183098861837907  # 0.01/π
width = 32
depth = 4

x, t = coordinates("x", time="t")
u = unknown("u", x, t)
channel = Box(x=(-1, 1)) * Box(t=(0, 1))


def cole_hopf(x, t, *, viscosity=viscosity, nodes=128):
    """The exact solution at arrays of points that broadcast."""
    z, weights = scipy.special.roots_hermite(nodes)
    y = np.expand_dims(x, -1) - np.sqrt(4 * viscosity * np.expand_dims(t, -1)) * z
    exponent = -np.cos(np.pi * y) / (2 * np.pi * viscosity)
    # Only ratios count; without the largest exponent nothing overflows.
    w = weights * np.exp(exponent - exponent.max(axis=-1, keepdims=True))
    return -(w * np.sin(np.pi * y)).sum(axis=-1) / w.sum(axis=-1)


positions, times = np.linspace(-1, 1, 256), np.linspace(0, 1, 101)
exact = xarray.DataArray(cole_hopf(positions[:, None], times), coords={"x": positions, "t": times})

problem = Problem(
    on(channel, Eq(u.diff(t) + u * u.diff(x), viscosity * laplacian(u))),
    on(channel.boundary, Eq(u, 0)),
    on(channel.at(t=0), Eq(u, -sin(pi * x))),
    name="Burgers",
    reference={u: exact},
)
network = Siren(width=width, depth=depth)
