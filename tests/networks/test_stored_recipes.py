"""A stored solution has the weights of every recipe, and what is drawn and not trained."""

import h5py
import pytest
from sympy import sin

from pinr import Adam, Box, Eq, FileFormatError, Problem, Solution, coordinates, laplacian, on, solve, unknown
from tests.networks.recipe_table import RECIPES

x, y = coordinates("x y")
u = unknown("u", x, y)
plate = Box(x=(0, 1), y=(0, 2))
problem = Problem(
    on(plate, Eq(-laplacian(u), sin(x) * y), points=8), on(plate.boundary, Eq(u, 0), points=8), name="plate"
)


@pytest.mark.parametrize("name", RECIPES)
def test_a_loaded_network_is_the_same_function(name, tmp_path):
    solution = solve(problem, RECIPES[name][0], stages=[Adam(steps=2)], seed=5)
    solution.save(tmp_path / "plate.h5")
    loaded = Solution.load(tmp_path / "plate.h5")
    where = {"x": [0.1, 0.7], "y": [0.3, 1.9]}
    assert (loaded.evaluate(laplacian(u), **where) == solution.evaluate(laplacian(u), **where)).all()


def test_a_file_cannot_ask_for_more_features_than_it_holds(tmp_path):
    solution = solve(problem, RECIPES["FourierFeatures"][0], stages=[Adam(steps=1)])
    solution.save(tmp_path / "plate.h5")
    with h5py.File(tmp_path / "plate.h5", "a") as file:
        attributes = file["networks/u"].attrs
        attributes["recipe"] = attributes["recipe"].replace('"features": 12', '"features": 10000000000')
    with pytest.raises(FileFormatError, match="damaged"):
        Solution.load(tmp_path / "plate.h5")
