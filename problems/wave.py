"""The wave equation: a string that sounds two notes.

`u_tt = c² u_xx` with `c = 2` on 0 ≤ x ≤ 1, 0 ≤ t ≤ 1; `u = 0` at both ends, released at rest from `u(x, 0) = sin πx +
½ sin 4πx`.

**What to expect.** One and four oscillations of the two modes in a unit of time, without loss. Nothing damps a
mistake: an error made at t = 0 travels to the end. Plain Adam finds the slow mode and misses the fast one, which is
why this case became a yardstick.

**Good values.** Width 64, depth 2. The number of waves in the rectangle, `4c`, sets the difficulty: for `c = 1` it is
half as hard. 10 s on one core gave 5e-2.

**Reference.** Closed form, `sin πx cos cπt + ½ sin 4πx cos 4cπt`; the case of Wang, Yu, Perdikaris, J. Comput. Phys.
449, 2022 (arXiv:2007.14527).
"""

from sympy import Rational, cos, pi, sin

from pinr import Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

speed = 2
width = 64
depth = 2

x, t = coordinates("x", time="t")
u = unknown("u", x, t)
string = Box(x=(0, 1)) * Box(t=(0, 1))


def mode(n):
    return sin(n * pi * x) * cos(n * pi * speed * t)


exact = mode(1) + Rational(1, 2) * mode(4)

problem = Problem(
    on(string, Eq(u.diff(t, 2), speed**2 * laplacian(u))),
    on(string.boundary, Eq(u, 0)),
    on(string.at(t=0), Eq(u, exact.subs(t, 0)), Eq(u.diff(t), 0)),
    name="wave",
    reference={u: exact},
)
network = Siren(width=width, depth=depth)
