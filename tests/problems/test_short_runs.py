"""A few hundred steps bring systems and inverse problems well below the error 1 of an idle network.

Steps, not seconds: the answer does not depend on how busy the machine is.
"""

import runpy
from pathlib import Path

import pytest

from pinr import Adam, GaussNewton, Siren, solve

FOLDER = Path(__file__).parents[2] / "problems"
BOUNDS = {
    "stokes": {"v": 0.1},
    "kovasznay": {"v": 0.02, "p": 0.1},
    "elasticity_plate_with_hole": {"u": 0.3},
    "inverse_conductivity": {"u": 0.02, "k": 0.05},
    "inverse_conductivity_noisy": {"u": 0.03, "k": 0.15},
    "inverse_burgers": {"u": 0.3},
}


def short_run(name):
    declared = runpy.run_path(str(FOLDER / f"{name}.py"))
    stages = [Adam(steps=100), GaussNewton(steps=40)]
    network = Siren(width=24, depth=2, omega=declared["network"].omega)
    return declared, solve(declared["problem"], network, stages=stages, progress=False)


@pytest.mark.parametrize("name", BOUNDS)
def test_a_short_run_reduces_the_error(name):
    _, solution = short_run(name)
    errors = solution.errors()
    assert all(errors[unknown] < bound for unknown, bound in BOUNDS[name].items()), errors


def test_a_short_run_finds_the_rates():
    declared, solution = short_run("lotka_volterra")
    for parameter in declared["problem"].parameters:
        assert float(solution.evaluate(parameter)) == pytest.approx(declared["rates"][parameter.name], rel=0.03)
