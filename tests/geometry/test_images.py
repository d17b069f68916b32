"""Images: a rectangle sampled at its pixels, with the spline through them."""

import numpy as np
import pytest
import sympy
from PIL import Image as Picture

from pinr.compiler.collect import collect
from pinr.compiler.known_values import known_values
from pinr.errors import DeclarationError, FileFormatError, GeometryError
from pinr.geometry import Image, Samples, region_from_record
from pinr.geometry.sampling import Sobol, Uniform
from pinr.language.coordinates import coordinates
from pinr.language.operators import grad, laplacian

x, y = coordinates("x y")
PIXELS = np.linspace(0, 1, 20).reshape(4, 5) ** 2
COLOURS = np.stack([PIXELS, 1 - PIXELS, PIXELS / 2], axis=-1)


def values(expression, points):
    collected = collect((expression,))
    return known_values(collected.components, Samples(points), collected.atoms)[0]


def test_samples_are_pixels_and_the_value_there_is_theirs():
    image = Image(PIXELS)
    samples = image.sample(500, sampler=Uniform(), seed=0)
    across, up = np.linspace(-1, 1, 5), np.linspace(1, -1, 4)
    columns, rows = [np.searchsorted(np.sort(a), p) for a, p in zip((across, up), samples.points.values(), strict=True)]
    assert set(zip(columns.tolist(), rows.tolist(), strict=True)) == {(c, r) for c in range(5) for r in range(4)}
    assert values(image.value, samples.points) == pytest.approx(PIXELS[3 - rows, columns], abs=1e-13)


def test_y_points_upwards():
    corners = {"x": np.array([-1.0, 1.0, -1.0, 1.0]), "y": np.array([1.0, 1.0, -1.0, -1.0])}
    found = values(Image(PIXELS).value, corners)
    assert found == pytest.approx([PIXELS[0, 0], PIXELS[0, -1], PIXELS[-1, 0], PIXELS[-1, -1]], abs=1e-13)


def test_draws_of_as_many_points_as_pixels_are_nearly_all_of_them():
    samples = Image(np.zeros((16, 32))).sample(512, sampler=Sobol(), seed=3)
    assert len(set(zip(*map(tuple, samples.points.values()), strict=True))) == 512


def test_derivatives_are_those_of_the_spline():
    rows, columns = np.mgrid[0:4, 0:5]
    image = Image((rows * columns) / 12, extent={"x": (0, 4), "y": (0, 3)})
    at = {"x": np.array([0.5, 3.0]), "y": np.array([0.25, 2.0])}
    assert values(image.value, at) == pytest.approx((3 - at["y"]) * at["x"] / 12, abs=1e-13)
    assert values(image.gradient[0], at) == pytest.approx((3 - at["y"]) / 12, abs=1e-12)
    assert values(image.gradient[1], at) == pytest.approx(-at["x"] / 12, abs=1e-12)
    assert values(image.laplacian, at) == pytest.approx(0, abs=1e-12)
    assert (image.gradient, image.laplacian) == (grad(image.value, x, y), laplacian(image.value, x, y))


def test_colours_are_a_vector():
    image = Image(COLOURS)
    assert image.value.shape == (3, 1) and image.gradient.shape == (3, 2) and image.laplacian.shape == (3, 1)
    assert [str(channel) for channel in image.value] == ["image_red", "image_green", "image_blue"]
    points = image.sample(20, sampler=Sobol(), seed=0).points
    assert values(image.value[0] + image.value[1], points) == pytest.approx(1, abs=1e-12)
    assert image.array.dims == ("y", "x", "component")


@pytest.mark.parametrize(
    ("pixels", "largest"),
    [(np.uint8([[0, 255], [51, 102]]), 255), (np.uint16([[0, 65535], [1, 2]]), 65535), (np.eye(2, dtype=bool), 1)],
    ids=["8 bits", "16 bits", "truth"],
)
def test_values_are_in_the_unit_interval(pixels, largest):
    assert np.array_equal(Image(pixels).pixels, pixels / largest)


def test_a_file_is_read_by_name(tmp_path):
    pixels = np.uint8(PIXELS * 255)
    Picture.fromarray(pixels).save(tmp_path / "my camera.png")
    image = Image.read(tmp_path / "my camera.png")
    assert np.array_equal(image.pixels, pixels / 255)
    assert (repr(image), str(image.value)) == ('Image.read("my camera.png")', "my_camera")
    assert image != Image.read(tmp_path / "my camera.png", extent={"x": (0, 1), "y": (0, 1)})
    with pytest.raises(FileFormatError, match="no such file"):
        Image.read(tmp_path / "camera.png")


def test_a_stored_image_is_a_region_without_values():
    image = Image(PIXELS)
    stored = region_from_record(image.record())
    drawn = [i.sample(30, sampler=Sobol(), seed=1).points["x"].tolist() for i in (image, stored)]
    assert stored == image and drawn[0] == drawn[1]
    assert stored != Image(PIXELS / 2)
    with pytest.raises(GeometryError, match="Read the image again"):
        _ = stored.value


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Image(np.zeros(4)), r"has the shape \(4,\)"),
        (lambda: Image(np.zeros((4, 4, 4))), r"\(rows, columns, 3\)"),
        (lambda: Image(np.zeros((1, 4))), "at least 2 × 2"),
        (lambda: Image(PIXELS * 255), r"outside \[0, 1\].*coefficient"),
        (lambda: Image(np.full((2, 2), np.nan)), r"outside \[0, 1\], or none"),
        (lambda: Image(np.zeros((2, 2), dtype=int)), "type int64, whose largest value is not known"),
        (lambda: Image(PIXELS, extent={"x": (0, 1)}), "give both coordinates"),
        (lambda: Image(PIXELS, extent={"x": (0, 1), "y": (1, 0)}), "y"),
        (lambda: Image(PIXELS, name="my image"), "letters, digits and underscores"),
    ],
)
def test_mistakes_are_explained(wrong, message):
    with pytest.raises(GeometryError, match=message):
        wrong()


def test_namesakes_are_refused_in_derivatives_of_an_image():
    with pytest.raises(DeclarationError, match="namesake"):
        Image(PIXELS).value.diff(sympy.Symbol("x"))
