"""Training does not depend on the units in which a problem is written."""

import h5py
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sympy import pi, sin

from pinr import (
    Adam,
    Box,
    Eq,
    Problem,
    Siren,
    Solution,
    coordinates,
    grad,
    laplacian,
    on,
    quantity,
    solve,
    unknown,
)

PER_LENGTH = {"mm": 1.0, "m": 1000.0}


def heated_plate(length):
    """`−k ΔT = q` on 10 mm × 10 mm, `k` = 210e9 W/m/K and 300 K at the edge, in a unit of length."""
    x, y = coordinates("x y", unit=length)
    T = unknown("T", x, y, unit="K")
    side = 10 / PER_LENGTH[length]
    plate = Box(x=(0, side), y=(0, side))
    across, up = (sin(pi * c / quantity(10, "mm")) for c in (x, y))
    excess = quantity(50, "K") * across * up
    source = 2 * pi**2 * 210 * 10**9 * 50 * quantity(1, "W/m") / quantity(1, "cm^2") * across * up
    problem = Problem(
        on(plate, Eq(-quantity(210e9, "W/m/K") * laplacian(T), source)),
        on(plate.boundary, Eq(T, quantity(300, "K"))),
        reference={T: quantity(300_000, "mK") + excess},
    )
    return problem, T


def solved(length, steps=10):
    problem, T = heated_plate(length)
    network = Siren(width=8, depth=2)
    return solve(problem, network, stages=[Adam(steps=steps)], seed=0, dtype="float64", progress=False), T


def test_millimetres_and_metres_train_to_the_same_solution():
    found = []
    for length in PER_LENGTH:
        solution, T = solved(length)
        along = np.linspace(1, 9, 7) / PER_LENGTH[length]
        found.append(solution.evaluate(T, x=along, y=0.7 * along))
    assert np.ptp(found[0]) > 1
    assert_allclose(found[0], found[1], rtol=0, atol=1e-6 * np.ptp(found[0]))


@pytest.fixture(scope="module")
def plate():
    return solved("mm", steps=1)


def test_results_carry_their_units(plate, tmp_path):
    solution, T = plate
    x = T.coordinates[0]
    assert str(solution.problem).endswith("x in mm, y in mm, T in K")
    field = solution.grid(T, x=3, y=3)
    assert (field.attrs["units"], field.x.attrs["units"]) == ("K", "mm")
    assert solution.grid(grad(T), x=3, y=3).attrs["units"] == "K/mm"
    assert "units" not in solution.grid(T.diff(x) * 0, x=3, y=3).attrs
    assert_allclose(solution.evaluate(T + quantity(1, "mK"), x=1, y=1), solution.evaluate(T, x=1, y=1) + 1e-3)
    solution.save(tmp_path / "plate.h5")
    with h5py.File(tmp_path / "plate.h5") as file:
        assert file["fields/T/values"].attrs["units"] == "K" and file["fields/T/x"].attrs["units"] == "mm"
    loaded = Solution.load(tmp_path / "plate.h5")
    assert loaded.problem.units == {"x": "mm", "y": "mm", "T": "K"}
    assert str(loaded.problem) == str(solution.problem)
    assert_array_equal(loaded.evaluate(T, x=1, y=[1, 2]), solution.evaluate(T, x=1, y=[1, 2]))


def test_figures_name_the_units(plate):
    solution, T = plate
    axes = solution.plot(T, x=5, y=5).axes
    assert any(a.get_xlabel() == "$x$ in mm" and a.get_ylabel() == "$y$ in mm" for a in axes)
    assert any("in K" in a.get_title() for a in axes)


def test_a_reference_is_compared_in_the_unit_of_its_unknown():
    problem, T = heated_plate("mm")
    solution = solve(problem, Siren(8, 2), stages=[Adam(steps=1)], seed=0, progress=False)
    values = solution.evaluate(problem.reference[T], x=5, y=5)
    assert_allclose(values, 350, rtol=1e-12)
