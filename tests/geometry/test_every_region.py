"""Properties that every region has."""

import copy
import json
import pickle

import numpy as np
import pytest

from pinr.geometry import region_from_record
from pinr.geometry.sampling import Grid, Sobol, Uniform
from pinr.geometry.table import tables_in
from pinr.language.evaluation import evaluate
from tests.geometry.region_table import BOUNDARIES, CUT, EVERY, MESHES, RING, SOLIDS, Case

SAMPLERS = [Sobol(), Uniform(), Grid()]
STEP = 1e-4  # of the size: far above the tolerance, far below the table's features


def cases(table: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", table, ids=[case.text for case in table])


def size(case: Case) -> float:
    return max(high - low for low, high in case.region.bounds.values()) or 1.0


@cases(EVERY)
@pytest.mark.parametrize("sampler", SAMPLERS, ids=repr)
def test_samples_lie_in_the_region(case, sampler):
    samples = case.region.sample(200, sampler=sampler, seed=0)
    assert tuple(samples.points) == case.region.names
    assert case.region.contains(samples.points).all()
    for name, (low, high) in case.region.bounds.items():
        assert (samples.points[name] >= low).all() and (samples.points[name] <= high).all()


@cases(EVERY)
@pytest.mark.parametrize("sampler", [Sobol(), Uniform()], ids=repr)
def test_there_are_as_many_samples_as_asked_for(case, sampler):
    for count in (1, 37, 256):
        assert case.region.sample(count, sampler=sampler, seed=0).count == count


@cases(EVERY)
def test_dimension_and_measure_are_those_of_the_closed_form(case):
    assert case.region.dimension == case.dimension
    assert case.region.measure == pytest.approx(case.measure, rel=2e-3 if case.is_estimate else 1e-12)


@cases(EVERY)
def test_points_outside_the_bounds_are_outside_the_region(case):
    samples = case.region.sample(20, sampler=Sobol(), seed=0)
    for name, (_, high) in case.region.bounds.items():
        beyond = {**samples.points, name: np.full(20, high + STEP * size(case))}
        assert not case.region.contains(beyond).any()


@cases(EVERY)
@pytest.mark.parametrize("sampler", [Sobol(), Uniform()], ids=repr)
def test_samples_are_a_function_of_the_seed(case, sampler):
    def drawn(seed):
        return np.stack(list(case.region.sample(50, sampler=sampler, seed=seed).points.values()))

    np.testing.assert_array_equal(drawn(1), drawn(1))
    np.testing.assert_array_equal(drawn((1, 2)), drawn([1, 2]))
    if case.dimension > 0:
        assert not np.array_equal(drawn(1), drawn(2))
        assert not np.array_equal(drawn((1, 2)), drawn((1, 3)))


@cases(EVERY)
def test_a_region_prints_as_it_was_written(case):
    assert repr(case.region) == case.text


@cases(EVERY)
def test_a_region_survives_its_record(case):
    record = json.loads(json.dumps(case.region.record()))
    stored = region_from_record(record, tables=tables_in(case.region))
    assert stored == case.region and hash(stored) == hash(case.region)
    assert repr(stored) == case.text


@cases(EVERY)
def test_a_sampled_region_can_be_copied_and_sent_to_other_processes(case):
    assert case.region.measure > 0
    assert pickle.loads(pickle.dumps(case.region)) == case.region == copy.deepcopy(case.region)


@cases(EVERY)
def test_resolving_the_roles_that_were_guessed_changes_nothing(case):
    assert case.region.resolve(case.roles) == case.region


@cases(BOUNDARIES)
def test_normals_are_unit_vectors_in_space(case):
    samples = case.region.sample(200, sampler=Sobol(), seed=0)
    assert list(samples.columns) == [f"normal.{name}" for name in case.space]
    assert case.region.normal.names == tuple(case.space)
    np.testing.assert_allclose(sum(column**2 for column in samples.columns.values()), 1, rtol=1e-12)


@cases(BOUNDARIES)
def test_normals_point_outward(case):
    boundary = case.region if hasattr(case.region, "parts") else case.region.region
    samples = case.region.sample(200, sampler=Uniform(), seed=0)

    def moved(step):
        shift = {key.removeprefix("normal."): step * column for key, column in samples.columns.items()}
        return {name: values + shift.get(name, 0) for name, values in samples.points.items()}

    assert not boundary.region.contains(moved(STEP)).any()
    assert boundary.region.contains(moved(-STEP)).all()


@cases(BOUNDARIES)
def test_boundary_points_lie_in_the_closed_region(case):
    boundary = case.region if hasattr(case.region, "parts") else case.region.region
    samples = case.region.sample(200, sampler=Sobol(), seed=0)
    assert boundary.region.contains(samples.points).all()


@cases([*SOLIDS, *CUT])
def test_the_condition_inside_agrees_with_contains(case):
    low_high = case.region.bounds
    unit = Sobol().draw(len(low_high), 512, seed=3) * 1.4 - 0.2
    points = {n: low + (high - low) * unit[:, k] for k, (n, (low, high)) in enumerate(low_high.items())}
    np.testing.assert_array_equal(evaluate(case.region.inside, points), case.region.contains(points))


@cases([case for case in [*SOLIDS, *CUT, *MESHES] if "where" not in case.text and case.region != RING.at(y=0)])
def test_divergence_theorem(case):
    # ∫ div F = ∫ F·n for F_i = x_i² + x_i x_j, with j the next coordinate; fixed ones and time are parameters.
    bounds, names = case.region.bounds, case.region.names
    space = [n for n in case.space if bounds[n][0] < bounds[n][1] and n not in case.region.periodic]
    following = dict(zip(names, [*names[1:], names[0]], strict=True))
    gauss = all(chart.rule and not chart.keep for r in (case.region, case.region.boundary) for chart in r.charts)
    inside, outside = (r.quadrature(5 if gauss else 48) for r in (case.region, case.region.boundary))
    p, q = inside.points, outside.points
    volume = sum(2 * p[n] + (p[following[n]] if following[n] != n else 2 * p[n]) for n in space)
    flux = sum((q[n] ** 2 + q[n] * q[following[n]]) * outside.columns[f"normal.{n}"] for n in space)
    scale = case.region.boundary.measure * max(abs(end) for pair in bounds.values() for end in pair) ** 2
    difference = np.sum(inside.columns["weight"] * volume) - np.sum(outside.columns["weight"] * flux)
    assert abs(difference) <= (1e-12 if gauss else 2e-3) * scale


@cases(EVERY)
def test_quadrature_weights_add_up_to_the_measure(case):
    samples = case.region.quadrature(2)
    assert samples.columns["weight"].sum() == pytest.approx(case.region.measure, rel=1e-12)
    assert case.region.contains(samples.points).all()


@cases([case for case in BOUNDARIES if hasattr(case.region, "parts")])
def test_every_part_is_covered_by_its_share_of_the_points(case):
    boundary = case.region
    samples = boundary.sample(300, sampler=Sobol(), seed=0)
    for part in boundary.parts:
        here = boundary.part(part)
        expected = 300 * here.measure / boundary.measure
        assert np.sum(here.contains(samples.points)) == pytest.approx(expected, abs=2 + len(boundary.parts))
