"""Linear elasticity: a plate with a round hole is pulled.

`∇·σ = 0` with `σ = 2μ ε + λ tr(ε) I` and `ε = sym(∇u)` in plane stress, on a quarter of the plate: 0 ≤ x, y ≤ 2 without
the disc of radius ½ around the origin. The hole is free of traction, `σn = 0`; the cuts `x = 0` and `y = 0` are planes
of symmetry; the outer edges move as in an infinite plate under the tension `S` in the direction of x.

**What to expect.** Stress flows around the hole: three times `S` at its top, `σ_xx(0, ½) = 3S`, and pressure `−S` at
its side, `σ_yy(½, 0) = −S`. Displacements are smooth and come right first; the peak of stress, a derivative at
the boundary, takes longer: `solution.evaluate(stress[0, 0], x=0, y=0.5)`.

**Good values.** Steel: `E = 210e9` Pa, `ν = 0.3`, `S = 1e8` Pa; metres everywhere. The displacements are then about
1e-3 m and the forces 1e8 N/m²: both are scaled by pinr. `ν` from 0 to 0.45. Width 32, depth 2, and 512
points, since many steps count for more. 20 s on one core gave 7e-3. With tractions on the outer edges in
place of displacements, 0.5 was left after the same time.

**Reference.** Closed form, Kirsch's solution (G. Kirsch, Zeitschrift des VDI 42, 1898; the displacements in Sadd,
Elasticity, 4th ed., 2020, ch. 8), with `κ = (3 − ν)/(1 + ν)`, polar coordinates r, θ and `a = ½`:
`u_x = Sa/8μ · ((κ+1) r/a cos θ + 2a/r ((1+κ) cos θ + cos 3θ) − 2a³/r³ cos 3θ)`,
`u_y = Sa/8μ · ((κ−3) r/a sin θ + 2a/r ((1−κ) sin θ + sin 3θ) − 2a³/r³ sin 3θ)`.
"""

from sympy import Matrix, Rational, eye

from pinr import Ball, Box, Eq, Problem, Siren, coordinates, div, grad, on, sym, trace, unknown

young = 210e9  # Pa
poisson = 0.3
tension = 1e8  # Pa
width = 32
depth = 2
frequency = 8  # the data are too smooth to tell how fast the stress falls off at the hole
points = 512

x, y = coordinates("x y")
u = unknown("u", x, y, size=2)
a = Rational(1, 2)
plate = Box(x=(0, 2), y=(0, 2)) - Ball(x=0, y=0, radius=a, name="hole")
mu = young / (2 * (1 + poisson))
lame = young * poisson / (1 - poisson**2)  # λ of plane stress

r2 = x**2 + y**2
kappa = (3 - poisson) / (1 + poisson)
cos_3, sin_3 = x**3 - 3 * x * y**2, 3 * x**2 * y - y**3  # r³ cos 3θ, r³ sin 3θ
bend = 2 * a**2 / r2**2 - 2 * a**4 / r2**3
exact = Matrix([
    (kappa + 1) * x + 2 * a**2 * (1 + kappa) * x / r2 + bend * cos_3,
    (kappa - 3) * y + 2 * a**2 * (1 - kappa) * y / r2 + bend * sin_3,
]) * tension / (8 * mu)  # fmt: skip

strain = sym(grad(u))
stress = 2 * mu * strain + lame * trace(strain) * eye(2)
problem = Problem(
    on(plate, Eq(div(stress), 0), points=points, name="balance"),
    on(plate.boundary.part("hole"), Eq(stress * plate.boundary.normal, 0), points=points, name="free hole"),
    on(plate.boundary.part("x-"), Eq(u[0], 0), Eq(stress[1, 0], 0), points=points, name="left symmetry"),
    on(plate.boundary.part("y-"), Eq(u[1], 0), Eq(stress[0, 1], 0), points=points, name="lower symmetry"),
    on(plate.boundary.part("x+", "y+"), Eq(u, exact), points=points, name="pulled edges"),
    name="plate with a hole",
    reference={u: exact},
)
network = Siren(width=width, depth=depth, omega=frequency)
