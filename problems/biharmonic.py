"""The biharmonic equation: a clamped plate under load.

`Δ²u = f` on the unit square, clamped: `u = 0` and `∂u/∂n = 0` on the boundary.

**What to expect.** One dome that leaves the boundary horizontally. Both conditions hold on the same boundary, as a
fourth-order equation needs; with only one of them the loss falls just as well, to another plate. Finite elements need
C¹ or mixed forms here; a smooth network has fourth derivatives for free, though each order of them costs a digit.

**Good values.** Width 32, depth 2. Fourth derivatives lose digits in float32: leave most of the time to L-BFGS, which
runs in float64. 10 s on one core gave 2e-3.

**Reference.** Manufactured: `u = sin² πx sin² πy`, which meets both conditions, and `f = Δ²u`. (A plate under
*constant* load has no closed form: Timoshenko and Woinowsky-Krieger, Theory of Plates and Shells, 1959, sec. 44.)
"""

from sympy import pi, sin

from pinr import Box, Eq, Problem, Siren, coordinates, dot, grad, laplacian, on, unknown

width = 32
depth = 2

x, y = coordinates("x y")
u = unknown("u", x, y)
plate = Box(x=(0, 1), y=(0, 1))

exact = sin(pi * x) ** 2 * sin(pi * y) ** 2
load = laplacian(laplacian(exact, x, y), x, y).doit()

problem = Problem(
    on(plate, Eq(laplacian(laplacian(u)), load)),
    on(plate.boundary, Eq(u, 0), Eq(dot(grad(u), plate.boundary.normal), 0)),
    name="clamped plate",
    reference={u: exact},
)
network = Siren(width=width, depth=depth)
