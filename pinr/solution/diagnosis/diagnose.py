"""The verdict on a trained solution in plain words."""

from typing import TYPE_CHECKING

from pinr.solution.diagnosis.diagnosis import Diagnosis
from pinr.solution.diagnosis.evidence import Evidence
from pinr.solution.diagnosis.figures import figures
from pinr.solution.diagnosis.not_finite import not_finite
from pinr.solution.diagnosis.table import SEARCHES

if TYPE_CHECKING:
    from pinr.solution.solution import Solution


def diagnose(solution: "Solution") -> Diagnosis:
    """Look at a trained solution for what usually goes wrong, and say what to do about it.

    The residuals are evaluated at up to 2,048 new points of every constraint, with the gradients of their losses, and
    compared with one another, with the history of the training, and with the sizes that were expected. It says what
    the equations tell of the solution; how far it is from the truth is a question for `errors` and `verify`.
    """
    evidence = Evidence(solution)
    found = tuple(not_finite(evidence))
    if found:
        return Diagnosis(solution.problem.name, found, {})
    found = tuple(symptom for search in SEARCHES for symptom in search(evidence))
    return Diagnosis(solution.problem.name, found, figures(evidence))
