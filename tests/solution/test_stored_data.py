"""Problems on measurements and images come back from files; damaged or foreign data do not."""

import json

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import FileFormatError
from pinr.geometry import Box, Image, Measurements
from pinr.language.coefficients import coefficient
from pinr.language.equations import Eq
from pinr.language.operators import grad, laplacian
from pinr.networks.siren import Siren
from pinr.solution import Solution
from tests.solution.closed_forms import SQUARE, solution_of, u, w, x, y

PROBES = Measurements(
    {"x": [0.1, 0.5, 0.7], "y": [0.0, 0.2, np.nan], "t": [1.0, 1.0, 2.0], "u / [m/s]": [1.0, 2.0, 3.0]}
)
PIXELS = np.linspace(0, 1, 20).reshape(4, 5)
GRID = {"x": (-1, 1), "y": (-1, 1)}


def measured_problem():
    return Problem(
        on(SQUARE, Eq(laplacian(u), 0)),
        on(PROBES.where(x < 0.6), Eq(u, 2 * PROBES["u / [m/s]"]), points=1),
        on(PROBES * Box(z=(0, 1)), Eq(w, PROBES["t"] + PROBES["x"]), name="lines"),
    )


def image_problem():
    image = Image(PIXELS, name="camera")
    return Problem(on(image, Eq(grad(u), image.gradient)), reference={u: image.array})


def colour_problem():
    image = Image(np.stack([PIXELS] * 3, axis=-1))
    return Problem(on(image, Eq(u, image.value[1])))


@pytest.fixture(params=[measured_problem, image_problem, colour_problem], ids=lambda p: p.__name__)
def problem(request):
    return request.param()


def test_problems_with_data_survive(problem, tmp_path):
    solution = solution_of(problem, Siren(width=4, depth=1))
    solution.save(tmp_path / "s.h5")
    loaded = Solution.load(tmp_path / "s.h5")
    assert loaded.problem.constraints == problem.constraints
    assert str(loaded.problem) == str(problem)
    batches = (p.batch(seed=3) for p in (solution.program, loaded.program))
    for first, second in zip(*(batch.values() for batch in batches), strict=True):
        for one, other in zip(first.columns, second.columns, strict=True):
            assert_array_equal(one, other)
    loaded.save(tmp_path / "again.h5")
    assert Solution.load(tmp_path / "again.h5").problem.constraints == problem.constraints


def test_tables_are_plain_datasets(tmp_path):
    solution_of(measured_problem(), Siren(width=4, depth=1)).save(tmp_path / "s.h5")
    with h5py.File(tmp_path / "s.h5") as file:
        (table,) = file["data/tables"].values()
        assert table.name.endswith(PROBES.table.digest)
        assert json.loads(table.attrs["columns"]) == ["x", "y", "t", "u / [m/s]"]
        assert_array_equal(table["column_1"], PROBES.table.columns["y"])
        assert PROBES.table.digest in file["problem/record"].asstr()[()]


def changed(path, key, values):
    with h5py.File(path, "a") as file:
        dataset = next(file[k] for k in find(file) if k.endswith(key))
        dataset[...] = values


def find(file):
    names = []
    file["data"].visit(lambda name: names.append(f"data/{name}"))
    return names


@pytest.mark.parametrize(
    ("declare", "key", "message"),
    [(measured_problem, "column_3", "does not hold"), (image_problem, "camera/values", "not those of the record")],
    ids=["table", "gridded"],
)
def test_other_numbers_than_those_of_the_record_are_refused(tmp_path, declare, key, message):
    solution_of(declare(), Siren(width=4, depth=1)).save(tmp_path / "s.h5")
    changed(tmp_path / "s.h5", key, 0.25)
    with pytest.raises(FileFormatError, match=message):
        Solution.load(tmp_path / "s.h5")


def test_a_table_of_objects_is_refused(tmp_path):
    solution_of(measured_problem(), Siren(width=4, depth=1)).save(tmp_path / "s.h5")
    with h5py.File(tmp_path / "s.h5", "a") as file:
        (table,) = file["data/tables"].values()
        del table["column_3"]
        table.create_dataset("column_3", data=["a", "b", "c"], dtype=h5py.string_dtype())
    with pytest.raises(FileFormatError, match="no numbers at"):
        Solution.load(tmp_path / "s.h5")


def test_other_data_may_be_given_by_name(tmp_path):
    c = coefficient("c", np.zeros((3, 3)), x, y, extent=GRID)
    solution_of(Problem(on(SQUARE, Eq(u, c))), Siren(width=4, depth=1)).save(tmp_path / "s.h5")
    other = coefficient("c", np.ones((3, 3)), x, y, extent=GRID)
    loaded = Solution.load(tmp_path / "s.h5", using={"c": other.label.payload})
    assert loaded.problem.constraints[0].equations == (Eq(u, other),)
