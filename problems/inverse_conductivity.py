"""An inverse problem: a conductivity from a temperature.

`−∇·(k ∇u) = f` on 0 ≤ x, y ≤ 1. The temperature `u` is known inside, the heat source `f` everywhere, the conductivity
`k` on the boundary only; `k` is sought inside.

**What to expect.** For a known `u` this is an equation of first order for `k`, which is carried from the boundary along
the temperature's gradient to the summit of `u`, where the gradient vanishes. There `k` is seen through `Δu` alone: the
error is largest in the middle. Two fields, one equation, and no boundary condition of a forward problem.

**Good values.** Width 32, depth 2: one network for both fields. 20 s on one core gave 2e-3 for `k` and 2e-4
for `u`.

**Reference.** Closed form, `u = sin πx sin πy` and `k = 1 / (1 + x² + y² + (x−1)² + (y−1)²)`; the inverse Poisson
problem of PINNacle (Hao et al., arXiv:2306.08827) without the noise.
"""

from sympy import pi, sin

from pinr import Box, Eq, Problem, Siren, coordinates, div, grad, on, unknown

width = 32
depth = 2

x, y = coordinates("x y")
u = unknown("u", x, y)
k = unknown("k", x, y)
square = Box(x=(0, 1), y=(0, 1))

temperature = sin(pi * x) * sin(pi * y)
conductivity = 1 / (1 + x**2 + y**2 + (x - 1) ** 2 + (y - 1) ** 2)
source = -div(conductivity * grad(temperature, x, y), x, y).doit()

problem = Problem(
    on(square, Eq(-div(k * grad(u)), source), name="balance of heat"),
    on(square, Eq(u, temperature), name="measured temperature"),
    on(square.boundary, Eq(k, conductivity), name="rim"),
    name="inverse conductivity",
    reference={u: temperature, k: conductivity},
)
network = Siren(width=width, depth=depth)
