"""Problems as mathematics, in unicode and LaTeX."""

from collections.abc import Mapping

import sympy
from sympy.core.relational import Relational

from pinr.declaration.constraint import Constraint
from pinr.language.operators import Expression
from pinr.language.units import Unit


def text_of(name: str | None, constraints: Mapping[str, Constraint], units: Mapping[str, str]) -> str:
    """One block per constraint: where it holds, then its equations; at the end the units, if there are any."""
    blocks = [name] if name else []
    for title, constraint in constraints.items():
        lines = [f"{title}: on {constraint.region!r}"]
        for equation in constraint.written or constraint.equations:
            pretty = sympy.pretty(_as_relation(equation), use_unicode=True, wrap_line=False)
            lines.append("\n".join("    " + line for line in pretty.splitlines()))
        blocks.append("\n".join(lines))
    if units:
        blocks.append(", ".join(f"{each} in {Unit.of(unit).pretty}" for each, unit in units.items()))
    return "\n\n".join(blocks)


def latex_of(constraints: Mapping[str, Constraint]) -> str:
    """An aligned display with one line per equation."""
    lines = [
        rf"{sympy.latex(_as_relation(equation))} &\quad \text{{on }} \text{{{_escaped(constraint)}}}"
        for constraint in constraints.values()
        for equation in constraint.written or constraint.equations
    ]
    return "$$\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}$$"


def _as_relation(equation: Relational | Expression) -> sympy.Basic:
    if isinstance(equation, Relational):
        return equation
    zero = sympy.ImmutableMatrix.zeros(*equation.shape) if isinstance(equation, sympy.MatrixBase) else 0
    return sympy.Eq(equation, zero, evaluate=False)


def _escaped(constraint: Constraint) -> str:
    return repr(constraint.region).replace("_", r"\_").replace("&", r"\&").replace("%", r"\%")
