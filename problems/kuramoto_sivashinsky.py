"""The Kuramoto–Sivashinsky equation: a front that travels unchanged.

`u_t + u u_x + u_xx + u_xxxx = 0` on −10 ≤ x ≤ 10, 0 ≤ t ≤ 2, with `u` and `u_x` given at both ends, and at t = 0.

**What to expect.** `u_xx` has the sign that feeds waves instead of damping them, `u_xxxx` drains the short ones, and
`u u_x` carries energy from one to the other. Famous for chaos, the equation also has this front: a steep middle
between two overshoots, in which the three effects balance, moving at constant speed. Fourth derivatives of the
network enter, which amplify everything short in it: keep the network small and its frequency low.

**Good values.** `speed` from −2 to 2; the front should stay inside. A tanh network of width 32 and depth 2. Waves far
from the front grow like `e^(t/4)`, which two units of time forgive. 10 s on one core gave 1e-3.

**Reference.** Closed form, `u = c + (15/19)√(11/19) (11 tanh³ ξ − 9 tanh ξ)` with `ξ = ½√(11/19) (x − ct − x₀)`
(Kuramoto and Tsuzuki, Prog. Theor. Phys. 55, 1976); a usual test of numerical methods since Xu and Shu, Comput.
Methods Appl. Mech. Engrg. 195, 2006.
"""

from sympy import Rational, sqrt, tanh

from pinr import MLP, Box, Eq, Problem, coordinates, on, unknown

speed = 1
start = -1
width = 32
depth = 2

x, t = coordinates("x", time="t")
u = unknown("u", x, t)
strip = Box(x=(-10, 10)) * Box(t=(0, 2))

root = sqrt(Rational(11, 19))
front = tanh(root * (x - speed * t - start) / 2)
exact = speed + Rational(15, 19) * root * (11 * front**3 - 9 * front)

problem = Problem(
    on(strip, Eq(u.diff(t) + u * u.diff(x) + u.diff(x, 2) + u.diff(x, 4), 0)),
    on(strip.boundary, Eq(u, exact), Eq(u.diff(x), exact.diff(x))),
    on(strip.at(t=0), Eq(u, exact.subs(t, 0))),
    name="Kuramoto–Sivashinsky",
    reference={u: exact},
)
network = MLP(width=width, depth=depth)
