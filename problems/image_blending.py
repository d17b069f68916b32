"""Two images in one: the texture of one image, pasted into another without a seam.

`Δf = ΔS` in a disc, and `f = T` on its rim: inside, `f` has the edges of the source `S`, and at the rim the
brightness of the target `T`.

**What to expect.** The difference `f − S` is harmonic: the source keeps its texture, and its colours shift smoothly to
those of the target. A plain copy would show its rim.

**Good values.** `ripples` from 1 to 4; more need more `pixels`. Of photographs, `source` and `target` are read with
`Image.read`, and the disc may be any region, a `Polygon` or a union.

**Reference.** In closed form: here `T − S` is `a x² + b` on the rim, and so `f = S + b + a (R² + x² − y²)/2`. The
method is Poisson image editing: Pérez, Gangnet, Blake, ACM Trans. Graph. 22, 2003.
"""

import numpy as np

from pinr import Ball, Eq, Image, Problem, Siren, coordinates, gridded, laplacian, on, unknown

ripples = 2
pixels = 64
width = 32
depth = 2
radius = 0.7


def texture(x, y):
    """What the source shows: ripples around zero."""
    return 0.15 * np.sin(np.pi * ripples * x) * np.cos(2 * y)


positions = np.linspace(-1, 1, pixels)
across, up = positions, positions[::-1, None]  # the first row is the top one
source = Image(0.2 + texture(across, up), name="source")
target = Image(0.4 + 0.3 * across**2 + texture(across, up), name="target")
harmonic = 0.4 + 0.15 * (radius**2 + positions[:, None] ** 2 - positions**2)
blended = harmonic + texture(positions[:, None], positions)
blended[np.hypot(positions[:, None], positions) > radius] = np.nan

x, y = coordinates("x y")
f = unknown("f", x, y)
disc = Ball(x=0, y=0, radius=radius)

problem = Problem(
    on(disc, Eq(laplacian(f), source.laplacian)),
    on(disc.boundary, Eq(f, target.value)),
    name="Blending of two images",
    reference={f: gridded(blended, x=(-1, 1), y=(-1, 1))},
)
network = Siren(width=width, depth=depth)
