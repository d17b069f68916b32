"""Without normals, the side that is outside is found, whatever the seed."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from pinr import Adam, Siren, solve

FILE = Path(__file__).parents[2] / "problems" / "signed_distance_igr.py"
UNSURE = 0.02  # from the surface, where a short run may be wrong


@pytest.mark.parametrize("seed", [0, 1])
def test_a_short_run_knows_inside_from_outside_and_the_distance(seed):
    declared = runpy.run_path(str(FILE))
    network = Siren(width=32, depth=2, omega=4, sphere=0.5)
    solution = solve(declared["problem"], network, stages=[Adam(steps=300, rate=5e-3)], seed=seed, progress=False)
    x, y, z = np.random.default_rng(0).uniform(-1, 1, (4000, 3)).T
    distance = np.hypot(np.hypot(x, y) - declared["radius"], z) - declared["thickness"]
    field = solution.evaluate(declared["phi"], x=x, y=y, z=z)
    is_sure = np.abs(distance) > UNSURE
    assert ((field < 0) == (distance < 0))[is_sure].mean() > 0.99
    assert np.abs(field - distance).mean() < 0.05


def test_the_scan_has_no_normals():
    scan = runpy.run_path(str(FILE))["scan"]
    assert scan.normals is None
