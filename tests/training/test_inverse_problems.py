"""From measurements to numbers, fields and pictures: whole problems, with short budgets."""

import csv

import numpy as np
import pytest
from sympy import exp, pi, sin

from pinr import (
    LBFGS,
    Adam,
    Box,
    Eq,
    Image,
    Measurements,
    Problem,
    ProblemWarning,
    Siren,
    coordinates,
    div,
    grad,
    laplacian,
    on,
    parameter,
    solve,
    unknown,
)

STAGES = [Adam(steps=300), LBFGS(steps=150)]


def write_csv(path, **columns):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def test_a_number_is_identified_from_a_csv(tmp_path):
    """Heat in a rod, `u = exp(−π²νt) sin πx`, without initial condition: the probes know it."""
    place, time = np.random.default_rng(0).random((2, 200))
    values = np.exp(-0.05 * np.pi**2 * time) * np.sin(np.pi * place)
    path = write_csv(tmp_path / "probes.csv", t=time, u=[*values[:-1], ""], x=place)
    x, t = coordinates("x", time="t")
    u, nu = unknown("u", x, t), parameter("nu", 0.1, positive=True)
    probes, rod = Measurements.read(path), Box(x=(0, 1)) * Box(t=(0, 1))
    problem = Problem(
        on(rod, Eq(u.diff(t), nu * laplacian(u))),
        on(rod.boundary, Eq(u, 0)),
        on(probes, Eq(u, probes["u"])),
        reference={u: exp(-0.05 * pi**2 * t) * sin(pi * x)},
    )
    with pytest.warns(ProblemWarning, match=r"1 of the 200 rows of `probes\.csv`.* row 200 without u"):
        solution = solve(problem, Siren(16, 2), stages=STAGES, progress=False)
    assert solution.evaluate(nu) == pytest.approx(0.05, rel=0.01)
    assert solution.errors()["u"] < 0.01


def test_a_coefficient_field_is_identified_from_measurements():
    """`−div(k grad u) = f` with `k` known on the boundary alone."""
    x, y = coordinates("x y")
    u, k = unknown("u", x, y), unknown("k", x, y)
    square, exact, true = Box(x=(0, 1), y=(0, 1)), sin(pi * x) * sin(pi * y), 1 + x * y
    source = -div(true * grad(exact, x, y), x, y).doit()
    place = np.random.default_rng(1).random((2, 300))
    probes = Measurements(x=place[0], y=place[1], u=np.sin(np.pi * place[0]) * np.sin(np.pi * place[1]))
    problem = Problem(
        on(square, Eq(-div(k * grad(u)), source)),
        on(square.boundary, Eq(u, 0), Eq(k, true)),
        on(probes, Eq(u, probes["u"]), points=100),
        reference={u: exact, k: true},
    )
    assert problem.check(strict=True) == ()
    errors = solve(problem, Siren(16, 2), stages=STAGES, progress=False).errors()
    assert errors["u"] < 0.02 and errors["k"] < 0.1


def test_an_image_follows_from_its_gradients_up_to_a_constant():
    x, y = coordinates("x y")
    positions = np.linspace(-1, 1, 32)
    across, up = np.meshgrid(positions, positions[::-1])
    image = Image(0.5 + 0.3 * np.sin(2 * across + up) * np.cos(3 * up))
    g = unknown("g", x, y)
    problem = Problem(on(image, Eq(grad(g), image.gradient)))
    with pytest.warns(ProblemWarning, match="up to a constant"):
        solution = solve(problem, Siren(16, 2), stages=STAGES, progress=False)
    difference = solution.grid(g, x=positions, y=positions) - image.array
    assert float(difference.std()) < 0.01 * float(image.array.std())
    assert float(solution.evaluate(g - image.value, x=0.0, y=0.0)) == pytest.approx(float(difference.mean()), abs=0.01)


def test_measurements_alone_are_interpolated():
    x, y = coordinates("x y")
    u = unknown("u", x, y)
    place = np.random.default_rng(2).random((2, 200))
    probes = Measurements(x=place[0], y=place[1], u=place[0] * place[1])
    problem = Problem(on(probes, Eq(u, probes["u"])), reference={u: x * y})
    solution = solve(problem, Siren(8, 2), stages=[Adam(steps=100), LBFGS(steps=50)], progress=False)
    assert solution.errors()["u"] < 0.02
    assert np.isfinite(solution.grid(u, x=5, y=5)).all()
