"""Problem files: what is wrong with them is said in a line, with the user's own line, and exit code 2."""

import pytest

from pinr import FreshPoints
from pinr.cli.declaration import read_declaration

HEAD = "from pinr import Box, Eq, Problem, coordinates, laplacian, on, unknown\nx, y = coordinates('x y')\n"


def refused(pinr, *arguments, printed=False) -> str:
    result = pinr(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.stderr
    assert printed or result.stdout == ""
    return result.stderr


def test_a_missing_file_with_its_nearest_name(pinr, poisson):
    assert "`poison.py` does not exist" in (said := refused(pinr, "solve", "poison.py"))
    assert "Did you mean 'poisson.py'?" in said


def test_a_folder(pinr, here):
    assert "is a folder" in refused(pinr, "solve", here)


def test_no_problem_lists_the_names_that_there_are(pinr, here):
    (here / "a.py").write_text("import math\nfrom pinr import Box\nplate = Box(x=(0, 1))\ndef source(): ...\n")
    assert "`a.py` defines no `problem`. It defines plate, source." in refused(pinr, "solve", "a.py")


def test_a_problem_of_another_name(pinr, here):
    body = "u = unknown('u', x, y)\nheat = Problem(on(Box(x=(0, 1), y=(0, 1)), Eq(laplacian(u), 0)))\n"
    (here / "a.py").write_text(HEAD + body)
    assert "Write `problem = heat`" in refused(pinr, "check", "a.py")


def test_something_else_called_problem(pinr, here):
    (here / "a.py").write_text("problem = 3\n")
    assert "is 'int', not a Problem" in refused(pinr, "explain", "a.py")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f():\n    return 1 / 0\nf()\n", ["a.py:2: ZeroDivisionError: division by zero", "2 | return 1 / 0"]),
        ("import math\nmath.sqrt(-1)\n", ["a.py:2: ValueError:", "2 | math.sqrt(-1)"]),
        ("x = (1,\ny = 2\n", ["a.py:1: SyntaxError:", "1 | x = (1,"]),
        ("import nowhere_to_be_found\n", ["a.py:1: ModuleNotFoundError:"]),
        ("raise SystemExit('no')\n", ["a.py:1: SystemExit: no"]),
        (HEAD + "Box(x=(1, 0))\n", ["a.py:3: `Box(x=", "3 | Box(x=(1, 0))"]),
    ],
)
def test_what_a_file_raises_is_shown_with_its_own_line(pinr, here, text, said):
    (here / "a.py").write_text(text)
    message = refused(pinr, "solve", "a.py")
    assert all(part in message for part in said), message


def test_debug_keeps_the_traceback(pinr, here):
    (here / "a.py").write_text("1 / 0\n")
    result = pinr("solve", "a.py", "--debug")
    assert "a.py:1: ZeroDivisionError" in str(result.exception)


def test_a_file_is_run_by_path_with_its_folder_importable_and_no_main(pinr, here, poisson):
    folder = here / "below"
    folder.mkdir()
    (folder / "material_of_below.py").write_text("stiffness = 3\n")
    (folder / "b.py").write_text(
        "from dataclasses import dataclass\nfrom material_of_below import stiffness\n"
        "@dataclass\nclass Plate:\n    k: float = stiffness\n"
        "from pathlib import Path\nassert Path(__file__).name == 'b.py'\n"
        "if __name__ == '__main__':\n    raise RuntimeError\n" + (here / poisson).read_text()
    )
    assert pinr("check", "below/b.py").exit_code == 0


def test_a_file_may_say_how_points_are_drawn(here, poisson):
    declared = (here / "poisson.py").read_text()
    (here / "fresh.py").write_text(f"{declared}\nfrom pinr import FreshPoints\nsampling = FreshPoints(every=3)\n")
    assert "sampling" not in read_declaration(here / "poisson.py", {}).options
    assert read_declaration(here / "fresh.py", {}).options["sampling"] == FreshPoints(every=3)


@pytest.mark.parametrize(
    ("head", "call"),
    [
        ("from pinr import solve", "solve"),
        ("from pinr import fit_all as together", "together"),
        ("from pinr import redistanced", "redistanced"),
        ("from pinr import *", "solve"),
        ("from pinr.training.solve import solve", "solve"),
        ("import pinr as p", "p.solve"),
    ],
)
@pytest.mark.parametrize("command", ["check", "explain", "solve"])
def test_a_file_that_trains_is_refused_at_its_line(pinr, here, poisson, command, head, call):
    text = f"{head}\n" + (here / poisson).read_text() + f"\ndef train():\n    return {call}(problem, steps=3)\n"
    (here / "a.py").write_text(text + "if __name__ == '__main__':\n    train()\n")
    assert pinr("check", "a.py").exit_code == 0
    (here / "a.py").write_text(text + "train()\n")
    message = refused(pinr, command, "a.py", printed=True)
    line = text.count("\n")
    assert f"a.py:{line}: `" in message and "the file trains by itself" in message
    assert f"{line} | return {call}(problem, steps=3)" in message


def test_list_names_the_problem_files_with_their_first_line_and_runs_nothing(pinr, here, poisson):
    (here / "problems").mkdir()
    (here / "problems" / "poisson.py").write_text((here / poisson).read_text() + "raise RuntimeError\n")
    (here / "problems" / "material.py").write_text("stiffness = 3\n")
    result = pinr("list")
    assert result.exit_code == 0
    assert result.stdout == "problems/poisson.py  Poisson's equation on a square, `-Δu = f`.\n"


def test_list_of_nothing(pinr):
    assert "`problems` has no problem files" in refused(pinr, "list")
