"""The page on findings has one section per check, and its examples find what it says."""

import re
import runpy
from dataclasses import dataclass
from pathlib import Path

import pytest

from pinr.declaration.checks import CHECKS
from pinr.errors import PinrError

PAGE = (Path(__file__).parents[2] / "docs" / "findings.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```python( no-finding)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHARED = BLOCK.search(PAGE)[2]


@dataclass(frozen=True)
class Section:
    """A section of the page: its heading, its text, the chapter it is in."""

    code: str
    text: str
    chapter: str

    @property
    def said(self) -> str:
        """What the section says that the message says."""
        (quoted,) = re.findall(r"^> (.+)$", self.text, re.MULTILINE)
        return quoted

    def examples(self, *, right: bool) -> list[str]:
        return [code for mark, code in BLOCK.findall(self.text) if bool(mark) == right]


def sections():
    for chapter in PAGE.split("\n## ")[1:]:
        title, *parts = chapter.split("\n### ")
        for part in parts:
            code, text = part.split("\n", 1)
            yield Section(code.strip("`"), text, title.split("\n")[0])


SECTIONS = {section.code: section for section in sections()}
CHECKED = {code: s for code, s in SECTIONS.items() if s.chapter in ("Errors", "Warnings")}
REFUSED = {code: s for code, s in SECTIONS.items() if code not in CHECKED}


def run(example, folder):
    path = folder / "example.py"
    path.write_text(SHARED + example, encoding="utf-8")
    return runpy.run_path(str(path))


def test_every_check_has_one_section_in_the_order_and_chapter_of_its_severity():
    assert len(list(sections())) == len(SECTIONS)
    for chapter, severity in (("Errors", "error"), ("Warnings", "warning")):
        told = [code for code, section in CHECKED.items() if section.chapter == chapter]
        assert told == [check.code for check in CHECKS if check.severity == severity]
    assert {section.chapter for section in REFUSED.values()} == {"Refused when it is declared"}


@pytest.mark.parametrize("section", CHECKED.values(), ids=CHECKED)
def test_the_example_of_a_finding_triggers_it_and_nothing_else(section, tmp_path):
    (example,) = section.examples(right=False)
    problem = run(example, tmp_path)["problem"]
    (finding,) = [finding for check in CHECKS for finding in check(problem)]
    assert finding.code == section.code and section.said in finding.message
    assert finding.source.startswith("example.py:")


@pytest.mark.parametrize("section", REFUSED.values(), ids=REFUSED)
def test_the_example_of_a_refusal_is_refused(section, tmp_path):
    (example,) = section.examples(right=False)
    with pytest.raises(PinrError, match=re.escape(section.said)):
        run(example, tmp_path)


def test_what_the_page_proposes_in_place_of_a_mistake_passes_in_silence(tmp_path):
    proposed = [example for section in SECTIONS.values() for example in section.examples(right=True)]
    assert proposed
    for example in proposed:
        assert run(example, tmp_path)["problem"].check(strict=True) == ()
