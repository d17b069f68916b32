"""Poisson's equation in a hollow ball.

`−Δu = 1` for a < |x| < 1 in three dimensions, with `u = 0` on both spheres and `a = 0.3`.

**What to expect.** A ball that produces heat evenly and is cooled inside and outside: warmest at r = 0.58, and steepest
at the small sphere. The field depends on r alone, but nothing tells the network so. Random points have to find the
part that matters: the inner sphere is a twelfth of the boundary, and its steep surroundings are a few per cent of the
volume.

**Good values.** `radius` `a` from 0.3 to 0.7. Width 32, depth 2, 1,024 points inside and as many on the spheres; 20 s
on one core gave 2e-2.

**Reference.** Closed form, `u = (1 − r²)/6 − c (1/r − 1)` with `c = a (1 + a)/6`, so that `u(a) = 0`.
"""

from sympy import sqrt

from pinr import Ball, Eq, Problem, Siren, coordinates, laplacian, on, unknown

radius = 0.3
width = 32
depth = 2
points = 1024

x, y, z = coordinates("x y z")
u = unknown("u", x, y, z)
shell = Ball(x=0, y=0, z=0, radius=1) - Ball(x=0, y=0, z=0, radius=radius)
r = sqrt(x**2 + y**2 + z**2)
exact = (1 - r**2) / 6 - radius * (1 + radius) / 6 * (1 / r - 1)

problem = Problem(
    on(shell, Eq(-laplacian(u), 1), points=points),
    on(shell.boundary, Eq(u, 0), points=points),
    name="Poisson 3-D",
    reference={u: exact},
)
network = Siren(width=width, depth=depth)
