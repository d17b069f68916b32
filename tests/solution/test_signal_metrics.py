"""The measures of signals, on signals whose distance is known."""

import numpy as np
import pytest

from pinr import Adam, Box, Eq, Image, Problem, Siren, coordinates, on, psnr, snr, solve, ssim, unknown
from pinr.errors import DeclarationError

NUMBERS = np.random.default_rng(0)
IMAGE = NUMBERS.random((16, 20))
SHIFT = np.array([1, 2, 3])
NOISE = NUMBERS.choice([-0.01, 0.01], IMAGE.shape)


def test_decibels_are_those_of_the_noise():
    assert psnr(IMAGE + NOISE, IMAGE) == pytest.approx(40)
    assert psnr(IMAGE + NOISE, IMAGE, peak=10) == pytest.approx(60)
    assert snr(IMAGE * 1.1, IMAGE) == pytest.approx(20)
    assert psnr(IMAGE, IMAGE) == snr(IMAGE, IMAGE) == np.inf
    assert snr(NOISE, np.zeros_like(NOISE)) == -np.inf


def test_images_are_most_similar_to_themselves():
    assert ssim(IMAGE, IMAGE) == pytest.approx(1)
    assert ssim(IMAGE + NOISE, IMAGE) > ssim(IMAGE + 10 * NOISE, IMAGE) > ssim(1 - IMAGE, IMAGE)


def test_a_free_constant_is_removed_of_each_colour():
    colours = NUMBERS.random((8, 9, 3))
    assert psnr(IMAGE + 3, IMAGE, free_constant=True) > 250
    assert snr(colours + SHIFT, colours, free_constant=True) > 250
    assert ssim(colours + SHIFT, colours, free_constant=True) == pytest.approx(1)
    assert psnr(colours[..., :2] + SHIFT[:2], colours[..., :2], free_constant=True) == pytest.approx(20 * np.log10(2))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: psnr(IMAGE, IMAGE[1:]), "nothing is broadcast"),
        (lambda: snr([], []), "nothing is broadcast"),
        (lambda: snr(IMAGE, np.where(IMAGE > 0.5, np.nan, IMAGE)), "of the reference are not finite"),
        (lambda: psnr(IMAGE, IMAGE, peak=0), "range of the signal is positive"),
        (lambda: ssim(IMAGE[:5], IMAGE[:5]), "7 × 7 pixels"),
        (lambda: ssim(IMAGE[..., None, None], IMAGE[..., None, None]), "7 × 7 pixels"),
    ],
)
def test_mistakes_are_explained(wrong, message):
    with pytest.raises(DeclarationError, match=message):
        wrong()


@pytest.mark.parametrize("size", [None, 3], ids=["gray", "colours"])
def test_a_solution_is_compared_with_the_array_of_its_reference(size):
    x, y = coordinates("x y")
    image = Image(NUMBERS.random((8, 9) if size is None else (8, 9, 3)))
    f = unknown("f", x, y, size=size)
    problem = Problem(on(image, Eq(f, image.value)), reference={f: image.array})
    solution = solve(problem, Siren(8, 1), stages=[Adam(steps=2)], progress=False)
    axes = {n: image.array.coords[n].values for n in "xy"}
    own = solution.grid(f, **axes).transpose(*image.array.dims).values
    exact = image.array.values
    found = solution.compare()
    assert found["relative_l2"] == pytest.approx(solution.error())
    assert found["psnr"] == pytest.approx(psnr(own, exact)) and found["ssim"] == pytest.approx(ssim(own, exact))
    assert solution.compare("f", free_constant=True)["psnr"] == pytest.approx(psnr(own, exact, free_constant=True))


def test_a_formula_is_no_signal():
    x, y = coordinates("x y")
    f = unknown("f", x, y)
    image = Image(IMAGE)
    problem = Problem(on(image, Eq(f, image.value)), reference={f: x + y})
    solution = solve(problem, Siren(4, 1), stages=[Adam(steps=1)], progress=False)
    with pytest.raises(DeclarationError, match="its reference is a formula"):
        solution.compare()


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (Image(IMAGE, name="camera"), r"array of the signal, `Problem\(…, reference=\{f: camera.array\}\)`"),
        (Box(x=(0, 1), y=(0, 1)), r"reference=\{f: array\}\)`, or a formula"),
    ],
    ids=["image", "box"],
)
def test_without_a_reference_the_error_says_what_can_be_given(region, words):
    x, y = coordinates("x y")
    f = unknown("f", x, y)
    solution = solve(Problem(on(region, Eq(f, x))), Siren(4, 1), stages=[Adam(steps=1)], progress=False)
    with pytest.raises(DeclarationError, match=words):
        solution.compare()
