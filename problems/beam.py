"""A damped cantilever: the Euler–Bernoulli beam in time.

`w_tt + 2γ w_t + κ w_xxxx = 0` on 0 ≤ x ≤ 1, 0 ≤ t ≤ 2, with `κ = EI/ρA`. Clamped at the left, `w = w_x = 0`; free at
the right, no moment and no shear: `w_xx = w_xxx = 0`. Released at rest from its first mode of vibration.

**What to expect.** The tip swings and comes to rest, the shape stays the same. Second order in time and fourth in
space: all four kinds of end condition and both initial conditions occur, and the third derivative at the free end is
the most delicate of them.

**Good values.** `γ` below the frequency `√κ β²`, or the beam creeps instead of swinging. `κ = 0.2` is half a swing:
10 s on one core gave 1e-2. `κ = 1` is more than a whole one and far harder, with 0.9 left after the same time. Width
32, depth 2.

**Reference.** Closed form: `w = φ(x) e^(−γt) (cos Ωt + γ/Ω sin Ωt)` with `Ω² = κβ⁴ − γ²` and the mode `φ = cosh βx −
cos βx − σ (sinh βx − sin βx)`, where `cosh β cos β = −1` and `σ = (cosh β + cos β)/(sinh β + sin β)`; scaled so that
the tip starts at 1 (Rao, Vibration of Continuous Systems, 2007, ch. 11).
"""

import math

import scipy.optimize
from sympy import cos, cosh, exp, sin, sinh

from pinr import Box, Eq, Problem, Siren, coordinates, on, unknown

stiffness = 0.2
damping = 0.5
width = 32
depth = 2

x, t = coordinates("x", time="t")
w = unknown("w", x, t)
beam = Box(x=(0, 1)) * Box(t=(0, 2))

beta = scipy.optimize.brentq(lambda b: math.cosh(b) * math.cos(b) + 1, 1, 3, xtol=1e-15)
ratio = (math.cosh(beta) + math.cos(beta)) / (math.sinh(beta) + math.sin(beta))
shape = cosh(beta * x) - cos(beta * x) - ratio * (sinh(beta * x) - sin(beta * x))
frequency = math.sqrt(stiffness * beta**4 - damping**2)
swing = exp(-damping * t) * (cos(frequency * t) + damping / frequency * sin(frequency * t))
exact = shape / shape.subs(x, 1) * swing

problem = Problem(
    on(beam, Eq(w.diff(t, 2) + 2 * damping * w.diff(t) + stiffness * w.diff(x, 4), 0)),
    on(beam.boundary.part("x-"), Eq(w, 0), Eq(w.diff(x), 0), name="clamped end"),
    on(beam.boundary.part("x+"), Eq(w.diff(x, 2), 0), Eq(w.diff(x, 3), 0), name="free end"),
    on(beam.at(t=0), Eq(w, exact.subs(t, 0)), Eq(w.diff(t), 0)),
    name="cantilever",
    reference={w: exact},
)
network = Siren(width=width, depth=depth)
