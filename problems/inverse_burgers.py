"""An inverse problem: a viscosity from few and noisy measurements of a flow.

`u_t + u u_x = ν u_xx` on −1 ≤ x ≤ 1, 0 ≤ t ≤ 1, with `u(x, 0) = −sin πx` and `u(±1, t) = 0`. The field is measured at
100 random points, with noise of 1 % of its largest value; the number `ν` is sought.

**What to expect.** Only the front, about ν wide, knows the viscosity: elsewhere it changes the field by less than the
noise. How well 100 points determine it depends on how many of them fell into the front. No unbiased method does better
on average than the bound of Cramér and Rao, `σ / √Σ (∂u/∂ν)²` over the points, which is 1.5 to 21 % of ν for the first
twenty draws: compare with that, and not with 0. The front must be resolved, or its numerical width passes for
viscosity.

**Good values.** `draw` numbers the draws of points and noise; the true ν is 0.01/π, and the search starts at about
three times that. Width 32, depth 4, as for the forward problem. After 20 s on one core the field had the error 3e-2,
and ν was still 1.8 times too large: give it minutes.

**Reference.** Data, field and bound are those of the Cole–Hopf transformation in `burgers.py`. Maximum likelihood with
that exact solution in place of a network meets the bound.
"""

import runpy
from pathlib import Path

import numpy as np
from sympy import pi, sin

from pinr import Box, Eq, Measurements, Problem, Siren, coordinates, laplacian, on, parameter, unknown

draw = 0
noise = 0.01  # standard deviation
count = 100
width = 32
depth = 4

forward = runpy.run_path(str(Path(__file__).with_name("burgers.py")))
cole_hopf, viscosity = forward["cole_hopf"], forward["viscosity"]

x, t = coordinates("x", time="t")
u = unknown("u", x, t)
nu = parameter("nu", 0.01, positive=True)
channel = Box(x=(-1, 1)) * Box(t=(0, 1))


def measured(draw):
    """Places, times and noisy values of a draw."""
    random = np.random.default_rng(draw)
    places, times = random.uniform(-1, 1, count), random.uniform(0, 1, count)
    return places, times, cole_hopf(places, times) + noise * random.standard_normal(count)


def cramer_rao(draw, step=1e-3):
    """The least standard deviation of an unbiased `ν`, by central differences of the exact solution."""
    places, times, _ = measured(draw)
    above, below = (cole_hopf(places, times, viscosity=viscosity * (1 + s)) for s in (step, -step))
    return noise / np.linalg.norm((above - below) / (2 * step * viscosity))


places, times, values = measured(draw)
probes = Measurements(x=places, t=times, u=values, name="probes")

problem = Problem(
    on(channel, Eq(u.diff(t) + u * u.diff(x), nu * laplacian(u)), name="flow"),
    on(channel.boundary, Eq(u, 0), name="ends"),
    on(channel.at(t=0), Eq(u, -sin(pi * x)), name="start"),
    on(probes, Eq(u, probes["u"]), name="probes"),
    name="viscosity of Burgers",
    reference={u: forward["exact"]},
)
network = Siren(width=width, depth=depth)
