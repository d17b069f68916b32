"""The Helmholtz equation: waves of different lengths along x and y.

`Δu + k² u = q` with `k = 1` on −1 ≤ x, y ≤ 1 and `u = 0` on the boundary.

**What to expect.** One wave along x and four along y: two columns of eight hills and hollows. The source is 170 times
as large as the field, `17π² − 1`, so that a plain sum of squares forgets the boundary; weights that follow the
gradients of the terms were tried out on this case.

**Good values.** Width 32, depth 2; 20 s on one core gave 2e-3. Beyond `waves_y = 4` more width. A `wavenumber` `k` with
`k² = π²(m² + n²)/4` and whole m, n is a resonance of the square: there the solution is not unique.

**Reference.** Manufactured: `u = sin a₁πx sin a₂πy` with `(a₁, a₂) = (1, 4)`, the case of Wang, Teng, Perdikaris, SIAM
J. Sci. Comput. 43, 2021 (arXiv:2001.04536).
"""

from sympy import pi, sin

from pinr import Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

wavenumber = 1
waves_x = 1
waves_y = 4
width = 32
depth = 2

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box(x=(-1, 1), y=(-1, 1))
exact = sin(waves_x * pi * x) * sin(waves_y * pi * y)

problem = Problem(
    on(square, Eq(laplacian(u) + wavenumber**2 * u, (wavenumber**2 - (waves_x**2 + waves_y**2) * pi**2) * exact)),
    on(square.boundary, Eq(u, 0)),
    name="Helmholtz",
    reference={u: exact},
)
network = Siren(width=width, depth=depth)
