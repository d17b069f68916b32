"""The image of the catalogue: the spline through its pixels is the formula, to the order of the spline."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from pinr.compiler.collect import collect
from pinr.compiler.known_values import known_values
from pinr.geometry import Image, Samples

FILE = Path(__file__).parents[2] / "problems" / "image_from_gradients.py"
H = 1e-5


@pytest.fixture(scope="module")
def declared():
    return runpy.run_path(str(FILE))


def test_the_gradient_converges_to_that_of_the_formula_at_third_order(declared):
    brightness = declared["brightness"]
    p, q = np.random.default_rng(0).uniform(-0.9, 0.9, (2, 400))
    slope = (brightness(p + H, q) - brightness(p - H, q)) / (2 * H)

    def error(pixels):
        positions = np.linspace(-1, 1, pixels)
        image = Image(brightness(positions, positions[::-1, None]))
        collected = collect((image.gradient[0],))
        found = known_values(collected.components, Samples({"x": p, "y": q}), collected.atoms)[0]
        return np.sqrt(np.mean((found - slope) ** 2))

    assert np.log2(error(101) / error(201)) == pytest.approx(3, abs=0.5)


def test_the_reference_is_the_formula_at_the_pixels(declared):
    (reference,) = declared["problem"].reference.values()
    exact = declared["brightness"](reference.x, reference.y)
    assert np.abs(reference - exact).max() < 1e-15 and reference.shape == (64, 64)
