"""Families: regions with a number that is a coordinate, and what holds for every value of it."""

import time

import numpy as np
import pytest
import scipy.integrate
import sympy
from sympy import exp, sin

from pinr import DeclarationError, Eq, Problem, coordinates, laplacian, on, parameter, unknown
from pinr.errors import GeometryError
from pinr.geometry import Ball, Box, HalfSpace, Polygon, integral_of, region_from_record
from pinr.geometry.sampling import Grid, Sobol, Uniform
from tests.geometry.region_table import (
    CONE,
    GROWING,
    HOLED,
    MOVING,
    PLATE,
    SHAVED,
    SLID,
    SQUARE,
    STRETCHED,
    SWOLLEN,
    TUBE,
    TURNED,
)  # fmt: skip

x, y, t, r, s = coordinates("x y", time="t", varying="r s")
HOLE = Ball(x=0.3, y=0.0, radius=r, name="hole")
OPEN = SQUARE - HOLE
ONE_COORDINATE = [GROWING, HOLED, MOVING, STRETCHED, TUBE, SHAVED, TURNED, SWOLLEN]


def along(region):
    """The coordinate that varies, and the ends of it."""
    name = "t" if "t" in region.names else "r"
    return name, *region.bounds[name]


def share_below(region, values):
    """The share of the measure of all slices below each value, by the measure of plain slices."""
    name, low, high = along(region)
    positions = np.linspace(low, high, 65)[1:-1]
    measures = np.array([region.at(**{name: float(p)}).measure for p in positions])
    inner = np.interp(np.linspace(low, high, 2001), positions, measures)
    sums = scipy.integrate.cumulative_trapezoid(inner, initial=0)
    return np.interp(values, np.linspace(low, high, 2001), sums / sums[-1])


@pytest.mark.parametrize("region", [*ONE_COORDINATE, *(f.boundary for f in ONE_COORDINATE)], ids=repr)
@pytest.mark.parametrize("sampler", [Sobol(), Uniform()], ids=repr)
def test_every_value_gets_points_by_the_measure_of_its_slice(region, sampler):
    name, _, _ = along(region)
    values = np.sort(region.sample(2048, sampler=sampler, seed=1).points[name])
    reached = (np.arange(2048) + 0.5) / 2048
    # Kolmogorov's distance: of independent points above 0.036 once in a hundred draws.
    assert np.abs(share_below(region, values) - reached).max() < (0.036 if sampler == Uniform() else 0.012)
    assert len(np.unique(values)) > 2000


@pytest.mark.parametrize("region", ONE_COORDINATE, ids=repr)
@pytest.mark.parametrize("is_small", [True, False], ids=["small", "large"])
def test_points_are_uniform_in_the_slices(region, is_small):
    """Among small and among large values, the lower part of the slices gets its share of all points."""
    name, low, high = along(region)
    samples = region.sample(4096, sampler=Sobol(), seed=2)
    line = float(np.mean(samples.points["y"]))

    def counted(points):
        return ((points["y"] < line) & ((points[name] < (low + high) / 2) == is_small)).astype(float)

    share = integral_of(counted, region, order=40).value / region.measure
    assert share > 0.05 and np.mean(counted(samples.points)) == pytest.approx(share, abs=0.01)


def test_a_slice_is_exactly_the_plain_region():
    line = Box(r=(0.1, 0.4))
    assert HOLED.at(r=0.2) == (SQUARE - Ball(x=0.3, y=0.0, radius=0.2, name="hole")) * line.at(r=0.2)
    assert repr(HOLED.at(r=sympy.Rational(1, 5))).startswith(
        "(Box(x=(-1, 1), y=(-1, 1)) - Ball(x=0.3, y=0.0, radius=1/5"
    )
    assert MOVING.at(t=0) == Ball(x=0.0, y=0, radius=0.5) * Box(t=(0, sympy.pi)).at(t=0)
    assert TURNED.at(r=1) == Polygon(x=[0, 2, 2, 1, 0], y=[0, 0, 2, 1, 2]).rotate(1) * Box(r=(0, 3)).at(r=1)


def test_the_boundary_of_a_slice_is_the_slice_of_the_boundary():
    roles = {"x": "space", "y": "space", "r": "varying"}
    assert HOLED.boundary.at(r=0.2) == HOLED.at(r=0.2).boundary.resolve(roles)


def test_fixing_one_of_two_leaves_a_family():
    two = (SQUARE - Ball(x=s, y=0, radius=r * exp(s))) * Box(r=(0.1, 0.2)) * Box(s=(0, 0.5))
    left = two.at(s=0)
    assert left.measure == pytest.approx(0.4 - np.pi / 3 * (0.2**3 - 0.1**3), rel=1e-12)
    assert left.at(r=0.1) == two.at(r=0.1, s=0) == two.at(r=0.1).at(s=0)


def test_a_slice_across_space_keeps_the_family():
    """The hole takes 2√(r² − 0.3²) of the line, where r exceeds 0.3."""
    line = HOLED.at(x=0)
    taken = scipy.integrate.quad(lambda radius: 2 * np.sqrt(radius**2 - 0.09), 0.3, 0.4)[0]
    assert line.dimension == 2 and line.measure == pytest.approx(0.6 - taken, rel=2e-3)


def test_slices_where_nothing_is_are_errors_and_get_no_points():
    vanishing = (SQUARE - Ball(x=0, y=0, radius=r)) * Box(r=(1, 2))
    assert vanishing.sample(500, sampler=Sobol(), seed=0).points["r"].max() < np.sqrt(2)
    with pytest.raises(GeometryError, match=r"at\(r=1.6\)` is empty"):
        vanishing.at(r=1.6)


@pytest.mark.parametrize("order", [3, 4])
def test_the_product_rule_is_exact_for_polynomials(order):
    """∫ x² r over x² + y² ≤ r², ½ ≤ r ≤ 1, is ∫ π r⁵/4 dr; the rim has ∫ π r⁴ dr."""
    inside, rim = GROWING.quadrature(order), GROWING.boundary.quadrature(order)
    found = [np.sum(q.columns["weight"] * q.points["x"] ** 2 * q.points["r"]) for q in (inside, rim)]
    assert found == pytest.approx([np.pi / 24 * (1 - 0.5**6), np.pi / 5 * (1 - 0.5**5)], rel=1e-12)


def test_gauss_rules_of_families_converge_spectrally():
    """∫ e^(rt) over the interval |x| ≤ e^r: ∫ 2 e^r e^r dr at t = 1, Gauss in r with a weight."""
    region = Ball(x=0, radius=exp(r)) * Box(r=(0, 2))
    exact = np.exp(4) - 1
    errors = [abs(integral_of(lambda p: np.exp(p["r"]), region, order=n).value / exact - 1) for n in (2, 4, 6)]
    assert errors[1] < 1e-2 * errors[0] and errors[2] < 1e-6


def test_grids_follow_the_measure_too():
    found = GROWING.sample(8000, sampler=Grid(), seed=0).points["r"]
    assert np.mean(found) == pytest.approx((15 / 64) / (7 / 24), abs=2e-3)  # ∫ r³ / ∫ r²


@pytest.mark.parametrize("region", [*ONE_COORDINATE, SLID, CONE], ids=repr)
def test_two_thousand_points_take_far_less_than_a_tenth_of_a_second(region):
    boundary = region.boundary
    assert boundary.measure > 0 and region.measure > 0  # what is found out once
    durations = []
    for seed in range(3):
        start = time.perf_counter()
        region.sample(2000, sampler=Sobol(), seed=seed)
        boundary.sample(2000, sampler=Sobol(), seed=seed)
        durations.append(time.perf_counter() - start)
    assert min(durations) < 0.1


def test_bounds_hold_all_slices():
    wave = Ball(x=sin(7 * r), y=0, radius=0.3 + r**2) * Box(r=(-1, 1))
    low, high = wave.bounds["x"]
    exact = max(np.sin(7 * p) + 0.3 + p**2 for p in np.linspace(-1, 1, 200_001))
    assert exact <= high <= exact + 1e-3 and low == pytest.approx(-high, abs=1e-12)


def test_a_family_is_a_region_like_any_other():
    """Its algebra, motions and conditions, with closed forms for each."""
    disc = Ball(x=0.3, y=0.0, radius=r) * Box(r=(0.1, 0.4))
    hole = np.pi * (0.4**3 - 0.1**3) / 3
    assert (SQUARE * Box(r=(0.1, 0.4)) - disc).measure == pytest.approx(HOLED.measure, rel=1e-12)
    assert (HOLED | disc).measure == pytest.approx(1.2, rel=1e-3)
    assert (HOLED.boundary & disc.boundary).measure == pytest.approx(np.pi * (0.4**2 - 0.1**2), rel=1e-3)
    assert HOLED.scale(2).measure == pytest.approx(4 * HOLED.measure, rel=1e-12)
    assert HOLED.translate(y=1).boundary.measure == pytest.approx(HOLED.boundary.measure, rel=1e-12)
    assert disc.where(x > 0.3 + r / 2).measure == pytest.approx(hole * (1 / 3 - np.sqrt(3) / 4 / np.pi), rel=2e-2)
    ring = (Box(x=(0, 2), y=(0, 1), periodic="x") - Ball(x=1, y=0.5, radius=r, name="hole")) * Box(r=(0.1, 0.4))
    assert ring.periodic == ("x",) and ring.boundary.parts == ("y-", "y+", "hole")


def test_the_order_of_the_factors_does_not_matter_but_is_kept():
    turned = Box(r=(0.1, 0.4)) * OPEN
    assert turned.names == ("r", "x", "y") and repr(turned) == f"Box(r=(0.1, 0.4)) * ({OPEN!r})"
    assert turned.measure == HOLED.measure
    nested = (Ball(x=0, y=0, radius=r * s) * Box(r=(1, 2))) * Box(s=(1, 2))
    assert nested.measure == pytest.approx(np.pi * 49 / 9, rel=1e-12)


def test_half_spaces_and_motions_may_vary_together():
    cut = SQUARE & HalfSpace(x=1, offset=r, name="cut")
    turned = cut.rotate(r, about={"x": r, "y": 0}).scale(1 + r) * Box(r=(0, 0.5))
    areas = lambda p: (1 + p) ** 2 * 2 * (1 + p)  # noqa: E731
    edges = lambda p: (1 + p) * (4 + 2 * (1 + p))  # noqa: E731
    assert turned.measure == pytest.approx(scipy.integrate.quad(areas, 0, 0.5)[0], rel=2e-3)
    assert turned.boundary.measure == pytest.approx(scipy.integrate.quad(edges, 0, 0.5)[0], rel=2e-3)
    assert set(turned.boundary.parts) == {"x-", "y-", "y+", "cut"}


def test_a_base_may_be_cut_where_numbers_would_not_fit():
    cut = Ball(x=0, y=0, radius=sympy.sqrt(r)) * Box(r=(-1, 1)).where(r > 0.5)
    assert cut.measure == pytest.approx(np.pi * 3 / 8, rel=2e-3)
    assert cut.sample(200, sampler=Sobol(), seed=0).points["r"].min() > 0.5


def test_half_spaces_cut_families_in_all_of_their_coordinates():
    half = (OPEN & HalfSpace(x=1, offset=0.3, name="cut")) * Box(r=(0.1, 0.4))
    assert half.measure == pytest.approx(0.3 * 2.6 - np.pi / 6 * (0.4**3 - 0.1**3), rel=2e-3)
    assert half.boundary.part("cut").measure == pytest.approx(0.3 * 2 - 0.15, rel=2e-3)


@pytest.mark.parametrize(
    "use",
    [
        lambda region: region.measure,
        lambda region: region.boundary,
        lambda region: region.bounds,
        lambda region: region.dimension,
        lambda region: region.sample(10, sampler=Sobol(), seed=0),
        lambda region: region.contains({"x": 0, "y": 0}),
        lambda region: region.quadrature(2),
        lambda region: region.at(x=0),
        lambda region: on(region, Eq(unknown("u", x, y), 0)),
        lambda region: region.where(x > 0),
    ],
    ids=["measure", "boundary", "bounds", "dimension", "sample", "contains", "quadrature", "at", "on", "where"],
)
@pytest.mark.parametrize("region", [OPEN, HOLE, PLATE.translate(x=r), HOLE * Box(z=(0, 1))], ids=repr)
def test_an_open_region_says_what_to_multiply_it_with(region, use):
    with pytest.raises(GeometryError, match=r"depends on r, which nothing binds.*`region \* Box\(r=\(low, high\)\)`"):
        use(region)


def test_an_open_region_can_be_stored_and_asked_for_its_condition():
    assert region_from_record(OPEN.record()) == OPEN
    assert OPEN.inside.has(r) and not OPEN.inside.has(sympy.Symbol("r"))


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        (lambda: Ball(x=0, radius=y), "coordinate of space"),
        (lambda: Ball(x=0, radius=sympy.Symbol("r")), "no coordinate.*varying='r'"),
        (lambda: Ball(x=0, radius=parameter("p", 1.0)), "no coordinate"),
        (lambda: Ball(x=0, radius=unknown("u", r)), "no expression"),
        (lambda: Ball(x=0, radius=sympy.zeta(r)), "no numerical rule"),
        (lambda: HalfSpace(x=r), "depends on r. Give a number"),
        (lambda: Ball(x=0, radius=r) * Box(r=(-0.1, 1)), "radius must be positive"),
        (lambda: OPEN * Box(r=(-0.1, 1)), "radius must be positive"),
        (lambda: Box(x=(0, r)) * Box(r=(-1, 1)), "not below"),
        (lambda: SQUARE.scale(r) * Box(r=(-1, 1)), "factor must be positive"),
        (lambda: Ball(x=1 / r, radius=1) * Box(r=(0, 1)), "infinite"),
        (lambda: Box(x=(0, r), periodic="x"), "the period along x varies"),
        (lambda: Box(r=(0, s)) * Box(s=(0, r)), "depends on a coordinate of another"),
        (lambda: OPEN * Box(r=(0, 1)) * Box(r=(0, 1)), "share the coordinate r"),
        (lambda: (SQUARE * Box(r=(0, 1))).translate(x=r), "before it is multiplied"),
        (lambda: (SQUARE & Ball(x=5, y=0, radius=r)) * Box(r=(0.1, 1)), "empty"),
        (lambda: SQUARE - HOLE * Box(r=(0.1, 1)), "does not have the coordinate r"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(wrong, match):
    with pytest.raises(GeometryError, match=f"(?s){match}"):
        wrong()


def test_the_roles_of_what_varies_are_known():
    assert HOLED.boundary.normal.names == ("x", "y")
    assert MOVING.boundary.normal.names == ("x", "y")
    with pytest.raises(GeometryError, match="axis of a family"):
        HOLED.boundary.part("r+")


def test_a_problem_on_a_family_is_sound():
    u = unknown("u", x, y, r)
    problem = Problem(on(HOLED, Eq(-laplacian(u), 1)), on(HOLED.boundary, Eq(u, 0)))
    assert problem.check(strict=True) == ()
    assert set(problem.bounds) == {"x", "y", "r"} and problem.dimension == 3
    with pytest.raises(DeclarationError, match="does not bind"):
        Problem(on(HOLED, Eq(-laplacian(u), s)), on(HOLED.boundary, Eq(u, 0))).check()
