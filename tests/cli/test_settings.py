"""`--set name=value` replaces plain constants before the file is run, and nothing else."""

import ast

import pytest

from pinr.cli.settings import constants_of, read_pairs, with_settings
from pinr.errors import DeclarationError

FILE = """
width = 32
rate = -1e-3
kind: str = "robin"
is_steady = True
derived = 2 * width
_hidden = 1
pair = (1, 2)
def f():
    inner = 3
"""


def run(**settings: str) -> dict[str, object]:
    names: dict[str, object] = {}
    # The file of this test, as `pinr` runs the user's.
    exec(compile(with_settings(ast.parse(FILE), settings, file="a.py"), "a.py", "exec"), names)  # noqa: S102
    return names


def test_what_can_be_set():
    assert constants_of(ast.parse(FILE)) == {"width": 32, "rate": -1e-3, "kind": "robin", "is_steady": True}


def test_what_follows_from_a_constant_follows_from_its_new_value():
    assert run(width="64")["derived"] == 128


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("width", "6", 6),
        ("width", "0.5", 0.5),
        ("rate", "2", 2.0),
        ("rate", "-1e-4", -1e-4),
        ("kind", "neumann", "neumann"),
        ("kind", "3", "3"),
        ("is_steady", "false", False),
        ("is_steady", "True", True),
    ],
)
def test_values_take_the_kind_of_the_constant(name, text, value):
    found = run(**{name: text})[name]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("widht", "3", "Did you mean 'width'"),
        ("derived", "3", "What can be set: width = 32, rate = -0.001, kind = 'robin', is_steady = True"),
        ("_hidden", "3", "no plain constant"),
        ("inner", "3", "no plain constant"),
        ("width", "wide", "must be a number"),
        ("width", "True", "must be a number"),
        ("is_steady", "1", "must be true or false"),
        ("width", "__import__('os')", "must be a number"),
    ],
)
def test_what_does_not_fit_is_refused(name, text, said):
    with pytest.raises(DeclarationError, match=said):
        run(**{name: text})


@pytest.mark.parametrize("pair", ["width", "=3", "width="])
def test_pairs_need_a_name_and_a_value(pair):
    if pair == "width=":
        assert read_pairs("--set", [pair]) == {"width": ""}
    else:
        with pytest.raises(DeclarationError, match="write `--set name=value`"):
            read_pairs("--set", [pair])


def test_a_run_with_settings_is_another_problem(pinr, poisson):
    assert "width=12" in pinr("explain", poisson, "--set", "width=12").stdout
    assert "title = 'poisson'" in pinr("solve", poisson, "--set", "nothing=1").stderr
