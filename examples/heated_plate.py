"""A heated plate with a hole, and whether to believe the answer
=================================================================

A region by Boolean operations, three conditions on parts of its boundary, and an independent check of the answer:
`python examples/heated_plate.py [seconds]`.

There is no closed form here. `verify` solves the same problem once more, by finite elements on a mesh that follows
the hole, refines until it knows its own error, and compares.
"""

import sys

from sympy import exp

from pinr import Ball, Box, Eq, Problem, Siren, coordinates, dot, grad, laplacian, on, solve, unknown

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0

x, y = coordinates("x y")
u = unknown("u", x, y)
plate = Box(x=(-1, 1), y=(-1, 1)) - Ball(x=0.3, y=0.0, radius=0.4, name="hole")
problem = Problem(
    on(plate, Eq(-laplacian(u), exp(-(x**2) - y**2))),
    # The rim of the hole loses heat to the air, the outer edges are kept cold.
    on(plate.boundary.part("hole"), Eq(dot(grad(u), plate.boundary.normal) + 2 * u, 0)),
    on(plate.boundary.without("hole"), Eq(u, 0)),
    name="heated plate",
)
solution = solve(problem, Siren(width=32, depth=2), seconds=SECONDS)

print("heat flux beside the hole:", solution.evaluate(-grad(u), x=-0.1, y=0.0))
solution.export("heated_plate.vtu", {"u": u, "flux": -grad(u)})
solution.export("heated_plate.png")

verification = solution.verify()
print(verification)
print(f"relative L2 error: {verification.relative_l2:.1e}")
