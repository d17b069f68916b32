"""Rules for points: what they keep, where points fall, how many there are; the properties run through all rules."""

import numpy as np
import pytest
from sympy import Piecewise, Symbol, exp

from pinr import (
    R3,
    Box,
    DeclarationError,
    Eq,
    FreshPoints,
    GaussNewton,
    Measurements,
    MorePoints,
    Polygon,
    Problem,
    ResidualDensity,
    Siren,
    coordinates,
    integral,
    laplacian,
    on,
    unknown,
)
from pinr.compiler.program import compile_problem
from pinr.training.layout import Layout
from pinr.training.sampling import counts_of, factor_for_rows, fresh_losses
from pinr.training.sampling.density import thinned
from pinr.training.sampling.residual_size import residual_size

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box(x=(0, 1), y=(0, 1))
front = Eq(-laplacian(u), 100 * exp(-100 * (x - 0.5) ** 2))
probes = Measurements(x=[0.1, 0.2, 0.3], y=[0.5, 0.6, 0.7], u=[0.0, 0.1, 0.2], name="probes")
PROBLEM = Problem(
    on(square, front, points=300, name="inside"),
    on(square.boundary, Eq(u, 0), points=101, name="boundary"),
    on(probes, Eq(u, probes["u"]), name="probes"),
    on(square, Eq(integral(u, square), 1), name="mean"),
)
RULES = [FreshPoints(), ResidualDensity(candidates=4), R3(), FreshPoints(density=1 + x), R3(density=1 + x)]
every_rule = pytest.mark.parametrize("rule", RULES, ids=["fresh", "density", "r3", "fresh-x", "r3-x"])


@pytest.fixture(scope="module")
def program():
    return compile_problem(PROBLEM, Siren(8, 2), dtype="float64", exact=False)


@pytest.fixture(scope="module")
def parameters(program):
    """Those of a network that is nearly 0, so that the residual is the source."""
    return {name: 0.01 * value.detach() for name, value in program.initial(0).items()}


def places(points) -> np.ndarray:
    return np.stack(list(points.samples.points.values()), axis=1)


@every_rule
def test_points_are_a_function_of_seed_number_and_what_was_kept(rule, program, parameters):
    first = rule.draw(program, parameters, seed=1, number=0)
    kept = rule.kept(program, parameters, first.batch)
    once, again = (rule.draw(program, parameters, seed=1, number=1, kept=kept) for _ in range(2))
    for name, points in once.batch.items():
        np.testing.assert_array_equal(places(points), places(again.batch[name]))
    assert not np.array_equal(places(once.batch["inside"]), places(first.batch["inside"]))


@every_rule
@pytest.mark.parametrize("factor", [1.0, 1.7])
def test_every_constraint_gets_its_count(rule, program, parameters, factor):
    counts = counts_of(program, factor)
    first = rule.draw(program, parameters, seed=0, number=0, factor=factor)
    kept = rule.kept(program, parameters, first.batch)
    for draw in (first, rule.draw(program, parameters, seed=0, number=1, factor=factor, kept=kept)):
        assert {name: points.count for name, points in draw.batch.items()} == counts
        assert draw.fresh.keys() == {"inside", "boundary"}  # measured points and integrals are never new
        assert all(1 <= draw.fresh[name] <= counts[name] for name in draw.fresh)


@every_rule
def test_fresh_points_come_first_and_are_in_no_draw_before(rule, program, parameters):
    first = rule.draw(program, parameters, seed=0, number=0)
    kept = rule.kept(program, parameters, first.batch)
    second = rule.draw(program, parameters, seed=0, number=1, kept=kept)
    old = {tuple(place) for place in places(first.batch["inside"])}
    new = [tuple(place) in old for place in places(second.batch["inside"])]
    assert not any(new[: second.fresh["inside"]])


def test_r3_keeps_exactly_the_points_above_the_mean(program, parameters):
    rule = R3()
    first = rule.draw(program, parameters, seed=0, number=0)
    size = residual_size(program, parameters, {"inside": first.batch["inside"]})
    large = places(first.batch["inside"])[size > size.mean()]
    kept = rule.kept(program, parameters, first.batch)
    assert list(kept) == ["inside"]
    second = rule.draw(program, parameters, seed=0, number=1, kept=kept)
    assert second.fresh["inside"] == 300 - len(large) > 0 < len(large)
    np.testing.assert_array_equal(places(second.batch["inside"])[second.fresh["inside"] :], large)


def test_points_of_r3_gather_where_the_residual_stays_large(program, parameters):
    rule, kept = R3(), None
    shares = []
    for number in range(6):
        draw = rule.draw(program, parameters, seed=0, number=number, kept=kept)
        shares.append(np.mean(np.abs(places(draw.batch["inside"])[:, 0] - 0.5) < 0.1))
        kept = rule.kept(program, parameters, draw.batch)
    assert shares[0] == pytest.approx(0.2, abs=0.02)
    assert shares[-1] > 0.6


def test_residual_density_is_denser_where_the_residual_is_large(program, parameters):
    points = places(ResidualDensity().draw(program, parameters, seed=0, number=0).batch["inside"])
    even, followed = points[:150, 0], points[150:, 0]
    assert np.mean(np.abs(even - 0.5) < 0.1) == pytest.approx(0.2, abs=0.03)
    assert np.mean(np.abs(followed - 0.5) < 0.1) > 0.35


def test_a_density_is_followed_inside_and_nowhere_else(program, parameters):
    layer = square.where(x < 0.25)
    rule = FreshPoints(density=Piecewise((9, layer.inside), (1, True)))
    batch = rule.draw(program, parameters, seed=0, number=0, factor=4).batch
    assert np.mean(places(batch["inside"])[:, 0] < 0.25) == pytest.approx(9 / (9 + 3), abs=0.04)
    on_sides = places(batch["boundary"])
    assert np.mean(on_sides[:, 0] < 0.25) == pytest.approx(0.25 + 0.5 / 4, abs=0.02)


@pytest.mark.parametrize(
    ("density", "message"),
    [
        (x - 0.5, "nowhere negative"),
        (0 * x, "somewhere positive"),
        (1 / (x - x), "finite"),
        (Symbol("z"), "z"),
        (Piecewise((1, x < 0.001), (0, True)), "zero in nearly all"),
    ],
    ids=["negative", "zero", "infinite", "unknown symbol", "narrow"],
)
def test_a_density_that_is_none_is_refused(program, parameters, density, message):
    with pytest.raises(DeclarationError, match=message):
        FreshPoints(density=density).draw(program, parameters, seed=0, number=0)


@pytest.mark.parametrize("make", [FreshPoints, ResidualDensity, R3], ids=lambda make: make.__name__)
@pytest.mark.parametrize(("option", "value"), [("every", 0), ("every", 2.5), ("density", "x**2")])
def test_ill_formed_rules_are_refused(make, option, value):
    with pytest.raises(DeclarationError, match=option):
        make(**{option: value})


@pytest.mark.parametrize("options", [{"above": 1.0}, {"draws": 0}, {"by": 1.0}, {"most": 0.5}])
def test_ill_formed_growth_is_refused(options):
    with pytest.raises(DeclarationError, match="MorePoints"):
        MorePoints(**options)


def test_thinning_follows_the_density_without_replacement():
    line = FreshPoints().sampler
    samples = Box(x=(0, 1)).sample(4000, sampler=line, seed=0)
    density = np.where(samples.points["x"] < 0.5, 3.0, 1.0)
    few = thinned(samples, density, 400, seed=(0,))
    assert few.count == 400 == len(set(few.points["x"]))
    # Of few among many, three to one; of all, everything.
    assert np.mean(few.points["x"] < 0.5) == pytest.approx(0.75, abs=0.05)
    assert thinned(samples, density, 4000, seed=(0,)).count == 4000


@pytest.mark.parametrize("rule", [FreshPoints(), ResidualDensity()], ids=["fresh", "density"])
@pytest.mark.parametrize("count", [64, 100, 256, 333])
def test_every_face_of_a_box_is_covered_evenly(rule, count):
    problem = Problem(on(square, front, points=32), on(square.boundary, Eq(u, 0), points=count, name="boundary"))
    program = compile_problem(problem, Siren(4, 1), dtype="float64", exact=False)
    points = places(rule.draw(program, program.initial(0), seed=0, number=0).batch["boundary"])
    for axis in (0, 1):
        for value in (0.0, 1.0):
            along = points[points[:, axis] == value, 1 - axis]
            assert abs(len(along) - count / 4) < 1
            # The first points of a Sobol sequence: as many as a power of two have one in every cell of that width.
            cells = 2 ** int(np.log2(len(along)))
            held, _ = np.histogram(along, bins=cells, range=(0, 1))
            assert held.min() >= 1 and held.max() <= 2


def test_every_face_of_a_cube_has_one_point_in_every_cell():
    z = coordinates("z")
    w = unknown("w", x, y, z)
    cube = Box(x=(0, 1), y=(0, 1), z=(0, 1))
    problem = Problem(
        on(cube, Eq(laplacian(w), 1), points=32), on(cube.boundary, Eq(w, 0), points=6 * 64, name="sides")
    )
    program = compile_problem(problem, Siren(4, 1), dtype="float64", exact=False)
    points = places(FreshPoints().draw(program, program.initial(0), seed=0, number=0).batch["sides"])
    for axis in range(3):
        for value in (0.0, 1.0):
            face = np.delete(points[points[:, axis] == value], axis, axis=1)
            held, _, _ = np.histogram2d(*face.T, bins=8, range=[(0, 1), (0, 1)])
            assert (held == 1).all()


@pytest.mark.parametrize("rule", [FreshPoints(), ResidualDensity(), R3()], ids=["fresh", "density", "r3"])
def test_fresh_points_cover_all_of_a_region_of_many_charts(rule):
    arch = Polygon(x=(0, 3, 3, 2, 2, 1, 1, 0), y=(0, 0, 3, 3, 1, 1, 3, 3))  # of seven unit squares
    assert len(arch.charts) > 1
    problem = Problem(on(arch, front, points=560, name="inside"), on(arch.boundary, Eq(u, 0)))
    program = compile_problem(problem, Siren(4, 1), dtype="float64", exact=False)
    draw = rule.draw(program, program.initial(0), seed=0, number=0)
    points = places(draw.batch["inside"])[: draw.fresh["inside"]]
    counts, _, _ = np.histogram2d(*points.T, bins=3, range=[(0, 3), (0, 3)])
    np.testing.assert_allclose(counts[counts > 0], len(points) / 7, rtol=0.15)
    assert (counts > 0).sum() == 7


def test_the_held_out_loss_is_the_plain_mean_over_the_fresh_points(program, parameters):
    layout = Layout.of(parameters)
    theta = layout.flatten(parameters)
    draw = FreshPoints().draw(program, parameters, seed=0, number=0)
    exact = program.losses(parameters, draw.batch)
    assert fresh_losses(program, layout, theta, draw) == pytest.approx(
        {name: float(exact[name]) for name in ("inside", "boundary")}, rel=1e-12
    )
    # Points chosen by their residual count for nothing there.
    followed = ResidualDensity().draw(program, parameters, seed=0, number=0)
    assert followed.fresh["inside"] == 150
    size = residual_size(program, parameters, {"inside": followed.batch["inside"]})
    held_out = fresh_losses(program, layout, theta, followed)["inside"]
    assert held_out == pytest.approx(np.mean(size[:150] ** 2), rel=1e-12)
    assert held_out == pytest.approx(float(exact["inside"]), rel=0.1)
    assert held_out < np.mean(size**2)


def test_a_held_out_loss_with_an_integral_at_every_point():
    problem = Problem(on(square, Eq(u.diff(x), integral(u, Box(y=(0, 1)))), points=40, name="inside"))
    program = compile_problem(problem, Siren(4, 1), dtype="float64", exact=False)
    parameters = program.initial(0)
    layout = Layout.of(parameters)
    draw = ResidualDensity().draw(program, parameters, seed=0, number=0)
    held_out = fresh_losses(program, layout, layout.flatten(parameters), draw)
    size = residual_size(program, parameters, {"inside": draw.batch["inside"]})
    assert held_out["inside"] == pytest.approx(np.mean(size[:20] ** 2), rel=1e-9)


def test_the_number_of_points_grows_after_so_many_over_fitted_draws_up_to_the_most():
    more = MorePoints(above=3, draws=2, by=1.5, most=2.0)
    assert more.grown(1.0, 0) == (1.0, 0)
    assert more.grown(1.0, 1) == (1.0, 1)
    assert more.grown(1.0, 2) == (1.5, 0)
    assert more.grown(1.5, 2) == (2.0, 0)
    assert more.grown(2.0, 5) == (2.0, 5)


def test_over_fitting_is_told_by_the_weighted_sum():
    more = MorePoints(above=3)
    seen, held_out = {"a": 1.0, "b": 1e-6}, {"a": 1.5, "b": 1e-4}
    assert not more.is_overfitted(seen, held_out, {"a": 1.0, "b": 1.0})
    assert more.is_overfitted(seen, held_out, {"a": 1e-6, "b": 1.0})


@pytest.mark.parametrize("wanted", [0, 404, 405, 1000, 5000.5])
def test_there_are_as_many_rows_as_wanted_whatever_is_measured(program, parameters, wanted):
    factor = factor_for_rows(program, wanted)
    draw = FreshPoints().draw(program, parameters, seed=0, number=0, factor=factor)
    assert draw.batch["probes"].count == 3 and draw.batch["mean"].count == 1
    assert max(wanted, 405) <= sum(points.count for points in draw.batch.values()) < max(wanted, 405) + 3


def test_gauss_newton_wants_three_rows_for_each_weight():
    assert GaussNewton.rows_per_weight >= 3
