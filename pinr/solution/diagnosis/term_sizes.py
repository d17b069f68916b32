"""Equations whose terms are far larger or smaller than what their residual is divided by."""

from collections.abc import Iterator, Sequence

import sympy
import torch

from pinr.compiler.block import compile_block
from pinr.derivatives.jet import MissingRuleError
from pinr.language.operators import DifferentialOperator
from pinr.solution.diagnosis.diagnosis import Symptom
from pinr.solution.diagnosis.evidence import Evidence
from pinr.solution.evaluate import by_nested_autograd

FAR = 10.0  # the weight of the equation is then wrong by a factor of a hundred


def terms_off_scale(evidence: Evidence) -> Iterator[Symptom]:
    """Constraints whose largest term is of another size at the solution than was estimated before the training.

    The residual is divided by that estimate. If it is too small, the constraint counts too much against the others,
    and too little if it is too large.
    """
    if len(evidence.constraints) < 2:
        return  # a wrong scale of the only constraint is a factor of the whole loss
    for name in evidence.constraints:
        scales = evidence.program.scales[name].tolist()
        for number, size in term_sizes(evidence, name).items():
            expected = max(scales[column] for column in _columns(evidence, name, number))
            ratio = size / expected
            if ratio > FAR or 0 < ratio < 1 / FAR:
                how = "little" if ratio < 1 else "much"
                yield Symptom(
                    "term-scale",
                    f"the largest term of {name!r} is of size {size:.2g} at the solution; {expected:.2g} was expected, "
                    f"so that it counts too {how}.",
                    f"Choose units in which the unknowns and the coordinates are about 1; or weigh {name!r} with "
                    f"`weight={evidence.weights[name] / ratio**2:.1g}`.",
                    {"size": size, "expected": expected},
                )


def term_sizes(evidence: Evidence, name: str) -> dict[int, float]:
    """By component of a constraint that is a sum, the largest root mean square of its terms at the new points."""
    program = evidence.program
    points = evidence.batch[name]
    fields = {text: c for a in program.assignments for text, c in a.components.items()}
    found = {}
    for number, component in enumerate(evidence.constraints[name].components):
        terms = _terms(component)
        if len(terms) < 2 or number in program.exactness.met.get(name, ()):
            continue  # a single term is the residual itself
        block = compile_block(name, terms, fields, program.exactness.ansaetze)
        at = block.point_set(points.samples, dtype=program.dtype, device=program.device, must_be_finite=False)
        with torch.no_grad():
            try:
                values = block.values(program.networks, evidence.parameters, at)
            except MissingRuleError:
                values = by_nested_autograd(block, program).values(program.networks, evidence.parameters, at)
        squares = values.square().mean(dim=0)
        found[number] = max(
            float(sum(squares[column] for column in pair if column is not None)) ** 0.5 for pair in block.parts
        )
    return {number: size for number, size in found.items() if size < float("inf")}


def _terms(component: sympy.Expr) -> Sequence[sympy.Expr]:
    """The terms of a sum, with operators carried out: the equation `Δu = 0` has two."""
    operators = component.atoms(DifferentialOperator)
    carried_out = component.xreplace({operator: operator.doit() for operator in operators})
    return sympy.Add.make_args(sympy.expand_mul(carried_out, deep=False))


def _columns(evidence: Evidence, name: str, number: int) -> list[int]:
    return [column for column in evidence.program.blocks[name].parts[number] if column is not None]
