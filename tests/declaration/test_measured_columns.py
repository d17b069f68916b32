"""Measured columns belong to their own table, however alike another is."""

import numpy as np
import pytest

from pinr.compiler.program import compile_problem
from pinr.declaration.constraint import on
from pinr.declaration.finding import ProblemWarning
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.geometry import Box, Measurements
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import laplacian
from pinr.networks.siren import Siren

x, y = coordinates("x y")
u = unknown("u", x, y)
FIRST, SECOND = (Measurements(x=[0.1, 0.2], y=[0.3, 0.4], u=[value, 1.0]) for value in (1.0, 2.0))
INSIDE = on(Box(x=(0, 1), y=(0, 1)), Eq(laplacian(u), 0))


@pytest.mark.parametrize("region", [SECOND, SECOND.where(x > 0), Box(x=(0, 1), y=(0, 1)).boundary], ids=repr)
def test_a_column_of_another_table_is_refused_by_the_check_and_by_the_compiler(region):
    problem = Problem(INSIDE, on(region, Eq(u, FIRST["u"])))
    with pytest.raises(DeclarationError, match=r"foreign-column.*measurements\.u"):
        problem.check()
    with pytest.raises(DeclarationError, match="not the rows of its table"):
        compile_problem(problem, Siren(4, 1))


@pytest.mark.parametrize("region", [FIRST, FIRST.where(x > 0), FIRST * Box(t=(0, 1))], ids=repr)
def test_a_column_is_known_on_parts_and_products_of_its_table(region):
    assert Problem(INSIDE, on(region, Eq(u, FIRST["u"]))).check() == ()


def test_residuals_are_differences_to_the_column_row_by_row():
    program = compile_problem(
        Problem(INSIDE, on(FIRST, Eq(u, FIRST["u"] * 3), name="data")), Siren(4, 1), dtype="float64"
    )
    parameters, batch = program.initial(), program.batch()
    zero = {name: 0 * value for name, value in parameters.items()}
    assert np.array_equal(program.residuals(zero, batch)["data"].detach()[:, 0], [-3, -3])


def test_a_missing_row_names_the_file_the_count_and_the_first_row(tmp_path):
    path = tmp_path / "probes.csv"
    path.write_text("x,y,u,spare\n0,0,1,\n1,0,,\n0,1,NA,3\n1,1,2,\n")
    probes = Measurements.read(path)
    with pytest.warns(ProblemWarning, match=r"probes\.csv"):
        (found,) = Problem(INSIDE, on(probes, Eq(u, probes["u"]))).check()
    assert found.code == "missing-rows" and found.severity == "warning" and found.constraint == "probes"
    assert "2 of the 4 rows of `probes.csv`" in found.message and "row 2 without u." in found.message
