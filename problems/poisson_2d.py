"""Poisson's equation on the unit square: the first problem to try.

`−Δu = f` on 0 ≤ x, y ≤ 1 with `u = 0` on the boundary and `f = 2π²k² sin kπx sin kπy`.

**What to expect.** `k²` bumps of alternating sign. One bump (`k = 1`) is learnt in seconds, and every further second
of L-BFGS gives digits. The bumps of a large `k` are hard for two reasons: the network must oscillate, and `f` grows
like `k²`, so that the boundary counts for less and less.

**Good values.** `bumps` `k` from 1 to 4; width 32 and depth 2 for `k = 1`, width 64 from `k = 3` on. 10 s on one core
gave 4e-5.

**Reference.** Closed form, `u = sin kπx sin kπy`. A common yardstick: energy natural gradients reach 1e-7 (Müller and
Zeinhofer, ICML 2023, arXiv:2302.13163).
"""

from sympy import pi, sin

from pinr import Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

bumps = 1
width = 32
depth = 2

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box(x=(0, 1), y=(0, 1))
exact = sin(bumps * pi * x) * sin(bumps * pi * y)

problem = Problem(
    on(square, Eq(-laplacian(u), 2 * (bumps * pi) ** 2 * exact)),
    on(square.boundary, Eq(u, 0)),
    name="Poisson 2-D",
    reference={u: exact},
)
network = Siren(width=width, depth=depth)
