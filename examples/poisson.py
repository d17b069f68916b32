"""Poisson's equation in twenty seconds
====================================

Declare a problem, check it, solve it, look at the answer: `python examples/poisson.py [seconds]`.

The right-hand side is chosen so that the solution is known, `u = sin πx sin πy`; with a reference in the problem,
`solve` and `plot` report the error by themselves.
"""

import sys

from sympy import pi, sin

from pinr import Box, Eq, Problem, Siren, coordinates, grad, laplacian, on, solve, unknown

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0

# An equation is written as it stands on paper; everything in it is an ordinary SymPy expression.
x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box(x=(0, 1), y=(0, 1))
exact = sin(pi * x) * sin(pi * y)
problem = Problem(
    on(square, Eq(-laplacian(u), 2 * pi**2 * exact)),
    on(square.boundary, Eq(u, 0)),
    reference={u: exact},
    name="Poisson",
)
print(problem)

# Mistakes are found here and not after an hour of training.
problem.check()

solution = solve(problem, Siren(width=32, depth=2), seconds=SECONDS)

# Whatever can be written can be evaluated, derivatives included.
print("u at three points:      ", solution.evaluate(u, x=0.5, y=[0.25, 0.5, 0.75]))
print("the gradient at (¼, ½): ", solution.evaluate(grad(u), x=0.25, y=0.5))

# A picture of the solution, the reference and the difference.
figure = solution.plot()
figure.savefig("poisson.png")

error = solution.error(u)
print(f"relative L2 error: {error:.1e}")
