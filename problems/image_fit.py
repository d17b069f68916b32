"""A photograph as a function: a network that has the brightness of every pixel.

`f = I` at the pixels of the image `I` on −1 ≤ x, y ≤ 1.

**What to expect.** The picture is there after a few dozen steps, blurred, and gets sharper: about 25 dB after 100 steps
of width 256, more with every doubling. Between the pixels the network is smooth and its derivatives are those of the
picture, which a network with other activations has not.

**Good values.** `width` 256, `depth` 4 and ω₀ = 30 are the published ones, with Adam at a rate of 1e-4 for all
pixels at once, `points` = `pixels`²; 3e-4 is faster at the start. Width 64 does for 64 × 64 pixels. With fewer `points`
each step sees another part of the pixels.

**Reference.** The pixels themselves: scikit-image's photograph of a camera man (CC0), averaged to `pixels` × `pixels`.
The task is the first of Sitzmann et al., Implicit Neural Representations with Periodic Activation Functions, NeurIPS
2020.
"""

from skimage.data import camera
from skimage.transform import resize

from pinr import Adam, Eq, Image, Problem, Siren, coordinates, on, unknown

pixels = 256
points = 16_384
width = 256
depth = 4
steps = 1_500
rate = 3e-4

image = Image(resize(camera(), (pixels, pixels), anti_aliasing=True))

x, y = coordinates("x y")
f = unknown("f", x, y)

problem = Problem(on(image, Eq(f, image.value), points=points), name="Image", reference={f: image.array})
network = Siren(width=width, depth=depth, omega=30)
stages = [Adam(steps=steps, rate=rate)]
