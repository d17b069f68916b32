"""What a run writes, and what it leaves out with a note."""

import json

import pyvista

SIX = """
from pinr import Adam, Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown
a, b, c, d, e, f = coordinates("a b c d e f")
u = unknown("u", a, b, c, d, e, f)
box = Box(a=(0, 1), b=(0, 1), c=(0, 1), d=(0, 1), e=(0, 1), f=(0, 1))
problem = Problem(on(box, Eq(u, a), points=16))
network, stages = Siren(4, 1), [Adam(steps=1)]
"""

TWO = """
from pinr import Adam, Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown
x, y = coordinates("x y")
u, k = unknown("u", x, y), unknown("k", x)
square = Box(x=(0, 1), y=(0, 1))
problem = Problem(on(square, Eq(laplacian(u), k), points=16), on(square.boundary, Eq(u, 0), points=16))
network, stages = Siren(4, 1), [Adam(steps=1)]
"""


def files(result) -> list[str]:
    return [name.rpartition("/")[2] for name in json.loads(result.stdout)["files"]]


def test_fields_in_time_are_read_from_the_solution_file_itself(pinr, finished_wave):
    folder = finished_wave / "runs/wave"
    found = files(pinr("resume", folder, "--json"))
    assert found == ["solution.h5", "solution.xdmf", "solution.png", "history.csv"]
    reader = pyvista.get_reader(str(folder / "solution.xdmf"))
    assert reader.time_values[-1] == 1.0
    assert "w" in reader.read().array_names
    assert {path.suffix for path in folder.iterdir()} == {".pt", ".csv", ".json", ".h5", ".png", ".xdmf"}


def test_more_than_three_dimensions_are_left_out_with_a_note(pinr, here):
    (here / "six.py").write_text(SIX)
    result = pinr("solve", "six.py", "--json")
    assert result.exit_code == 0
    assert "solution.h5" in files(result) and "solution.vtu" not in files(result)
    assert "note: solution.vtu is left out: VTK shows one to three" in result.stderr.replace("3", "three")


def test_unknowns_on_other_axes_are_left_out_with_a_note(pinr, here):
    (here / "two.py").write_text(TWO)
    result = pinr("solve", "two.py", "--json")
    assert "solution.vtu has no k" in result.stderr
    assert pyvista.read(here / "runs/two/solution.vtu").array_names == ["u"]
