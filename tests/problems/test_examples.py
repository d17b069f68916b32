"""Every example runs as a script, in little time, and ends with an error that is far from that of an idle network."""

import re
import runpy
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples"
# Reached in a second or two on a slow, busy core; a field of zeros has the error 1.
BOUNDS = {
    "poisson": 0.05,
    "damped_beam": 0.9,
    "heated_plate": 0.2,
    "own_network": 0.1,
    "many_images": 0.5,
    "rayleigh_benard": 0.05,
    "heat_in_a_scan": 0.1,
    "superresolution": 0.9,
}
SECONDS = 6  # the first run on a machine compiles its kernels meanwhile


def test_every_example_has_a_bound():
    assert {file.stem for file in FOLDER.glob("*.py")} == set(BOUNDS)


@pytest.mark.parametrize("name", BOUNDS)
def test_every_example_ends_with_a_small_error(name, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)  # figures go there
    monkeypatch.setattr(sys, "argv", [f"{name}.py", str(SECONDS)])
    runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
    last = capsys.readouterr().out.splitlines()[-1]
    match = re.fullmatch(r"relative L2 error: (\d\.\de[+-]\d\d)", last)
    assert match, last
    assert 0 < float(match[1]) < BOUNDS[name]


@pytest.mark.parametrize("name", BOUNDS)
def test_every_example_is_a_short_page_with_a_title(name):
    lines = (FOLDER / f"{name}.py").read_text().splitlines()
    assert len(lines) < 70
    assert set(lines[1]) == {"="} and len(lines[1]) >= len(lines[0].strip('"'))
