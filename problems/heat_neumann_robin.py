"""The heat equation on a bar that cools in air.

`u_t = α Δu` on 0 ≤ x, y ≤ 1, 0 ≤ t ≤ 1, a quarter of a square bar: no flux through the planes of symmetry, `∂u/∂n = 0`
at x = 0 and y = 0, and `∂u/∂n + B u = 0` at x = 1 and y = 1, where air carries heat away.

**What to expect.** A hot centre that spreads and fades, cooled at two sides. No value is prescribed anywhere but at
t = 0: only slopes, and a slope in proportion to the value (the Robin condition, with the Biot number `B`).

**Good values.** `biot` from 0.1, hardly any loss, to 10, almost a cold wall. `diffusivity` `α` from 0.05 to 0.5.
Width 32, depth 2; 20 s on one core gave 3e-4.

**Reference.** Closed form: products `cos μx cos νy e^(−α(μ² + ν²)t)` where `μ` and `ν` solve `μ tan μ = B`; here the
first one plus half of the next in x (Carslaw and Jaeger, Conduction of Heat in Solids, 1959, ch. 3).
"""

import math

import scipy.optimize
from sympy import Rational, cos, exp

from pinr import Box, Eq, Problem, Siren, coordinates, dot, grad, laplacian, on, unknown

diffusivity = 0.2
biot = 1.0
width = 32
depth = 2

x, y, t = coordinates("x y", time="t")
u = unknown("u", x, y, t)
bar = Box(x=(0, 1), y=(0, 1)) * Box(t=(0, 1))


def eigenvalue(n):
    """The root of `μ tan μ = B` between `nπ` and `(n + ½)π`."""
    low, high = n * math.pi, (n + 0.5) * math.pi
    return scipy.optimize.brentq(lambda m: m * math.sin(m) - biot * math.cos(m), low, high, xtol=1e-15)


def mode(n, m):
    p, q = eigenvalue(n), eigenvalue(m)
    return cos(p * x) * cos(q * y) * exp(-diffusivity * (p**2 + q**2) * t)


exact = mode(0, 0) + Rational(1, 2) * mode(1, 0)

problem = Problem(
    on(bar, Eq(u.diff(t), diffusivity * laplacian(u))),
    on(bar.boundary.part("x-", "y-"), Eq(dot(grad(u), bar.boundary.normal), 0), name="symmetry"),
    on(bar.boundary.part("x+", "y+"), Eq(dot(grad(u), bar.boundary.normal) + biot * u, 0), name="air"),
    on(bar.at(t=0), Eq(u, exact.subs(t, 0))),
    name="cooling bar",
    reference={u: exact},
)
network = Siren(width=width, depth=depth)
