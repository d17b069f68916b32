"""Every mistake gives one message that names the constraint, the line and the cure; its neighbour gives none."""

import traceback
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pinr.declaration.checks import CHECKS
from pinr.declaration.finding import ProblemWarning
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError, PinrError
from tests.declaration import wrong_declarations
from tests.declaration.wrong_declarations import FINDINGS, REFUSED, RIGHT

FILE = Path(wrong_declarations.__file__)
SEVERITY = {check.code: check.severity for check in CHECKS}
findings = pytest.mark.parametrize("wrong", FINDINGS.values(), ids=FINDINGS)
refused = pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED)


def findings_of(problem):
    return [finding for check in CHECKS for finding in check(problem)]


@findings
def test_a_mistake_is_found_once_and_said_in_words(wrong):
    (finding,) = findings_of(wrong.declare())
    assert finding.code == wrong.code and finding.severity == SEVERITY[wrong.code]
    for words in wrong.words:
        assert words in finding.message


@findings
def test_a_finding_names_the_constraint_and_its_line(wrong):
    (finding,) = findings_of(wrong.declare())
    name, line = finding.source.split(":")
    lines = FILE.read_text().splitlines()
    assert name == FILE.name and "on(" in lines[int(line) - 1]
    assert finding.constraint == "odd" and f"[{finding.source}]: The constraint 'odd': " in str(finding)
    assert wrong.declare().named_constraints["odd"].source.line == int(line)


@findings
def test_errors_are_raised_and_doubts_are_warnings_that_can_be_errors(wrong):
    problem = wrong.declare()
    with pytest.raises(DeclarationError, match=rf"^problem: {SEVERITY[wrong.code]} \({wrong.code}\)"):
        problem.check(strict=True)
    if SEVERITY[wrong.code] == "error":
        with pytest.raises(DeclarationError, match=wrong.code):
            problem.check()
    else:
        with pytest.warns(ProblemWarning, match=wrong.code) as caught:
            problem.check()
        assert [w.filename for w in caught] == [__file__]


@refused
def test_what_cannot_be_declared_is_refused_in_words(wrong):
    with pytest.raises(PinrError) as caught:
        wrong.declare()
    for words in wrong.words:
        assert words in str(caught.value)
    if wrong.places:
        inside = [frame for frame in traceback.extract_tb(caught.value.__traceback__) if frame.filename == str(FILE)]
        assert any(f"{FILE.name}:{frame.lineno}" in str(caught.value) for frame in inside)


@pytest.mark.parametrize("wrong", [*FINDINGS.values(), *REFUSED.values()], ids=[*FINDINGS, *REFUSED])
def test_the_neighbour_without_the_mistake_passes_in_silence(wrong):
    right = wrong.right()
    if isinstance(right, Problem):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert right.check() == right.check(strict=True) == ()


@pytest.mark.parametrize("declare", RIGHT.values(), ids=RIGHT)
def test_unusual_problems_pass_in_silence(declare):
    assert declare().check(strict=True) == ()


def test_every_check_has_a_code_of_its_own_and_finds_something():
    codes = [check.code for check in CHECKS]
    assert len(set(codes)) == len(codes)
    assert {wrong.code for wrong in FINDINGS.values()} == set(codes)


def test_all_findings_are_in_one_message():
    wrong = ("unknown symbol", "namesake symbol", "coordinate that the region lacks")
    constraints = [FINDINGS[key].declare().named_constraints["odd"] for key in wrong]
    with pytest.raises(DeclarationError, match=r"^study: ") as caught:
        Problem(*(replace(c, name=None) for c in constraints), name="study").check()
    assert all(f"error ({FINDINGS[key].code})" in str(caught.value) for key in wrong)


def test_checking_twice_finds_the_same_and_draws_from_no_global_generator():
    state, drawn = np.random.get_state()[1].tolist(), torch.get_rng_state()
    for wrong in FINDINGS.values():
        assert findings_of(wrong.declare()) == findings_of(wrong.declare())
    assert np.random.get_state()[1].tolist() == state and torch.equal(torch.get_rng_state(), drawn)
