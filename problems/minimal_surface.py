"""The minimal surface equation: Scherk's saddle.

`∇·(∇u / √(1 + |∇u|²)) = 0` for −s ≤ x, y ≤ s with `s = 1.2`; the height `u` is given on the boundary.

**What to expect.** What a soap film in this frame does: a saddle, rising to `−log cos s = 1.0` along x and falling as
far along y, with mean curvature 0. The equation is nonlinear in the gradient, linear in second derivatives; where the
film is steep, they count for little.

**Good values.** `half_side` `s` below π/2, where the frame reaches infinity; 1 is gentle, 1.4 steep. Width 32, depth 2;
20 s on one core gave 2e-3.

**Reference.** Closed form, `u = log(cos y / cos x)` (H. F. Scherk, J. reine angew. Math. 13, 1835), the only minimal
surface besides the plane that is a sum of a function of x and one of y.
"""

from sympy import cos, log, sqrt

from pinr import Box, Eq, Problem, Siren, coordinates, div, dot, grad, on, unknown

half_side = 1.2
width = 32
depth = 2

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box(x=(-half_side, half_side), y=(-half_side, half_side))
exact = log(cos(y) / cos(x))

problem = Problem(
    on(square, Eq(div(grad(u) / sqrt(1 + dot(grad(u), grad(u)))), 0)),
    on(square.boundary, Eq(u, exact)),
    name="minimal surface",
    reference={u: exact},
)
network = Siren(width=width, depth=depth)
