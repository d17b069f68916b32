"""An image from its Laplacian: the network sees edges alone, and the brightness along the border.

`Δg = ΔI` on the pixels of an image `I` on −1 ≤ x, y ≤ 1, and `g = I` on the border.

**What to expect.** A Poisson equation, whose solution is the image: what is smooth is harmonic between the border and
the edges. The border is needed: without it, any harmonic function could be added. The loss weighs ripples by the
square of their frequency, so that coarse errors are the last to go.

**Good values.** `ripples` from 1 to 5; more need more `pixels`, about eight to a ripple. A photograph has Laplacians
of the size 1/h² at its edges, and wants four things more: points between the pixels as well, the border built into
the unknown, a second network of low ω₀ for what is coarse, and Gauss–Newton; `docs/signals.md` has it in ten lines.

**Reference.** The image itself, by a formula: a disc with a soft edge over ripples. The task is that of Sitzmann et
al., Implicit Neural Representations with Periodic Activation Functions, NeurIPS 2020, there without the border.
"""

import numpy as np

from pinr import Eq, Image, Problem, Siren, coordinates, laplacian, on, unknown

ripples = 2
pixels = 64
width = 32
depth = 3


def brightness(x, y):
    """A disc of radius 1/2 over ripples, between 0 and 1."""
    disc = 1 / (1 + np.exp(8 * (np.hypot(x + 0.2, y - 0.1) - 0.5)))
    return 0.2 + 0.5 * disc + 0.15 * np.sin(np.pi * ripples * x + y)


positions = np.linspace(-1, 1, pixels)
image = Image(brightness(positions, positions[::-1, None]))  # the first row is the top one

x, y = coordinates("x y")
g = unknown("g", x, y)

problem = Problem(
    on(image, Eq(laplacian(g), image.laplacian)),
    on(image.boundary, Eq(g, image.value), name="border"),
    name="Image from its Laplacian",
    reference={g: image.array},
)
network = Siren(width=width, depth=depth)
