"""Conditions on boundaries and slices that the solution does not meet."""

from collections.abc import Iterator, Mapping

import sympy

from pinr.language.fields import Unknown, fields_in
from pinr.language.operators import DifferentialOperator
from pinr.solution.diagnosis.diagnosis import Symptom
from pinr.solution.diagnosis.evidence import LARGE, Evidence
from pinr.solution.diagnosis.unknown_sizes import unknown_size
from pinr.verification.verification import percent


def violated_conditions(evidence: Evidence) -> Iterator[Symptom]:
    """Conditions whose residual is large beside the unknown's size."""
    for name, part in violations(evidence).items():
        if part > LARGE:
            size = evidence.sizes[name]
            yield Symptom(
                "condition-violated",
                f"the condition {name!r} is missed by {percent(part)}, relative to the unknown or the derivative that "
                f"it is about; most at {evidence.place(name, int(size.argmax()))}.",
                "Raise its `weight=`, or have it met exactly (`exact=True`, where that is sound); see whether the "
                "data agree with the other conditions where they meet, and with the equation.",
                {"part": part},
            )


def violations(evidence: Evidence) -> dict[str, float]:
    """By condition, the root mean square of its residual, beside the size of what it prescribes.

    Of a value that is the size of the unknown, of a derivative the expected size of the condition's terms; a
    hundredth of that is the least, since an unknown that is meant to vanish has no size of its own.
    """
    unknowns = {u.name: unknown_size(evidence, u) for u in evidence.program.problem.unknowns}
    return {name: _violation(evidence, name, unknowns) for name in evidence.constraints if evidence.is_condition(name)}


def _violation(evidence: Evidence, name: str, unknowns: Mapping[str, float | None]) -> float:
    rms = evidence.residuals[name].square().mean(dim=0)
    worst = 0.0
    for number, component in enumerate(evidence.constraints[name].components):
        columns = [column for column in evidence.program.blocks[name].parts[number] if column is not None]
        expected = size = float(evidence.program.scales[name][columns].max())
        if not component.has(sympy.Derivative, sympy.Subs, DifferentialOperator):
            own = {f.label.name for f in fields_in(component) if isinstance(f, Unknown)}
            size = max(LARGE * expected, *(s for n, s in unknowns.items() if n in own and s), 0.0)
        worst = max(worst, float(rms[columns].sum()) ** 0.5 / size)
    return worst
