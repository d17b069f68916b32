"""The lid-driven cavity: a box of fluid under a moving lid.

`(v·∇)v + ∇p = Δv / Re` and `∇·v = 0` on 0 ≤ x, y ≤ 1. The lid, y = 1, moves with `v = ((1 − cosh 50(x − ½) / cosh 25)²,
0)`; the walls are at rest, and the pressure is 0 in the middle.

**What to expect.** One large eddy, its centre above the middle and towards the downstream corner, and two weak ones in
the lower corners. The published lid has the speed 1 up to its ends, where the velocity jumps and the pressure is
infinite, so much so that its square has no integral. Here the lid speeds up within 0.1 of either end, with slope 0 at
the corners: pressures are finite, and the velocity on the centre lines changes by less than 1e-3. The published lid is
to be had by `sharp_lid = True` (`--set sharp_lid=True`); then `check()` says that the conditions clash at its ends.

**Good values.** `Re = 100`; the references hold for this value only. Width 32, depth 3. 20 s on one core gave 0.15
for the velocity and 0.2 for the pressure: give it minutes.

**Reference.** No closed form. `references/lid_driven_cavity.npz` is made by Chebyshev collocation and certified by
Taylor–Hood finite elements: they agree to 2e-4 in the velocity and 2e-3 in the pressure (at a corner, of 1.8), which is
the elements' error. With the published lid the elements agree with the tables of Ghia, Ghia and Shin (J. Comput. Phys.
48, 1982) to 1e-2, and away from the lid's ends with the data of jaxpi to 1e-3: it is the tables that are off. The
reference of the published lid, `references/lid_driven_cavity_sharp.npz`, is these elements' velocity: good to 3e-4
in the mean square, without a value at the ends of the lid, and without a pressure.
"""

from pathlib import Path

import numpy as np
import xarray
from sympy import Matrix, Rational, cosh

from pinr import Box, Eq, Problem, Siren, coordinates, div, grad, laplacian, on, unknown

reynolds = 100
sharp_lid = False
width = 32
depth = 3
frequency = 6  # smoother than the lid, whose ends would suggest 30: the flow is smooth nearly everywhere
points = 512

x, y = coordinates("x y")
v = unknown("v", x, y, size=2)
p = unknown("p", x, y)
cavity = Box(x=(0, 1), y=(0, 1))
half = Rational(1, 2)
speed = 1 if sharp_lid else (1 - cosh(50 * (x - half)) / cosh(25)) ** 2
lid = Matrix([speed, 0])

file = "lid_driven_cavity_sharp.npz" if sharp_lid else "lid_driven_cavity.npz"
with np.load(Path(__file__).parent / "references" / file) as stored:
    axes = {"x": stored["positions"], "y": stored["positions"]}
    fields = [xarray.DataArray(field.astype(float), coords=axes) for field in stored["fields"]]
velocity = xarray.concat(fields[:2], "component").transpose("x", "y", "component")
reference = {v: velocity} if sharp_lid else {v: velocity, p: fields[2]}

problem = Problem(
    on(cavity, Eq(grad(v) * v + grad(p), laplacian(v) / reynolds), points=points, name="momentum"),
    on(cavity, Eq(div(v), 0), points=points, name="mass"),
    on(cavity.boundary.part("y+"), Eq(v, lid), points=points, name="lid"),
    on(cavity.boundary.without("y+"), Eq(v, 0), points=points, name="walls"),
    on(cavity.at(x=half, y=half), Eq(p, 0), name="middle"),
    name="lid-driven cavity",
    reference=reference if reynolds == 100 else None,
)
network = Siren(width=width, depth=depth, omega=frequency)
