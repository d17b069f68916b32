"""Integrals over regions."""

import math

import numpy as np
import pytest

from pinr.errors import GeometryError
from pinr.geometry import Ball, Box, Polygon, integral_of

SQUARE = Box(x=(-1, 1), y=(-1, 1))
DISC = Ball(x=0, y=0, radius=1)
SOLID = Ball(x=0, y=0, z=0, radius=1)
TRIANGLE = Polygon(x=[0, 1, 0], y=[0, 0, 1])


@pytest.mark.parametrize(
    ("region", "moment"),  # ∫ x⁴ y²
    [
        (SQUARE, 4 / 15),
        (DISC, math.pi / 64),
        (SOLID, 4 * math.pi / 315),
        (TRIANGLE, 48 / 40320),
        (DISC.boundary, math.pi / 8),
        (SOLID.boundary, 4 * math.pi / 35),
        (DISC.rotate(1), math.pi / 64),
        (DISC * Box(t=(0, 2)), math.pi / 32),
    ],
    ids=repr,
)
def test_polynomials_are_integrated_exactly(region, moment):
    samples = region.quadrature(4)
    value = np.sum(samples.columns["weight"] * samples.points["x"] ** 4 * samples.points["y"] ** 2)
    assert value == pytest.approx(moment, rel=1e-12)


def test_the_error_estimate_bounds_the_error_of_a_cut_region():
    plate = SQUARE - Ball(x=0.3, y=0.0, radius=0.4)
    exact = 8 / 3 - math.pi * (0.2**2 * 0.4**2 * 2 + 0.09 * 0.16)  # ∫ x² + y² over square and disc
    found = integral_of(lambda p: p["x"] ** 2 + p["y"] ** 2, plate, order=24)
    assert found.value == pytest.approx(exact, abs=3 * found.error + 1e-3)


def test_gauss_rules_converge_spectrally():
    errors = []
    for order in (2, 4, 8):
        samples = DISC.quadrature(order)
        value = np.sum(samples.columns["weight"] * np.exp(samples.points["x"]))
        errors.append(abs(value - 2 * math.pi * 0.5651591039924850))  # 2π I₁(1)
    assert errors[1] < 1e-5 and errors[2] < 1e-13


def test_the_estimate_of_a_smooth_integral_is_at_rounding():
    found = integral_of(lambda p: np.cos(p["x"]), SQUARE)
    assert found.value == pytest.approx(4 * math.sin(1), rel=1e-14) and found.error < 1e-12


@pytest.mark.parametrize("order", [0, -1, 2.0, True])
def test_orders_are_positive_integers(order):
    with pytest.raises(GeometryError, match="positive integer"):
        SQUARE.quadrature(order)
