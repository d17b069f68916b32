"""The heat equation on a rod: cold at one end, insulated at the other.

`u_t = α u_xx` on 0 ≤ x ≤ 1, 0 ≤ t ≤ 1, with `u(0, t) = 0`, no flux `∂u/∂n = 0` at `x = 1`, and `u(x, 0) = sin(πx/2) +
½ sin(5πx/2)`.

**What to expect.** The fine mode dies 25 times as fast as the coarse one: ripples vanish at once, then one arch
decays slowly through the cold end. Easy for every method; the place to see a Neumann condition, and what an error in
the initial condition costs (nothing, after a while: heat forgets).

**Good values.** `α` from 0.05 to 0.5; far above, an initial layer of width `1/25α` in time needs more points near t =
0. Width 32, depth 2; 10 s on one core gave 2e-4.

**Reference.** Closed form by separation of variables: the modes `sin(nπx/2)`, n odd, decay like `exp(−α(nπ/2)²t)`.
"""

from sympy import Rational, exp, pi, sin

from pinr import Box, Eq, Problem, Siren, coordinates, dot, grad, laplacian, on, unknown

diffusivity = 0.1
width = 32
depth = 2

x, t = coordinates("x", time="t")
u = unknown("u", x, t)
rod = Box(x=(0, 1)) * Box(t=(0, 1))


def mode(n):
    return exp(-diffusivity * (n * pi / 2) ** 2 * t) * sin(n * pi * x / 2)


exact = mode(1) + Rational(1, 2) * mode(5)

problem = Problem(
    on(rod, Eq(u.diff(t), diffusivity * laplacian(u))),
    on(rod.boundary.part("x-"), Eq(u, 0)),
    on(rod.boundary.part("x+"), Eq(dot(grad(u), rod.boundary.normal), 0)),
    on(rod.at(t=0), Eq(u, exact.subs(t, 0))),
    name="heat",
    reference={u: exact},
)
network = Siren(width=width, depth=depth)
