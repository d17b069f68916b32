"""A PDE of one's own: a damped beam on an elastic bed
====================================================

No catalogue has every equation. This one, `w_tt + 2γ w_t + κ w_xxxx + b w = 0`, is a rail on its ballast: it is
second order in time, fourth in space, and takes fifteen lines: `python examples/damped_beam.py [seconds]`.

Both ends are pinned: no deflection, no moment. The beam is released at rest from one arch, which then swings with `Ω²
= κπ⁴ + b − γ²` and decays like `exp(−γt)`.
"""

import sys

from sympy import cos, exp, pi, sin, sqrt

from pinr import Box, Eq, Problem, Siren, coordinates, on, solve, unknown

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0

stiffness, bed, damping = 0.05, 2, 0.5

x, t = coordinates("x", time="t")
w = unknown("w", x, t)
beam = Box(x=(0, 1)) * Box(t=(0, 1))
frequency = sqrt(stiffness * pi**4 + bed - damping**2)
swing = exp(-damping * t) * (cos(frequency * t) + damping / frequency * sin(frequency * t))
problem = Problem(
    on(beam, Eq(w.diff(t, 2) + 2 * damping * w.diff(t) + stiffness * w.diff(x, 4) + bed * w, 0)),
    on(beam.boundary, Eq(w, 0), Eq(w.diff(x, 2), 0)),
    on(beam.at(t=0), Eq(w, sin(pi * x)), Eq(w.diff(t), 0)),
    reference={w: sin(pi * x) * swing},
    name="beam on an elastic bed",
)
solution = solve(problem, Siren(width=32, depth=2), seconds=SECONDS)

# The bending moment comes from the network's own second derivative.
moment = stiffness * w.diff(x, 2)
print("deflection in the middle:", solution.evaluate(w, x=0.5, t=[0, 0.5, 1]))
print("moment in the middle:    ", solution.evaluate(moment, x=0.5, t=[0, 0.5, 1]))

solution.export("damped_beam.png")

error = solution.error(w)
print(f"relative L2 error: {error:.1e}")
