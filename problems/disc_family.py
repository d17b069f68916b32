"""Poisson's equation on every disc at once: the radius is an input of the network.

`−Δu = q` on x² + y² ≤ r² with `u = 0` on the circle, for all radii r₀ ≤ r ≤ r₁: one field `u(x, y, r)` on a cone in
three dimensions. Derivatives and normals are of space, no equation differentiates by r.

**What to expect.** A paraboloid over each disc, four times as high when the radius doubles. One training gives the
solutions for all radii, and takes hardly longer than that for one of them. Points are uniform in (x, y, r), so that
large discs get more of them; the relative error of the smallest disc is the largest.

**Good values.** `smallest` `r₀` from 0.2 and `largest` `r₁` to 2; a smaller `r₀` needs more time for the tip of the
cone, where the solution is small. Width 32, depth 2; 10 s on one core gave 3e-4.

**Reference.** Closed form, `u = q (r² − x² − y²)/4`: the deflection of a membrane, or the flow through a pipe (Hagen
and Poiseuille). On families of domains: Sun, Gao, Pan, Wang, Comput. Methods Appl. Mech. Eng. 361 (2020).
"""

from pinr import Ball, Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

source = 1
smallest = 0.5
largest = 1
width = 32
depth = 2

x, y, r = coordinates("x y", varying="r")
u = unknown("u", x, y, r)
discs = Ball(x=0, y=0, radius=r) * Box(r=(smallest, largest))

problem = Problem(
    on(discs, Eq(-laplacian(u), source)),
    on(discs.boundary, Eq(u, 0)),
    name="disc family",
    reference={u: source * (r**2 - x**2 - y**2) / 4},
)
network = Siren(width=width, depth=depth)
