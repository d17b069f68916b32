"""The Stokes equations: two streams collide.

`−ν Δv + ∇p = 0` and `∇·v = 0` on −1 ≤ x, y ≤ 1; velocity given on the boundary, pressure at one corner.

**What to expect.** Flow comes in from above and below, meets, and leaves at the sides. It is so slow that it has no
inertia: pressure gradient and friction balance everywhere, and both fields are polynomials. Pressure enters through
its gradient only, so that the velocity on the boundary leaves it free up to a constant; its value at one point fixes
that, and tells how large pressures are. They come right later than velocities.

**Good values.** Any `ν`: it changes the pressure's unit and nothing else. Width 32, depth 2: one network for the three
fields. 20 s on an idle core gave 1e-3 for the velocity and 6e-2 for the pressure.

**Reference.** Closed form, `v = (4xy³, x⁴ − y⁴)` and `p = ν (12x²y − 4y³)`, a fifth of the colliding flow in Elman,
Silvester and Wathen, Finite Elements and Fast Iterative Solvers, 2nd ed., Oxford 2014, ch. 3.
"""

from sympy import Matrix

from pinr import Box, Eq, Problem, Siren, coordinates, div, grad, laplacian, on, unknown

viscosity = 1
width = 32
depth = 2
points = 512

x, y = coordinates("x y")
v = unknown("v", x, y, size=2)
p = unknown("p", x, y)
square = Box(x=(-1, 1), y=(-1, 1))

velocity = Matrix([4 * x * y**3, x**4 - y**4])
pressure = viscosity * (12 * x**2 * y - 4 * y**3)

problem = Problem(
    on(square, Eq(-viscosity * laplacian(v) + grad(p), 0), points=points, name="momentum"),
    on(square, Eq(div(v), 0), points=points, name="mass"),
    on(square.boundary, Eq(v, velocity), points=points, name="walls"),
    on(square.at(x=1, y=1), Eq(p, pressure.subs({x: 1, y: 1})), name="corner"),
    name="Stokes",
    reference={v: velocity, p: pressure},
)
network = Siren(width=width, depth=depth)
