"""The pages of the documentation run, and print what they say."""

import re
import runpy
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.main import get_command

import pinr.training.solve
from pinr.cli.app import app
from pinr.declaration import checks
from pinr.derivatives.jet import RULES
from pinr.geometry.records import READERS
from pinr.networks.catalogue import RECIPES
from pinr.optimizers import OPTIMIZERS
from pinr.solution.export import WRITERS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
tools = runpy.run_path(str(DOCS / "pages.py"), run_name="pages")
catalogue = runpy.run_path(str(DOCS / "catalogue.py"))
PAGES = list(tools["pages"]())
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in PAGES}
FEW = {"Adam": 5, "LBFGS": 5, "GaussNewton": 3}  # steps in place of any budget
TABLES = (RULES, READERS, RECIPES, OPTIMIZERS, WRITERS)  # what the page on extending adds to
LINK = re.compile(r"\]\(([^)#: ]+)(?:#[^)]*)?\)")
MADE_BY_THE_BUILD = re.compile(r"catalogue\.md|gallery/.*|_figures/.*")
MAY_BE_MISSING = "findings.md"


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    """Every stage of every `solve` takes a few steps, whatever the page says."""
    module = sys.modules["pinr.training.solve"]
    checked = module.checked_stages

    flight = sys.modules["pinr.training.autopilot.fly"]
    usual = flight.default_stages

    def few(stages):
        return tuple(
            replace(stage, steps=min(stage.steps or 10**9, FEW.get(type(stage).__name__, 20)), seconds=None)
            for stage in stages
        )

    def capped(stages, seconds):
        found = checked(stages, seconds)
        return found if found is None else few(found)

    monkeypatch.setattr(module, "checked_stages", capped)
    monkeypatch.setattr(flight, "default_stages", lambda *args, **kwargs: few(usual(*args, **kwargs)))
    monkeypatch.setattr(flight, "TRYING", 1e-9)


@pytest.fixture(autouse=True)
def library_as_before(monkeypatch):
    """What a page adds to the library, or to the paths of modules, is gone after it."""
    monkeypatch.setattr(checks, "CHECKS", checks.CHECKS)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = [dict(table) for table in TABLES]
    yield
    for table, content in zip(TABLES, before, strict=True):
        table.clear()
        table.update(content)


def of_any_machine(text):
    """Without what depends on whether there is a C compiler."""
    text = re.sub(r"run in (compiled kernels|plain torch.*)", "run in …", text)
    return re.sub(r"[0-9.e+-]+ MB kept", "… MB kept", text)


@pytest.mark.parametrize("name", TEXTS)
def test_every_page_prints_what_it_says(name, tmp_path):
    page = tools["Page"](DOCS / f"{name}.md", tmp_path)
    for block in tools["blocks_of"](TEXTS[name]):
        printed = page.run(block)
        if block.mark in ("skip", "file"):
            continue
        said = [block.printed or ""] if block.language == "python" else [text for _, text in block.commands]
        if block.mark == "measured":
            printed, said = ([tools["without_numbers"](text) for text in texts] for texts in (printed, said))
        printed, said = ([of_any_machine(text) for text in texts] for texts in (printed, said))
        place = f"{page.path}:{block.start + 1}; `python docs/pages.py docs/{name}.md` writes what it prints now"
        assert printed == said, place


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_to_a_file_leads_somewhere(name):
    for target in LINK.findall(TEXTS[name]):
        assert MADE_BY_THE_BUILD.fullmatch(target) or target == MAY_BE_MISSING or (DOCS / target).exists(), target


def test_every_page_is_in_the_table_of_contents():
    listed = re.findall(r"^(\w+)$", TEXTS["index"], flags=re.MULTILINE)
    assert set(TEXTS) - {"index"} <= set(listed)


def test_few_blocks_are_skipped_and_only_for_a_reason():
    blocks = [block for text in TEXTS.values() for block in tools["blocks_of"](text)]
    skipped = [block for block in blocks if block.mark == "skip"]
    assert len(blocks) > 50 and len(skipped) <= 3
    assert all(block.detail for block in skipped)


def test_a_page_that_prints_something_else_is_noticed_and_mended(tmp_path):
    stale = "# Page\n\n```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n\n```python\nx = 1\n```\n"
    page = tools["Page"](tmp_path / "page.md", tmp_path)
    outputs = [(block, page.run(block)) for block in tools["blocks_of"](stale)]
    assert outputs[0][1] == ["2"] != [outputs[0][0].printed]
    mended = tools["with_outputs"](stale, outputs)
    assert mended == stale.replace("3", "2")
    assert [block.printed for block in tools["blocks_of"](mended)] == ["2", None]


def test_measured_numbers_may_differ_and_words_may_not():
    without_numbers = tools["without_numbers"]
    assert without_numbers("Adam: 1,486 steps, loss 9.87e-08") == without_numbers("Adam: 20  steps, loss 3e+00")
    assert without_numbers("[[ 1.5 -2.] [3 4]]") == without_numbers("[[-0.1  2.1] [3 4]]")
    assert without_numbers("its time is up") != without_numbers("its steps are done")


def test_every_option_of_the_command_line_is_described():
    text = TEXTS["command_line"]
    for name, command in get_command(app).commands.items():
        assert f"## pinr {name}\n" in text
        for option in (option for parameter in command.params for option in parameter.opts if option.startswith("--")):
            assert option in ("--help",) or f"`{option}" in text, f"{name} {option}"


def test_every_public_name_is_in_the_reference():
    named = set(re.findall(r"^\.\. auto\w+:: (\w+)$", TEXTS["api"], flags=re.MULTILINE))
    assert named == set(pinr.__all__), "enter it in docs/api.md"


def test_the_catalogue_has_every_problem_with_its_equation():
    files = sorted((ROOT / "problems").glob("*.py"))
    page = catalogue["page"](ROOT / "problems")
    for file in files:
        entry = catalogue["entry_of"](file)
        assert f"\n## {file.stem}\n" in page and entry.title in page and entry.text in page
        assert page.count(f"(#{catalogue['anchor'](file.stem)})") == 1
    rows = [line for line in page.splitlines() if line.startswith("| [")]
    assert len(rows) == len(files) and all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
