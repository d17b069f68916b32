"""The Navier–Stokes equations: a Taylor–Green vortex decays.

`v_t + (v·∇)v + ∇p = ν Δv` and `∇·v = 0` on 0 ≤ x, y ≤ π, 0 ≤ t ≤ 1; velocity given at the walls and at t = 0,
pressure at one corner.

**What to expect.** One eddy in a box, turning ever more slowly, with low pressure in its middle. The pressure
gradient balances the inertia exactly, so the flow keeps its shape. Pressure enters through its gradient only:
velocities come right first, then pressures, and without the corner they would stay off by a constant of every moment.

**Good values.** `ν` from 0.01 to 1. Width 32, depth 2: one network for the three fields. 10 s on one core gave 1e-2
for the velocity and 0.4 for the pressure.

**Reference.** Closed form, `v = (sin x cos y, −cos x sin y) e^(−2νt)` and `p = ¼ (cos 2x + cos 2y) e^(−4νt)` (G. I.
Taylor, Phil. Mag. 46, 1923).
"""

from sympy import Matrix, cos, exp, pi, sin

from pinr import Box, Eq, Problem, Siren, coordinates, div, grad, laplacian, on, unknown

viscosity = 0.1
width = 32
depth = 2
points = 1024

x, y, t = coordinates("x y", time="t")
v = unknown("v", x, y, t, size=2)
p = unknown("p", x, y, t)
flow = Box(x=(0, pi), y=(0, pi)) * Box(t=(0, 1))

velocity = Matrix([sin(x) * cos(y), -cos(x) * sin(y)]) * exp(-2 * viscosity * t)
pressure = (cos(2 * x) + cos(2 * y)) / 4 * exp(-4 * viscosity * t)

problem = Problem(
    on(flow, Eq(v.diff(t) + grad(v) * v + grad(p), viscosity * laplacian(v)), points=points, name="momentum"),
    on(flow, Eq(div(v), 0), points=points, name="mass"),
    on(flow.boundary, Eq(v, velocity), points=points, name="walls"),
    on(flow.at(t=0), Eq(v, velocity.subs(t, 0)), points=points, name="start"),
    on(flow.at(x=0, y=0), Eq(p, pressure.subs({x: 0, y: 0})), name="corner"),
    name="Taylor–Green vortex",
    reference={v: velocity, p: pressure},
)
network = Siren(width=width, depth=depth)
