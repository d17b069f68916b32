"""Steady heat through two materials: steel welded to copper.

`∇·(k ∇u) = 0` on 0 ≤ x ≤ 2, 0 ≤ y ≤ 1 with k = 50 W/mK for x < 1 (steel) and 400 W/mK for x > 1 (copper). The side
x = 2 is heated to `sin πy`, the others are kept at 0. Two unknowns, `a` in steel and `b` in copper, with
`a = b` and `50 ∂a/∂n = 400 ∂b/∂n` at the interface.

**What to expect.** Heat enters on the right and has nearly all gone to the cold sides before it reaches the weld. There
the field has a kink: its slope jumps by the factor 8, the flux does not. One smooth network across both materials would
round the kink off, which is why there are two unknowns.

**Good values.** Width 32, depth 2; 20 s on one core gave 1e-3 in copper and 6e-3 in steel, whose field is 13 times
smaller. Only the ratio of the conductivities counts.

**Reference.** Closed form by separation: `a = A sinh πx sin πy` in steel and, with `s = x − 1` and the ratio `q` of the
conductivities, `b = A (sinh π cosh πs + q cosh π sinh πs) sin πy` in copper; `A` is such that `b(2, ½) = 1`.
"""

from sympy import cosh, pi, sin, sinh

from pinr import Box, Eq, Problem, Siren, coordinates, dot, grad, laplacian, on, unknown

steel_conductivity = 50
copper_conductivity = 400
width = 32
depth = 2

x, y = coordinates("x y")
a = unknown("a", x, y)
b = unknown("b", x, y)
steel, copper = Box(x=(0, 1), y=(0, 1)), Box(x=(1, 2), y=(0, 1))
interface = steel.boundary & copper.boundary

ratio = steel_conductivity / copper_conductivity
in_steel = sinh(pi * x)
in_copper = sinh(pi) * cosh(pi * (x - 1)) + ratio * cosh(pi) * sinh(pi * (x - 1))
scale = sin(pi * y) / in_copper.subs(x, 2)

problem = Problem(
    on(steel, Eq(laplacian(a), 0), name="steel"),
    on(copper, Eq(laplacian(b), 0), name="copper"),
    on(
        interface,
        Eq(a, b),
        Eq(dot(steel_conductivity * grad(a) - copper_conductivity * grad(b), interface.normal), 0),
        name="interface",
    ),
    on(steel.boundary.without("x+"), Eq(a, 0), name="cold sides of steel"),
    on(copper.boundary.part("y-", "y+"), Eq(b, 0), name="cold sides of copper"),
    on(copper.boundary.part("x+"), Eq(b, sin(pi * y)), name="hot side"),
    name="two materials",
    reference={a: in_steel * scale, b: in_copper * scale},
)
network = Siren(width=width, depth=depth)
