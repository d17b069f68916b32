"""The obstacle problem: a membrane lies on a hill.

`u ≥ ψ`, `−Δu ≥ 0` and `(u − ψ) Δu = 0` on the unit disc, with `ψ = h − 2r²`, `h = ½` and `u = 0` on the boundary.

**What to expect.** In the middle the membrane touches the hill, further out it hangs free, and where the two parts meet
is part of the answer: at r = 0.26. `u` leaves the hill without a kink, but its curvature jumps, and that is where a
smooth network errs. The violation of an inequality is its residual; the product says that the hill pushes only where it
is touched. All three hold at the same points, hence in one constraint.

**Good values.** `height` `h` between 0 and 2, where the hill reaches the edge. Width 32, depth 2; 20 s on one core
gave 5e-2.

**Reference.** Closed form: `u = ψ` for `r² < s`, `u = −2s log r²` beyond, with `s` from `h = 2s (1 − log s)`, so that
value and slope are continuous (for the theory: Rodrigues, Obstacle Problems in Mathematical Physics, 1987).
"""

import math

import scipy.optimize
from sympy import Piecewise, log

from pinr import Ball, Eq, Problem, Siren, coordinates, laplacian, on, unknown

height = 0.5
width = 32
depth = 2

x, y = coordinates("x y")
u = unknown("u", x, y)
disc = Ball(x=0, y=0, radius=1)

square = x**2 + y**2
obstacle = height - 2 * square
touching = scipy.optimize.brentq(lambda s: height - 2 * s + 2 * s * math.log(s), 1e-12, 1, xtol=1e-15)
exact = Piecewise((obstacle, square < touching), (-2 * touching * log(square), True))

problem = Problem(
    on(disc, u >= obstacle, -laplacian(u) >= 0, Eq((u - obstacle) * laplacian(u), 0)),
    on(disc.boundary, Eq(u, 0)),
    name="obstacle",
    reference={u: exact},
)
network = Siren(width=width, depth=depth)
