"""Looking for mistakes in a problem without training it.

Ill-formed input gives errors; problems that are possibly ill-posed give warnings. `table.py` lists every check,
`docs/findings.md` explains what each has to say.
"""

from pinr.declaration.checks.check_problem import check_problem
from pinr.declaration.checks.table import CHECKS

__all__ = ["CHECKS", "check_problem"]
