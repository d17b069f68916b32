import json
import pickle
import shutil

import h5py
import numpy as np
import pytest
import torch
import xarray
from numpy.testing import assert_array_equal
from torch import nn

from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import FileFormatError
from pinr.language.coefficients import coefficient
from pinr.language.equations import Eq
from pinr.language.operators import div, grad, laplacian
from pinr.networks.mlp import MLP
from pinr.networks.siren import Siren
from pinr.solution import Solution
from tests.solution.closed_forms import SQUARE, nu, solution_of, t, u, v, w, x, y


@pytest.fixture
def stored(string, tmp_path):
    path = tmp_path / "string.h5"
    string.save(path)
    return path


def test_a_loaded_solution_evaluates_bit_for_bit(string, stored):
    loaded = Solution.load(stored)
    at = {"x": np.linspace(0, 3, 50), "t": 1.5}
    assert_array_equal(loaded.evaluate(grad(w), **at), string.evaluate(grad(w), **at))
    assert (loaded.history, loaded.stages) == (string.history, string.stages)
    assert (loaded.seed, loaded.steps, loaded.seconds) == (3, 9, 0.0)
    assert str(loaded.problem) == str(string.problem)
    assert loaded.problem.constraints == string.problem.constraints
    assert list(loaded.parameters) == list(string.parameters)


def test_a_loaded_program_has_the_same_loss(string, stored):
    programs = (string.program, Solution.load(stored).program)
    losses = [p.loss(string.parameters, p.batch(seed=0, points=dict.fromkeys(p.blocks, 32))) for p in programs]
    assert float(losses[0]) == float(losses[1])


def test_several_networks_parameters_and_digits_survive(tmp_path):
    problem = Problem(
        on(SQUARE, Eq(-nu * laplacian(u), 0.1 + 0.2 + x / 3)),
        on(SQUARE.boundary.part("x-"), Eq(u, 0), weight=2, points=7, loss="l1", name="wall / left"),
        reference={u: 0.1 * x + 0.7000000000000001},
    )
    solution = solution_of(problem, {u: MLP(width=8, depth=2)})
    solution.save(tmp_path / "s.h5")
    loaded = Solution.load(tmp_path / "s.h5")
    assert loaded.problem.constraints == problem.constraints
    assert loaded.problem.reference == problem.reference
    assert loaded.evaluate(nu) == solution.evaluate(nu)
    assert loaded.errors() == solution.errors()


def test_fields_open_in_xarray(stored, string):
    with xarray.open_dataset(stored, engine="h5netcdf", group="fields/w") as fields:
        assert_array_equal(fields["values"].transpose("x", "t"), string.grid(w))


class WithBuffer(nn.Module):
    def __init__(self, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.register_buffer("frequencies", torch.randn(2, 8, generator=generator))
        self.last = nn.Linear(8, 1)

    def forward(self, points):
        return self.last(torch.sin(points @ self.frequencies))


def test_custom_modules_come_back_with_their_buffers(tmp_path):
    solution = solution_of(Problem(on(SQUARE, Eq(laplacian(u), 1))), WithBuffer(0))
    solution.save(tmp_path / "s.h5")
    with pytest.raises(FileFormatError, match=r"using=\{'u': WithBuffer\(…\)\}"):
        Solution.load(tmp_path / "s.h5")
    with pytest.raises(FileFormatError, match="must be the torch module WithBuffer"):
        Solution.load(tmp_path / "s.h5", using={"u": 3})
    with pytest.raises(FileFormatError, match="differ in"):
        Solution.load(tmp_path / "s.h5", using={"u": nn.Linear(2, 1)})
    given = WithBuffer(1)
    loaded = Solution.load(tmp_path / "s.h5", using={"u": given})
    assert loaded.evaluate(laplacian(u), x=0.3, y=0.2) == solution.evaluate(laplacian(u), x=0.3, y=0.2)
    assert not torch.equal(given.frequencies.double(), loaded.networks["u"].frequencies)


def test_callables_are_asked_for_and_arrays_are_kept(tmp_path):
    positions = np.linspace(-1, 1, 9)
    array = xarray.DataArray(
        positions[:, None] ** 2 + positions, dims=("x", "y"), coords={"x": positions, "y": positions}
    )

    def conductivity(x, y):
        return 2 + x * y

    k, f = coefficient("k", conductivity, x, y), coefficient("f", array, x, y)
    problem = Problem(on(SQUARE, Eq(div(k * grad(u)), f)), reference={u: array})
    solution = solution_of(problem, Siren(width=8, depth=1))
    solution.save(tmp_path / "s.h5")
    with pytest.raises(FileFormatError, match=r"missing: k.*using=\{'k': callable\}"):
        Solution.load(tmp_path / "s.h5")
    loaded = Solution.load(tmp_path / "s.h5", using={"k": conductivity})
    assert loaded.errors() == solution.errors()
    assert_array_equal(loaded.problem.reference[u], array)
    twice = Problem(on(SQUARE, Eq(u, k)), on(SQUARE, Eq(u, coefficient("k", lambda x, y: x, x, y))))
    ambiguous = solution_of(twice, Siren(width=8, depth=1))
    with pytest.raises(FileFormatError, match="Two coefficients"):
        ambiguous.save(tmp_path / "t.h5")
    assert not (tmp_path / "t.h5").exists()


def test_vectors_survive(flow, tmp_path):
    flow.save(tmp_path / "flow.h5")
    using = {"v": flow.networks["v"]}
    loaded = Solution.load(tmp_path / "flow.h5", using=using)
    at = {"x": 0.3, "y": 0.4, "t": 0.5}
    assert_array_equal(loaded.evaluate(div(v) + v[0].diff(t), **at), flow.evaluate(div(v) + v[0].diff(t), **at))


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a stored file ran code",))


def _record(file, change) -> None:
    record = json.loads(file["problem/record"].asstr()[()])
    change(record)
    del file["problem/record"]
    file["problem/record"] = json.dumps(record)


def _equation(tree):
    def change(file) -> None:
        _record(file, lambda record: record["constraints"][0].update(equations=[tree]))

    return change


def _network(**recipe):
    def change(file) -> None:
        file["networks/w"].attrs["recipe"] = json.dumps(recipe)

    return change


def _huge(file) -> None:
    del file["networks/w/network.0.weight"]
    file.create_dataset("networks/w/network.0.weight", shape=(10**6, 10**7), chunks=(1, 1), dtype="f8")


def _unallocated_history(file) -> None:
    del file["history/column_0"]
    file.create_dataset("history/column_0", shape=(10**12,), chunks=(1,), dtype="f8").attrs["name"] = "step"


def _deep(file) -> None:
    del file["problem/record"]
    file["problem/record"] = "[" * 100_000


def _pickled(file) -> None:
    file.attrs["stages"] = np.void(pickle.dumps(Bomb()))


def _vast_vector(record) -> None:
    for constraint in record["constraints"]:
        text = json.dumps(constraint["equations"])
        constraint["equations"] = json.loads(text.replace('"size": 1', '"size": 1000000000000'))


INTEGER = {"integer": "10"}
POWER = {"node": "Pow", "args": [INTEGER, {"integer": "10000"}]}
HOSTILE = {
    "unknown node": _equation({"node": "Lambda", "args": [INTEGER]}),
    "import": _equation({"node": "__import__('os').system('true')", "args": []}),
    "unknown key": _equation({"eval": "1 + 1"}),
    "symbol text": _equation({"integer": "__import__('os')"}),
    "tower of powers": _equation({"node": "Pow", "args": [{"node": "Pow", "args": [POWER, POWER]}, POWER]}),
    "factorial": _equation({"node": "gamma", "args": [{"integer": "1000000000"}]}),
    "condition": _equation({"constant": "true"}),
    "region": lambda file: _record(file, lambda r: r["constraints"][0].update(region={"type": "os.system"})),
    "vast vector": lambda file: _record(file, _vast_vector),
    "no constraints": lambda file: _record(file, lambda r: r.update(constraints=[])),
    "deep text": _deep,
    "pickled attribute": _pickled,
    "unknown recipe": _network(recipe="os.system", width=3),
    "vast recipe": _network(recipe="Siren", width=10**6, depth=10**3, omega=None),
    "recipe of another size": _network(recipe="Siren", width=4, depth=2, omega=None),
    "recipe of words": _network(recipe="Siren", width="wide", depth=2),
    "vast weights": _huge,
    "vast history": _unallocated_history,
    "no networks": lambda file: file.__delitem__("networks"),
    "no weights": lambda file: file.__delitem__("networks/w/network.0.bias"),
    "other file": lambda file: file.attrs.__delitem__("format"),
    "later version": lambda file: file.attrs.__setitem__("format_version", 99),
    "bad stage": lambda file: file.attrs.__setitem__("stages", '[{"optimizer": "os.system"}]'),
    "bad precision": lambda file: file.attrs.__setitem__("dtype", "object"),
}


@pytest.mark.parametrize("attack", HOSTILE)
@pytest.mark.timeout(20)
def test_a_hostile_file_is_refused(stored, attack):
    with h5py.File(stored, "r+") as file:
        HOSTILE[attack](file)
    with pytest.raises(FileFormatError):
        Solution.load(stored)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_file_is_refused(stored, share):
    whole = stored.read_bytes()
    stored.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(FileFormatError):
        Solution.load(stored)


def test_what_is_no_file_is_refused(tmp_path, stored):
    with pytest.raises(FileFormatError, match="no such file"):
        Solution.load(tmp_path / "none.h5")
    (tmp_path / "text.h5").write_text("solution")
    with pytest.raises(FileFormatError):
        Solution.load(tmp_path / "text.h5")
    with pytest.raises(FileFormatError, match="folder"):
        Solution.load(stored).save(tmp_path / "missing" / "s.h5")


def test_saving_again_replaces_the_file_whole(string, stored):
    copy = stored.with_name("copy.h5")
    shutil.copy(stored, copy)
    string.save(stored)
    assert Solution.load(stored).history == Solution.load(copy).history
