"""Kovasznay's flow: the wake behind a row of cylinders.

`(v·∇)v + ∇p = Δv / Re` and `∇·v = 0` on −½ ≤ x ≤ 1, −½ ≤ y ≤ 3/2; velocity given on the boundary, pressure at the
middle of the outlet.

**What to expect.** A stream in the direction of x with a pair of eddies in every period of the row, which fade
downstream like `e^(λx)`. Steady Navier–Stokes with a closed form, so that inertia, pressure and friction all count.
Pressure enters through its gradient only, so that its value at one point makes it unique.

**Good values.** `Re` from 10 to 100; 40 is the published case, with `λ = −0.96`. Width 32, depth 2: one network for the
three fields. 20 s on one core gave
6e-4 for the velocity and 2e-3 for the pressure.

**Reference.** Closed form, `v = (1 − e^(λx) cos 2πy, λ/2π e^(λx) sin 2πy)` and `p = ½ (1 − e^(2λx))` with `λ = Re/2 −
√(Re²/4 + 4π²)` (L. I. G. Kovasznay, Proc. Cambridge Phil. Soc. 44, 1948).
"""

import math

from sympy import Matrix, Rational, cos, exp, pi, sin

from pinr import Box, Eq, Problem, Siren, coordinates, div, grad, laplacian, on, unknown

reynolds = 40
width = 32
depth = 2
points = 1024

x, y = coordinates("x y")
v = unknown("v", x, y, size=2)
p = unknown("p", x, y)
wake = Box(x=(-Rational(1, 2), 1), y=(-Rational(1, 2), Rational(3, 2)))

decay = reynolds / 2 - math.sqrt(reynolds**2 / 4 + 4 * math.pi**2)
velocity = Matrix([1 - exp(decay * x) * cos(2 * pi * y), decay / (2 * pi) * exp(decay * x) * sin(2 * pi * y)])
pressure = (1 - exp(2 * decay * x)) / 2

problem = Problem(
    on(wake, Eq(grad(v) * v + grad(p), laplacian(v) / reynolds), points=points, name="momentum"),
    on(wake, Eq(div(v), 0), points=points, name="mass"),
    on(wake.boundary, Eq(v, velocity), points=points, name="edges"),
    on(wake.at(x=1, y=Rational(1, 2)), Eq(p, pressure.subs(x, 1)), name="outlet"),
    name="Kovasznay",
    reference={v: velocity, p: pressure},
)
network = Siren(width=width, depth=depth)
