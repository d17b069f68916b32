"""Many images at once
======================

A network for every image of a set, trained in groups with batched matrix products: `python examples/many_images.py
[seconds]`. Each network is what `solve` would have given; together they take a fraction of the time.

The images are 36 pieces of a photograph, of 32 × 32 pixels.
"""

import sys

import numpy as np
from skimage.data import camera

from pinr import Image, Siren, fit_all

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0

photograph = camera()[64:448:2, 64:448:2] / 255  # 192 × 192
tiles = photograph.reshape(6, 32, 6, 32).swapaxes(1, 2).reshape(36, 32, 32)
images = [Image(tile, name=f"tile_{number}") for number, tile in enumerate(tiles)]

steps = max(10, int(15 * SECONDS))
solutions = fit_all(images, Siren(width=64, depth=4, omega=30), steps=steps, rate=1e-3)

found = [solution.compare() for solution in solutions]
for name in ("psnr", "ssim"):
    values = [measure[name] for measure in found]
    print(f"{name}: {np.mean(values):.3g} on average, {min(values):.3g} at worst")

error = np.sqrt(np.mean([measure["relative_l2"] ** 2 for measure in found]))
print(f"relative L2 error: {error:.1e}")
