"""Several processes train as one does: the same sums, the same steps, the same files once."""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from sympy import sin

from pinr import Box, Eq, Problem, Siren, compile_problem, coordinates, integral, laplacian, on, unknown
from pinr.compiler.chunks import share_of
from pinr.training.layout import Layout
from pinr.training.objective import ProgramObjective
from pinr.training.processes import ALONE, Processes

pytestmark = pytest.mark.skipif(not torch.distributed.is_available(), reason="torch without torch.distributed")
ROOT = Path(__file__).resolve().parents[2]
x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box(x=(0, 1), y=(0, 1))
problem = Problem(
    on(square, Eq(-laplacian(u) + u**3, sin(x)), points=101),
    on(square, Eq(u.diff(x), y), loss="huber", name="slope", points=101),
    on(square.boundary, Eq(u, 0), exact=False, points=1),
    on(square, Eq(integral(u, square), 1), name="mean", points=1),
)


@pytest.fixture(scope="module")
def program():
    return compile_problem(problem, Siren(8, 2), dtype="float64")


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shares_of_a_batch_are_the_batch(program, count):
    batch = program.batch()
    shares = [share_of(program, batch, rank, count) for rank in range(count)]
    for name, points in batch.items():
        own = [share[name].like for share in shares if name in share]
        torch.testing.assert_close(torch.cat(own), points.like, rtol=0, atol=0)
    sizes = [sum(points.count for points in share.values()) for share in shares]
    assert max(sizes) - min(sizes) <= len(batch)


def test_a_process_without_points_adds_nothing(program):
    parameters = program.initial(3)
    layout = Layout.of(parameters)
    theta, batch = layout.flatten(parameters), program.batch()
    objective = ProgramObjective(program, layout, batch, {})
    objective.share = {}
    total, gradient = objective.value_and_gradient(theta)
    slope, gram = objective.normal_equations(theta)
    assert float(total) == float(objective.value(theta)) == 0
    assert not any(found.any() for found in (gradient, slope, gram))


@pytest.mark.parametrize("count", [2, 3])
def test_losses_gradients_and_normal_equations_of_the_shares_add_up(program, count):
    parameters = program.initial(3)
    layout = Layout.of(parameters)
    theta, batch, weights = layout.flatten(parameters), program.batch(), {"mean": 3.0, "slope": 0.1}
    whole = ProgramObjective(program, layout, batch, weights)
    shares = []
    for rank in range(count):
        objective = ProgramObjective(program, layout, batch, weights)
        objective.share = share_of(program, batch, rank, count)  # as in a process, without the sum over them
        shares.append(objective)
    for ask in ("value_and_gradient", "normal_equations"):
        found = [getattr(objective, ask)(theta) for objective in shares]
        for expected, *parts in zip(getattr(whole, ask)(theta), *found, strict=True):
            torch.testing.assert_close(sum(parts), expected, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(sum(o.value(theta) for o in shares), whole.value(theta), rtol=1e-12, atol=0)
    summed = {name: sum(objective.latest()[name] for objective in shares) for name in batch}
    assert summed == pytest.approx(whole.latest(), rel=1e-12)


def test_one_process_alone_says_nothing_to_others():
    tensor = torch.arange(3.0)
    assert Processes.present() == ALONE and ALONE.is_first
    assert ALONE.summed(tensor) == (tensor,) and ALONE.agreed(0.25) == 0.25 and ALONE.same(tensor) is tensor
    assert ALONE.own_device("cuda") == "cuda" and Processes(1, 2).own_device("cpu") == "cpu"


SCRIPT = """
import json, sys
from pathlib import Path
from sympy import sin
from pinr import Adam, Box, Eq, GaussNewton, Problem, Siren, coordinates, laplacian, on, solve, unknown
from pinr.training.processes import Processes
x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box(x=(0, 1), y=(0, 1))
problem = Problem(
    on(square, Eq(-laplacian(u) + u**3, sin(3 * x)), points=300),
    on(square.boundary, Eq(u, 0), exact=False, points=60),
    name="shared",
)
stages = [Adam(steps=40), GaussNewton(steps=25, is_mixed=False)]
solution = solve(problem, Siren(8, 2), stages=stages, seed=4, out=sys.argv[1], dtype="float64")
again = solve(problem, seconds=2, progress=False)
rank = Processes.present().rank
values = [s.evaluate(u, x=[0.2, 0.5], y=[0.3, 0.9]).tolist() for s in (solution, again)]
found = {"values": values, "steps": [solution.steps, again.steps]}
Path(f"{sys.argv[1]}.{rank}.json").write_text(json.dumps(found))
"""


def test_two_processes_make_the_steps_of_one_and_agree_on_what_follows_from_time(tmp_path, monkeypatch):
    script, folder = tmp_path / "script.py", tmp_path / "together"
    script.write_text(SCRIPT)
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*launch, script, folder], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, second = (json.loads((tmp_path / f"together.{rank}.json").read_text()) for rank in (0, 1))
    assert first["values"] == second["values"] and first["steps"] == second["steps"]
    assert (folder / "solution.h5").is_file() and done.stderr.count("GaussNewton: 25 steps") == 1

    monkeypatch.setattr(sys, "argv", [str(script), str(tmp_path / "alone")])
    runpy.run_path(str(script))
    alone = json.loads((tmp_path / "alone.0.json").read_text())
    assert first["values"][0] == pytest.approx(alone["values"][0], rel=1e-6)
