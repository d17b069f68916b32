"""A film as a function of place and time.

`f = v` at the pixels of a film `v` on −1 ≤ x, y, t ≤ 1.

**What to expect.** As an image, with one coordinate more: what stands still is there first, what moves is blurred along
its way for longer. Every draw of points is another part of the pixels: a film has too many to look at all of them.

**Good values.** `frames` and `pixels` as the machine allows: the bytes of a film stay bytes. A file is read with
`Video.read("bikes.mp4")`, coloured films are vectors with `unknown("f", x, y, t, size=3)`; they want width 1024, depth
4 and a GPU, with 0.4 % of the pixels in each step.

**Reference.** The pixels themselves, by a formula: a disc that goes round over a still pattern. The task is that of
Sitzmann et al., Implicit Neural Representations with Periodic Activation Functions, NeurIPS 2020.
"""

import numpy as np

from pinr import Adam, Eq, Problem, Siren, Video, coordinates, gridded, on, unknown

frames = 24
pixels = 48
width = 64
depth = 3

p = np.linspace(-1, 1, pixels)
time, up, across = np.meshgrid(np.linspace(-1, 1, frames), p[::-1], p, indexing="ij")  # the first row is the top one
distance = np.hypot(across - 0.5 * np.cos(np.pi * time), up - 0.5 * np.sin(np.pi * time))
brightness = 0.5 + 0.2 * np.sin(4 * across) * np.cos(3 * up) + 0.3 / (1 + np.exp(20 * (distance - 0.3)))
video = Video(np.round(255 * brightness).astype(np.uint8))

x, y, t = coordinates("x y", time="t")
f = unknown("f", x, y, t)
shown = video.values[:, ::-1].transpose(2, 1, 0) / 255

problem = Problem(
    on(video, Eq(f, video.value), points=8_192),
    name="Film",
    reference={f: gridded(shown, x=(-1, 1), y=(-1, 1), t=(-1, 1))},
)
network = Siren(width=width, depth=depth, omega=30)
stages = [Adam(steps=2_000, rate=1e-3)]
