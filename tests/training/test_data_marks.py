"""A run goes on only with the data it was started on."""

import numpy as np
import pytest
import xarray

from pinr import (
    Adam,
    Box,
    Eq,
    Image,
    Measurements,
    Problem,
    Siren,
    TrainingError,
    Volume,
    coefficient,
    coordinates,
    laplacian,
    on,
    solve,
    unknown,
)

x, y = coordinates("x y")
u = unknown("u", x, y)
SQUARE = Box(x=(0, 1), y=(0, 1))
INSIDE = on(SQUARE, Eq(laplacian(u), 0))
EDGE = on(SQUARE.boundary, Eq(u, 0))
EXTENT = {"x": (0, 1), "y": (0, 1)}
VALUES = np.linspace(0, 1, 12).reshape(3, 4)


def gridded(values):
    return INSIDE, EDGE, on(SQUARE, Eq(u, coefficient("c", values, x, y, extent=EXTENT)))


def measured(values):
    probes = Measurements(x=[0.1, 0.2, 0.3], y=[0.5, 0.5, 0.5], u=values[:, 0])
    return INSIDE, EDGE, on(probes, Eq(u, probes["u"]))


def pictured(values):
    image = Image(values, extent=EXTENT)
    return EDGE, on(image, Eq(u, image.value))


def scanned(values):
    volume = Volume(np.stack([values] * 2, axis=2), extent={**EXTENT, "z": (0, 1)})
    return EDGE, on(volume, Eq(u, volume.value))


def differentiated(values):
    image = Image(values, extent=EXTENT)
    return EDGE, on(image, Eq(u.diff(x), image.gradient[0]))


def positioned(values):
    axes = {"x": np.linspace(0, 1, 3) ** (1 + values[0, 0]), "y": np.linspace(0, 1, 4)}
    return INSIDE, EDGE, on(SQUARE, Eq(u, coefficient("c", xarray.DataArray(VALUES, axes), x, y)))


@pytest.mark.parametrize(
    "declare", [gridded, measured, pictured, scanned, differentiated, positioned], ids=lambda d: d.__name__
)
def test_changed_data_do_not_resume(declare, tmp_path):
    options = {"stages": [Adam(steps=3)], "out": tmp_path / "run", "progress": False}
    first = solve(Problem(*declare(VALUES)), Siren(4, 1), **options)
    again = solve(Problem(*declare(VALUES.copy())), Siren(4, 1), **options)
    assert again.loss == first.loss
    changed = VALUES.copy()
    changed[0, 0] += 1e-6
    with pytest.raises(TrainingError, match="or on other data"):
        solve(Problem(*declare(changed)), Siren(4, 1), **options)


def test_another_reference_resumes(tmp_path):
    options = {"stages": [Adam(steps=3)], "out": tmp_path / "run", "progress": False}
    first = solve(Problem(INSIDE, EDGE), Siren(4, 1), **options)
    again = solve(Problem(INSIDE, EDGE, reference={u: 0 * x}), Siren(4, 1), **options)
    assert again.loss == first.loss
