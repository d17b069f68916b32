"""Fits of signals: they resume, they are stored, their values come from compiled kernels."""

import numpy as np
import pytest
import torch

from pinr import (
    Adam,
    Eq,
    Image,
    Problem,
    ResidualDensity,
    Siren,
    Solution,
    Video,
    Volume,
    coordinates,
    on,
    solve,
    unknown,
)
from pinr.compiler.program import compile_problem
from pinr.derivatives.engines import values as values_engine
from pinr.derivatives.engines.jets import has_compiled_kernels
from pinr.errors import FileFormatError
from pinr.training.sampling.counts import counts_of, is_exhausted

x, y, z, t = coordinates("x y z", time="t")
f = unknown("f", x, y)
NUMBERS = np.random.default_rng(0)
FILM = Video(NUMBERS.integers(0, 256, (4, 5, 6, 3), dtype=np.uint8), name="film")
SCAN = Volume(NUMBERS.normal(size=(4, 5, 6)), name="scan")
IMAGE = Image(NUMBERS.random((20, 25)))


def fit(signal, *along, points=40, size=None):
    f = unknown("f", *along, size=size)
    return Problem(on(signal, Eq(f, signal.value), points=points))


PROBLEMS = {"film": (fit(FILM, x, y, t, size=3), FILM), "scan": (fit(SCAN, x, y, z), SCAN)}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_resumed_fit_is_the_uninterrupted_one(name, tmp_path, monkeypatch):
    problem, _ = PROBLEMS[name]
    options = {"stages": [Adam(steps=120)], "progress": False}
    whole = solve(problem, Siren(6, 2), **options)
    step, calls = Adam.step, []

    def interrupted(self, *arguments):
        calls.append(1)
        if len(calls) == 111:
            raise KeyboardInterrupt
        return step(self, *arguments)

    monkeypatch.setattr(Adam, "step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        solve(problem, Siren(6, 2), out=tmp_path, **options)
    resumed = solve(problem, Siren(6, 2), out=tmp_path, **options)
    assert len(calls) == 111 + 10
    assert all(torch.equal(whole.parameters[n], resumed.parameters[n]) for n in whole.parameters)


@pytest.mark.parametrize("name", PROBLEMS)
def test_data_that_stay_outside_are_given_when_a_solution_is_loaded(name, tmp_path):
    problem, signal = PROBLEMS[name]
    solution = solve(problem, Siren(6, 2), stages=[Adam(steps=2)], progress=False)
    solution.save(tmp_path / "fit.h5")
    with pytest.raises(FileFormatError, match=f"missing: {next(iter(signal.data))}"):
        Solution.load(tmp_path / "fit.h5")
    loaded = Solution.load(tmp_path / "fit.h5", using=signal.data)
    assert loaded.problem.constraints[0].region == signal
    middle = dict.fromkeys(signal.names, 0.25)
    f = problem.unknowns[0].expression
    error = f - signal.value
    assert np.array_equal(loaded.evaluate(error, **middle), solution.evaluate(error, **middle))


def test_of_all_pixels_none_is_chosen():
    every, some = (compile_problem(fit(IMAGE, x, y, points=n), Siren(6, 2)) for n in (500, 400))
    assert is_exhausted(every, "image", 500) and not is_exhausted(some, "image", 400)
    drawn = [ResidualDensity().draw(p, p.initial(0), seed=0, number=3) for p in (every, some)]
    assert [draw.fresh["image"] for draw in drawn] == [500, 200]
    pixels = drawn[0].batch["image"].samples.points
    assert len(set(zip(pixels["x"], pixels["y"], strict=True))) == 500


def test_there_are_no_more_points_than_pixels():
    problem = Problem(on(IMAGE, Eq(f, IMAGE.value), points=200), on(IMAGE.boundary, Eq(f, IMAGE.value), points=10))
    program = compile_problem(problem, Siren(6, 2), exact=False)
    assert counts_of(program, 2.0) == {"image": 400, "boundary": 20}
    assert counts_of(program, 7.0) == {"image": IMAGE.population, "boundary": 70}
    more = compile_problem(fit(IMAGE, x, y, points=600), Siren(6, 2))
    assert counts_of(more, 2.0) == {"image": 600}, "what was asked for stays"


@pytest.mark.skipif(not has_compiled_kernels(torch.device("cpu")), reason="no C compiler")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_of_many_points_are_those_of_torch(dtype, monkeypatch):
    program = compile_problem(fit(IMAGE, x, y, points=500), Siren(16, 3, omega=30), dtype=dtype)
    parameters, batch = program.initial(1), program.batch(0)
    found = []
    for fewest in (501, 500):
        monkeypatch.setattr(values_engine, "FEWEST_POINTS", fewest)
        loss = program.loss(parameters, batch)
        found.append((loss, *torch.autograd.grad(loss, list(parameters.values()))))
    tolerance = 1e-4 if dtype == "float32" else 1e-11
    for plain, compiled in zip(*found, strict=True):
        torch.testing.assert_close(compiled, plain, rtol=tolerance, atol=tolerance * float(plain.detach().abs().max()))
    assert not all(torch.equal(*pair) for pair in zip(*found, strict=True)), "both ran the same way"


def test_networks_that_jets_cannot_pass_keep_their_values(monkeypatch):
    class Odd(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = torch.nn.Linear(2, 1, dtype=torch.float64)

        def forward(self, points):
            if not isinstance(points, torch.Tensor):
                message = "only tensors pass"
                raise RuntimeError(message)
            return torch.cumsum(self.linear(points), dim=1)

    program = compile_problem(fit(IMAGE, x, y), Odd(), dtype="float64")
    parameters, batch = program.initial(0), program.batch(0)
    plain = program.residuals(parameters, batch)["image"]
    monkeypatch.setattr(values_engine, "FEWEST_POINTS", 1)
    assert torch.equal(program.residuals(parameters, batch)["image"], plain)


def test_transforms_of_torch_func_pass_through_values(monkeypatch):
    monkeypatch.setattr(values_engine, "FEWEST_POINTS", 1)
    program = compile_problem(fit(IMAGE, x, y), Siren(6, 2), dtype="float64")
    parameters, batch = program.initial(0), program.batch(0)
    stacked = {name: torch.stack([p.detach(), 2 * p.detach()]) for name, p in parameters.items()}
    losses = torch.func.vmap(lambda p: program.loss(p, batch))(stacked)
    assert torch.allclose(losses[0], program.loss(parameters, batch))
