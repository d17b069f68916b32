"""A photograph as a function: a network that has the brightness of every pixel.

`f = I` at the pixels of the image `I` on −1 ≤ x, y ≤ 1.

**What to expect.** The picture is there after a few dozen steps, blurred, and gets sharper: 33 dB within 300 steps
(36 CPU seconds). Between the pixels the network is smooth and its derivatives are those of the
picture, which a network with other activations has not.

**Good values.** `width` 256, `depth` 4 and ω₀ = 30 are the published ones, there with Adam at a rate of 1e-4 for all
pixels at once. An eighth of the pixels does, if it is another one in each step, and the rate may be 1e-3 if it falls.
Width 64 does for 64 × 64 pixels, at a rate of 3e-3.

**Reference.** The pixels themselves: scikit-image's photograph of a camera man (CC0), averaged to `pixels` × `pixels`.
The task is the first of Sitzmann et al., Implicit Neural Representations with Periodic Activation Functions, NeurIPS
2020.
"""

from skimage.data import camera
from skimage.transform import resize

from pinr import Adam, Eq, FreshPoints, Image, Problem, Siren, coordinates, on, unknown

pixels = 256
points = 8_192
width = 256
depth = 4
steps = 1_500
rate = 1e-3

image = Image(resize(camera(), (pixels, pixels), anti_aliasing=True))

x, y = coordinates("x y")
f = unknown("f", x, y)

problem = Problem(on(image, Eq(f, image.value), points=points), name="Image", reference={f: image.array})
network = Siren(width=width, depth=depth, omega=30)
stages = [Adam(steps=steps, rate=rate)]
sampling = FreshPoints(every=1, more=None)
