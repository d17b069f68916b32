"""A family of regions, from the problem to grids, errors and files: `-Δu = 1` on discs of every radius."""

import numpy as np
import pytest

from pinr import LBFGS, Adam, Ball, Box, Eq, Problem, Siren, Solution, coordinates, laplacian, on, solve, unknown

x, y, r = coordinates("x y", varying="r")
u = unknown("u", x, y, r)


@pytest.fixture(scope="module")
def discs():
    region = Ball(x=0, y=0, radius=r) * Box(r=(0.5, 1))
    problem = Problem(
        on(region, Eq(-laplacian(u), 1)),
        on(region.boundary, Eq(u, 0)),
        reference={u: (r**2 - x**2 - y**2) / 4},
    )
    return solve(problem, Siren(width=24, depth=2), stages=[Adam(steps=200), LBFGS(steps=300)], progress=False)


def test_one_training_solves_all_discs(discs):
    assert discs.errors()["u"] < 0.01


def test_every_single_disc_is_solved(discs):
    """In the centre `u = r²/4`."""
    radii = np.array([0.5, 0.6, 0.75, 0.9, 1.0])
    assert discs.evaluate(u, x=0.0, y=0.0, r=radii) == pytest.approx(radii**2 / 4, rel=0.03)


def test_the_grid_of_one_disc_is_empty_outside_of_it(discs):
    field = discs.grid(u, x=41, y=41, r=0.61)
    inside = field.x**2 + field.y**2 <= 0.61**2
    np.testing.assert_array_equal(field.notnull(), inside)
    assert float(abs(field - (0.61**2 - field.x**2 - field.y**2) / 4).max()) < 0.01
    whole = discs.grid(u, x=11, y=11, r=[0.5, 1.0])
    assert int(whole.isel(r=0).notnull().sum()) < int(whole.isel(r=1).notnull().sum())
    assert whole.r.attrs["role"] == "varying"


def test_a_stored_family_is_the_same(discs, tmp_path):
    discs.save(tmp_path / "discs.h5")
    stored = Solution.load(tmp_path / "discs.h5")
    assert stored.problem.regions == discs.problem.regions
    assert stored.errors() == pytest.approx(discs.errors(), rel=1e-6)


def test_a_plate_with_a_hole_of_any_size_trains():
    plate = (Box(x=(-1, 1), y=(-1, 1)) - Ball(x=0.3, y=0.0, radius=r, name="hole")) * Box(r=(0.1, 0.4))
    problem = Problem(on(plate, Eq(-laplacian(u), 1)), on(plate.boundary, Eq(u, 0)))
    solution = solve(problem, Siren(width=16, depth=2), stages=[Adam(steps=50), LBFGS(steps=250)], progress=False)
    losses = [row["loss"] for row in solution.history]
    assert losses[-1] < 0.1 * losses[0]
    assert np.isnan(solution.grid(u, x=[0.3], y=[0.0, 0.3], r=0.2).values).tolist() == [[True, False]]
