"""`pinr check`, `explain`, `plot` and `export`."""

import pytest
import pyvista

CUSTOM = """
import torch
from torch import nn
from pinr import Adam, Box, Eq, Problem, coefficient, coordinates, on, unknown
x, y = coordinates("x y")
u = unknown("u", x, y)
c = coefficient("c", lambda x, y: x * y, x, y)
problem = Problem(on(Box(x=(0, 1), y=(0, 1)), Eq(u, c), points=16))
torch.manual_seed(0)
network = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
stages = [Adam(steps=1)]
"""


BALL = """
from pinr import Adam, Box, Eq, GaussNewton, Problem, Siren, coordinates, on, unknown
x, y, z = coordinates("x y z")
phi = unknown("phi", x, y, z)
problem = Problem(on(Box(x=(-1, 1), y=(-1, 1), z=(-1, 1)), Eq(phi, x**2 + y**2 + z**2 - 0.36), points=200))
network = Siren(8, 2)
stages = [Adam(steps=20), GaussNewton(steps=20)]
"""


def test_check_of_a_good_file(pinr, poisson):
    result = pinr("check", poisson)
    assert result.exit_code == 0
    assert "poisson: no mistakes found; 2 constraints on u" in result.stdout


def test_check_lists_errors_with_exit_code_1(pinr, poisson, here):
    text = (
        (here / poisson).read_text().replace("Eq(u, 0)", "Eq(u, Symbol('q'))").replace("import pi", "import Symbol, pi")
    )
    (here / poisson).write_text(text)
    result = pinr("check", poisson)
    assert result.exit_code == 1
    assert "error (unknown-symbol) [poisson.py:" in result.stdout


def test_warnings_are_exit_code_0_unless_strict(pinr, wave, here):
    (here / wave).write_text((here / wave).read_text().replace(", Eq(w.diff(t), 0)", ""))
    assert pinr("check", wave).exit_code == 0
    assert pinr("check", wave).stdout.startswith("warning (missing-initial-condition)")
    assert pinr("check", wave, "--strict").exit_code == 1


def test_explain_shows_the_mathematics_and_the_engines(pinr, poisson):
    shown = pinr("explain", poisson).stdout
    assert "interior: on Box(x=(0, 1), y=(0, 1))" in shown and "FLOPs per point" in shown


def test_diagnose(pinr, finished):
    result = pinr("diagnose", finished / "runs/poisson")
    assert result.exit_code == 0
    assert result.stdout.startswith("diagnosis of poisson\n")
    assert "remedy:" in result.stdout and "\nlooked at\n  residual of interior" in result.stdout


def test_plot(pinr, finished, here):
    result = pinr("plot", finished / "runs/poisson", "--out", "u.png")
    assert (result.exit_code, result.stdout) == (0, "u.png\n")
    assert (here / "u.png").read_bytes().startswith(b"\x89PNG")
    assert pinr("plot", finished / "runs/poisson", "--out", "u.pdf").exit_code == 2


def test_surface_and_render(pinr, here):
    (here / "ball.py").write_text(BALL)
    assert pinr("solve", "ball.py", "--out", "runs/ball", "--quiet").exit_code == 0
    result = pinr("surface", "runs/ball", "--resolution", "16", "--out", "ball.stl")
    assert (result.exit_code, result.stdout) == (0, "ball.stl\n")
    assert pyvista.read(here / "ball.stl").volume == pytest.approx(0.9, abs=0.2)
    result = pinr("render", "runs/ball", "--size", "24", "--field", "phi")
    assert (result.exit_code, result.stdout) == (0, "runs/ball/shape.png\n")
    assert (here / "runs/ball/shape.png").read_bytes().startswith(b"\x89PNG")
    for wrong in (("--out", "ball.vtu"), ("--field", "psi")):
        assert pinr("surface", "runs/ball", *wrong).exit_code == 2


@pytest.mark.parametrize(("grid", "points"), [("5x7", 35), ("6", 36), ("5X7", 35)])
def test_export_on_a_grid(pinr, finished, here, grid, points):
    assert pinr("export", finished / "runs/poisson", "u.vtu", "--grid", grid, "--field", "u").exit_code == 0
    assert pyvista.read(here / "u.vtu").n_points == points


def test_export_of_a_line(pinr, finished, here):
    assert pinr("export", finished / "runs/poisson", "u.vtu", "--grid", "9", "--at", "y=0.5").exit_code == 0
    assert pyvista.read(here / "u.vtu").n_points == 9


def test_a_moment_or_all_times(pinr, finished_wave, here):
    folder = finished_wave / "runs/wave"
    assert "--at t=0.5" in pinr("export", folder, "w.vtu").stderr
    assert pinr("export", folder, "w.vtu", "--at", "t=1", "--grid", "9").exit_code == 0
    assert pyvista.read(here / "w.vtu").n_points == 9
    assert pinr("export", folder, "w.xdmf", "--grid", "9x4").exit_code == 0
    assert len(pyvista.get_reader(str(here / "w.xdmf")).time_values) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["u.foo"], "no format with the suffix"),
        (["u.vtu", "--grid", "5x6x7"], "the free coordinates are x, y"),
        (["u.vtu", "--grid", "five"], "write numbers of points"),
        (["u.vtu", "--field", "v"], "no such unknown. It has u"),
        (["u.vtu", "--at", "y"], "write `--at name=value`"),
        (["u.vtu", "--at", "y=half"], "is no number"),
        (["u.vtu", "--at", "q=1"], "no coordinate"),
    ],
)
def test_refused_exports(pinr, finished, here, arguments, said):
    result = pinr("export", finished / "runs/poisson", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (here / arguments[0]).exists()


def test_there_must_be_a_solution(pinr, here):
    assert "does not exist" in pinr("plot", "nowhere").stderr
    (here / "empty").mkdir()
    assert "holds no run" in pinr("export", "empty", "u.vtu").stderr
    (here / "empty" / "run.json").write_text("{}")
    assert "pinr resume empty" in pinr("plot", "empty").stderr


def test_custom_modules_and_callables_come_from_the_file_when_asked(pinr, here):
    (here / "custom.py").write_text(CUSTOM)
    assert pinr("solve", "custom.py", "--quiet").exit_code == 0
    assert "using" in pinr("plot", "runs/custom").stderr
    result = pinr("export", "runs/custom", "u.vtu", "--using", "custom.py")
    assert result.exit_code == 0, result.output


def test_version_and_help(pinr):
    assert pinr("--version").stdout.startswith("pinr ")
    assert "resume" in pinr("--help").stdout
