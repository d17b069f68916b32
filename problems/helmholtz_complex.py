"""A wave that leaves: Helmholtz' equation with complex values and an absorbing boundary.

`Δψ + k²ψ = 0` between the circles of radius ½ and 2; `ψ = H₀(k/2)` on the inner one, which vibrates, and
`∂ψ/∂n − ikψ = g` on the outer one, which lets waves through. `H₀ = J₀ + iY₀` is Hankel's function; `g = −k(H₁ + iH₀)`
at `2k`.

**What to expect.** Rings that run outwards: `Re ψ e^{−iωt}` is the pressure of a pulsating cylinder. The complex
unknown is one network with two outputs. The larger `k`, the more waves fit between the circles and the harder it gets;
that the boundary absorbs makes the problem much better posed than one with reflecting walls.

**Good values.** `wavenumber` from 1 to 8; width 32 and depth 2 for 4. 20 s on one core gave 2e-2, with
`Siren(16, 3)` and Gauss–Newton 2e-3.

**Reference.** Closed form, `ψ = H₀(kr)`, the outgoing cylindrical wave (Abramowitz and Stegun, chapter 9).
"""

from sympy import I, besselj, bessely, sqrt

from pinr import Ball, Eq, Problem, Siren, coordinates, dot, grad, laplacian, on, unknown

wavenumber = 4
width = 32
depth = 2

k = wavenumber
x, y = coordinates("x y")
psi = unknown("psi", x, y, complex=True)
ring = Ball(x=0, y=0, radius=2, name="outer") - Ball(x=0, y=0, radius=0.5, name="inner")


def hankel(order, z):
    return besselj(order, z) + I * bessely(order, z)


outgoing = dot(grad(psi), ring.boundary.normal) - I * k * psi

problem = Problem(
    on(ring, Eq(laplacian(psi) + k**2 * psi, 0)),
    on(ring.boundary.part("inner"), Eq(psi, hankel(0, 0.5 * k))),
    on(ring.boundary.part("outer"), Eq(outgoing, -k * (hankel(1, 2 * k) + I * hankel(0, 2 * k)))),
    name="Helmholtz, complex",
    reference={psi: hankel(0, k * sqrt(x**2 + y**2))},
)
network = Siren(width=width, depth=depth)
