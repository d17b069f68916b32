"""An image from its gradients: the network sees slopes and finds the picture.

`∇g = ∇I` on the pixels of an image `I` on −1 ≤ x, y ≤ 1, and `g = I` at the lower left corner.

**What to expect.** The gradient says nothing about the brightness as a whole: without the corner the picture
comes out right up to a constant. Coarse shapes appear at once, the fine ripples last. The loss weighs slopes, so that
ripples count for more than large areas: a slow slope in the error costs little, and is what remains.

**Good values.** `ripples` from 1 to 8; more need more `pixels`, about eight to a ripple. A photograph is read with
`Image.read("camera.png")` and wants width 256, depth 4, ω₀ = 30 and SOAP at a rate of 1e-3, which is several times as
fast as Adam here. Width 32 and depth 3: 10 s on one core gave 2e-4.

**Reference.** The image itself, by a formula: a disc with a soft edge over ripples that get finer to the right. The
task is that of Sitzmann et al., Implicit Neural Representations with Periodic Activation Functions, NeurIPS 2020.
"""

import numpy as np

from pinr import Box, Eq, Image, Problem, Siren, coordinates, grad, on, unknown

ripples = 3
pixels = 64
width = 32
depth = 3


def brightness(x, y):
    """A disc of radius 1/2 over ripples, between 0 and 1."""
    disc = 1 / (1 + np.exp(12 * (np.hypot(x + 0.2, y - 0.1) - 0.5)))
    return 0.2 + 0.5 * disc + 0.15 * np.sin(np.pi * ripples * (x + 1) ** 2 / 4 + y)


positions = np.linspace(-1, 1, pixels)
image = Image(brightness(positions, positions[::-1, None]))  # the first row is the top one

x, y = coordinates("x y")
g = unknown("g", x, y)
corner = Box(x=(-1, 1), y=(-1, 1)).at(x=-1, y=-1)

problem = Problem(
    on(image, Eq(grad(g), image.gradient)),
    on(corner, Eq(g, image.value)),
    name="Image from gradients",
    reference={g: image.array},
)
network = Siren(width=width, depth=depth)
