"""Many signals at once: each is what it would have been alone."""

import numpy as np
import pytest

from pinr import (
    MLP,
    Adam,
    Audio,
    Eq,
    FreshPoints,
    Image,
    Problem,
    ResidualDensity,
    Siren,
    coordinates,
    fit_all,
    grad,
    on,
    solve,
    unknown,
)
from pinr.errors import DeclarationError
from pinr.training.fit_all import _problem_of
from pinr.training.progress import AbstractProgress

x, y = coordinates("x y")
f = unknown("f", x, y)
NUMBERS = np.random.default_rng(0)
IMAGES = [Image(NUMBERS.random((6, 7)), name=f"image_{k}") for k in range(5)]
COLOURS = [Image(NUMBERS.random((6, 7, 3)), name=f"colours_{k}") for k in range(2)]
SOUNDS = [Audio(NUMBERS.normal(size=30), name=f"sound_{k}") for k in range(2)]
TABLE = [Problem(on(i, Eq(f**2 + x * f, 3 * i.value), points=20, weight=k + 1.0)) for k, i in enumerate(IMAGES[:3])]
SLOPES = [Problem(on(i, Eq(grad(f), i.gradient)), on(i.boundary, Eq(f, i.value)), name=i.name) for i in IMAGES[:2]]


def distance(one, other):
    return max(float((one.parameters[name] - other.parameters[name]).abs().max()) for name in one.parameters)


@pytest.mark.parametrize(
    ("fits", "network", "group"),
    [
        (IMAGES, Siren(8, 2, omega=20), 2),
        (IMAGES, Siren(8, 2), 5),
        (COLOURS, Siren(6, 2), 2),
        (SOUNDS, Siren(6, 2, first_omega=50), 2),
        (TABLE, Siren(6, 2), 3),
        (IMAGES[:2], MLP(6, 2), 2),
        (SLOPES, Siren(6, 2), 2),
    ],
    ids=["groups of two", "one group", "colours", "sounds", "weights and equations", "other network", "derivatives"],
)
def test_each_fit_is_that_of_solve(fits, network, group):
    options = {"dtype": "float64", "seed": 3, "progress": False}
    many = fit_all(fits, network, steps=130, rate=1e-2, group=group, **options)
    assert len(many) == len(fits)
    for fit, solution in zip(fits, many, strict=True):
        stages = [Adam(steps=130, rate=1e-2)]
        one = solve(_problem_of(fit), network, stages=stages, sampling=ResidualDensity(more=None), **options)
        assert distance(one, solution) < 1e-8
        assert one.loss == pytest.approx(solution.loss, rel=1e-8) and (one.steps, one.seed) == (solution.steps, 3)


def test_points_that_are_drawn_anew_are_those_of_solve():
    rule, options = FreshPoints(every=7, more=None), {"dtype": "float64", "progress": False}
    problems = [Problem(on(i, Eq(f, i.value), points=12)) for i in IMAGES[:2]]
    many = fit_all(problems, Siren(6, 2), steps=30, rate=1e-2, group=2, sampling=rule, **options)
    for problem, solution in zip(problems, many, strict=True):
        one = solve(problem, Siren(6, 2), stages=[Adam(steps=30, rate=1e-2)], sampling=rule, **options)
        assert distance(one, solution) < 1e-10


def test_the_size_of_groups_changes_nothing():
    options = {"steps": 12, "dtype": "float64", "progress": False}
    measured = fit_all(IMAGES, Siren(6, 2), **options)
    for size in (1, 4, 99):
        for one, other in zip(measured, fit_all(IMAGES, Siren(6, 2), group=size, **options), strict=True):
            assert distance(one, other) < 1e-10


class Told(AbstractProgress):
    def __init__(self):
        self.lines = []

    def show(self, report):
        raise AssertionError(report)

    def say(self, text):
        self.lines.append(text)


def test_progress_tells_how_many_are_done():
    told = Told()
    fit_all(IMAGES, Siren(4, 1), steps=2, group=2, progress=told)
    assert told.lines[-1].startswith("5 of 5 fits")


def test_what_was_handed_over_outlives_an_interrupt():
    kept = {}

    def each(number, solution):
        if number == 3:
            raise KeyboardInterrupt
        kept[number] = solution

    with pytest.raises(KeyboardInterrupt):
        fit_all(IMAGES, Siren(4, 1), steps=2, group=2, each=each, progress=False)
    assert sorted(kept) == [0, 1, 2] and kept[2].steps == 2


def test_nothing_gives_nothing():
    assert fit_all([], Siren(4, 1), steps=2, progress=False) == []


@pytest.mark.parametrize(
    ("fits", "network", "options", "message"),
    [
        ([IMAGES[0], 3], Siren(4, 1), {}, "give problems, or signals"),
        (np.zeros((9, 500, 500)), Siren(4, 1), {}, r"ndarray of shape \(500, 500\)\]\)`: give problems"),
        ([list(range(10**4))], Siren(4, 1), {}, r"^.{,200}$"),
        (IMAGES, "siren", {}, "give a recipe"),
        (IMAGES, Siren(4, 1), {"group": 0}, "at least one fit"),
        (IMAGES, Siren(4, 1), {"sampling": FreshPoints()}, "more=None"),
        ([IMAGES[0], Image(np.zeros((3, 3)))], Siren(4, 1), {"group": 2}, "42 points in one problem and 9"),
        ([Problem(on(i, Eq(f, i.value), loss=k)) for i, k in zip(IMAGES, ("l2", "l1"), strict=False)],
         Siren(4, 1), {"group": 2}, "has another form"),
        ([Problem(on(i, Eq(f, i.value))) for i in (IMAGES[0],)] + [Problem(on(IMAGES[1], Eq(f**3, IMAGES[1].value)))],
         Siren(4, 1), {"group": 2}, "has another form"),
    ],
    ids=[
        "no fit", "arrays", "long list", "no recipe", "no group", "growing points", "other sizes", "other losses",
        "other equations",
    ],
)  # fmt: skip
def test_mistakes_are_explained(fits, network, options, message):
    with pytest.raises(DeclarationError, match=message):
        fit_all(fits, network, steps=2, progress=False, **options)
