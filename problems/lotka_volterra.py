"""Lotka–Volterra: four numbers of an ordinary differential equation from data.

`h' = αh − βhp` and `p' = δhp − γp` for hares h and foxes p on 0 ≤ t ≤ 12, about a cycle and a half. Both populations
are counted forty times; the rates `α, β, γ, δ` are sought.

**What to expect.** The populations follow their data within a second or two, and the rates then come from the slopes of
the curves: an equation in time alone, with parameters in place of initial values. The numbers of a short piece of a
cycle are hard to tell apart; a whole cycle determines them well.

**Good values.** The true rates are 2/3, 4/3, 1 and 3/4; the search starts at ½ for all. Width 32, depth 2. 6 s on one
core gave all four to 1e-3, the populations to 3e-4.

**Reference.** No closed form. Radau IIA of order 5 with the relative tolerance 1e-12 (`scipy.integrate`); an explicit
method of order 8 agrees to 1e-10, and `δh − γ ln h + βp − α ln p` is constant, as it must be (V. Volterra, Nature 118,
1926).
"""

import numpy as np
import xarray
from scipy.integrate import solve_ivp
from sympy import Rational

from pinr import Box, Eq, Measurements, Problem, Siren, coordinates, on, parameter, unknown

width = 32
depth = 2
rates = {"alpha": 2 / 3, "beta": 4 / 3, "gamma": 1.0, "delta": 3 / 4}

t = coordinates(time="t")
hares, foxes = unknown("hares", t), unknown("foxes", t)
years = Box(t=(0, 12))
alpha, beta, gamma, delta = (parameter(name, Rational(1, 2), positive=True) for name in rates)


def growth(h, p, alpha, beta, gamma, delta):
    """The right-hand side, `(αh − βhp, δhp − γp)`."""
    return alpha * h - beta * h * p, delta * h * p - gamma * p


def populations(times, method="Radau"):
    """Both populations at the times, `(2, times)`, from one hare and one fox."""
    span, tight = (0, 12), {"rtol": 1e-12, "atol": 1e-13}
    return solve_ivp(lambda _, y: growth(*y, **rates), span, (1, 1), method, times, **tight).y


times = np.linspace(0, 12, 241)
curves = [xarray.DataArray(values, coords={"t": times}) for values in populations(times)]
census = Measurements(t=times[::6], hares=curves[0][::6], foxes=curves[1][::6], name="census")

hares_grow, foxes_grow = growth(hares, foxes, alpha, beta, gamma, delta)
problem = Problem(
    on(years, Eq(hares.diff(t), hares_grow), Eq(foxes.diff(t), foxes_grow), name="growth"),
    on(census, Eq(hares, census["hares"]), Eq(foxes, census["foxes"]), name="counts"),
    name="Lotka–Volterra",
    reference=dict(zip((hares, foxes), curves, strict=True)),
)
network = Siren(width=width, depth=depth)
