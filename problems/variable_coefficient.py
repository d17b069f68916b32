"""Diffusion in a medium that conducts better here than there.

`−∇·(a ∇u) = f` on the unit square with `a = e^(c sin 2πx sin 2πy)`, and `u = 0` on the boundary.

**What to expect.** One round hill, although the conductivity differs by the factor `e^(2c)` between the quarters of the
square: the source makes up for it. The flux is differentiated as it is written; that it becomes `a Δu + ∇a·∇u` inside
is the compiler's business, as long as `a` does not jump.

**Good values.** `contrast` `c` from 0 to 2. Width 32, depth 2; 20 s on one core gave 5e-5.

**Reference.** Manufactured: `u = sin πx sin πy` and `f = −∇·(a ∇u)`.
"""

from sympy import exp, pi, sin

from pinr import Box, Eq, Problem, Siren, coordinates, div, grad, on, unknown

contrast = 1
width = 32
depth = 2

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box(x=(0, 1), y=(0, 1))

conductivity = exp(contrast * sin(2 * pi * x) * sin(2 * pi * y))
exact = sin(pi * x) * sin(pi * y)

problem = Problem(
    on(square, Eq(-div(conductivity * grad(u)), -div(conductivity * grad(exact, x, y), x, y))),
    on(square.boundary, Eq(u, 0)),
    name="variable coefficient",
    reference={u: exact},
)
network = Siren(width=width, depth=depth)
