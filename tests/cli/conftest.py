"""Small problem files, and the command line in this process."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pinr.cli.app import app

POISSON = '''"""Poisson's equation on a square, `-Δu = f`."""

from sympy import pi, sin

from pinr import LBFGS, Adam, Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

width = 8
strength: float = 1.0
adam, lbfgs = 1, 2
adam = 30
lbfgs = 30
title = "poisson"
_private = 1

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box(x=(0, 1), y=(0, 1))
exact = strength * sin(pi * x) * sin(pi * y)
problem = Problem(
    on(square, Eq(-laplacian(u), 2 * pi**2 * exact), points=64),
    on(square.boundary, Eq(u, 0), points=32),
    reference={u: exact},
    name=title,
)
network = Siren(width, 2)
stages = [Adam(steps=adam), LBFGS(steps=lbfgs)]
print("from the file")
'''

WAVE = '''"""A string that swings, `w_tt = w_xx`."""

from sympy import pi, sin

from pinr import Adam, Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

x, t = coordinates("x", time="t")
w = unknown("w", x, t)
string = Box(x=(0, pi)) * Box(t=(0, 1))
problem = Problem(
    on(string, Eq(w.diff(t, 2), laplacian(w)), points=32),
    on(string.boundary, Eq(w, 0), points=16),
    on(string.at(t=0), Eq(w, sin(x)), Eq(w.diff(t), 0), points=16),
)
network = Siren(8, 2)
stages = [Adam(steps=2)]
'''


@pytest.fixture(autouse=True)
def _clean_imports():
    """Problem files leave their module and folder behind, as scripts do."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.startswith("_pinr_problem_"):
            del sys.modules[name]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def poisson(here) -> str:
    (here / "poisson.py").write_text(POISSON)
    return "poisson.py"


@pytest.fixture
def wave(here) -> str:
    (here / "wave.py").write_text(WAVE)
    return "wave.py"


@pytest.fixture
def pinr():
    """`pinr("solve", file)` with exit code, stdout and stderr."""
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Path:
    """A working folder with the finished run of a process of its own in `runs/poisson`; not to be changed."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "poisson.py").write_text(POISSON)
    command = [sys.executable, "-m", "pinr", "solve", "poisson.py", "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    (folder / "stdout").write_text(done.stdout)
    (folder / "stderr").write_text(done.stderr)
    return folder


@pytest.fixture(scope="session")
def finished_wave(tmp_path_factory) -> Path:
    """A working folder with `wave.py` and its finished run in `runs/wave`; not to be changed."""
    folder = tmp_path_factory.mktemp("finished_wave")
    (folder / "wave.py").write_text(WAVE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert CliRunner().invoke(app, ["solve", "wave.py", "--quiet"]).exit_code == 0
    return folder
