"""Looking for mistakes in a problem without training it.

Every check is a small function from a problem to findings, in `CHECKS`. Ill-formed input gives errors; problems that
are possibly ill-posed give warnings.
"""

import difflib
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import sympy
from numpy.typing import NDArray

from pinr.declaration.constraint import Constraint
from pinr.declaration.finding import Finding, ProblemWarning, Severity
from pinr.declaration.measured_columns import columns_of_other_measurements, rows_without_values
from pinr.declaration.unknowns import UnknownField
from pinr.errors import DeclarationError, PinrError
from pinr.geometry.region import AbstractRegion
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.language.coordinates import Coordinate
from pinr.language.evaluation import evaluate
from pinr.language.fields import Field, Unknown
from pinr.language.normals import NormalComponent
from pinr.language.operators import DifferentialOperator, Divergence
from pinr.language.parameters import Parameter

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem

Findings = Iterator[Finding]
JUMPING = (sympy.Piecewise, sympy.Heaviside, sympy.sign, sympy.floor, sympy.ceiling)
POINTS = 512  # a source that is infinite somewhere is nearly always so on a set that these points meet


def check_problem(problem: "Problem", *, strict: bool = False) -> tuple[Finding, ...]:
    """All findings; warnings are also issued as `ProblemWarning`.

    Raises:
        DeclarationError: There is an error, or with `strict` a warning; the message lists every finding.
    """
    findings = tuple(finding for check in CHECKS for finding in check(problem))
    fatal = [f for f in findings if strict or f.severity == "error"]
    if fatal:
        message = f"{problem.name}: " + "\n".join(map(str, findings))
        raise DeclarationError(message)
    for finding in findings:
        warnings.warn(str(finding), ProblemWarning, stacklevel=3)
    return findings


def _about(
    code: str, severity: Severity, message: str, name: str | None = None, constraint: Constraint | None = None
) -> Finding:
    source = "" if constraint is None else str(constraint.source)
    prefix = "" if constraint is None else f"The constraint {name!r}: "
    return Finding(code, severity, name, source, prefix + message)


def constraints_without_unknowns(problem: "Problem") -> Findings:
    """An equation in which nothing is to be found."""
    for name, constraint in problem.named_constraints.items():
        for equation in constraint.equations:
            if not any(isinstance(node, Unknown | Parameter) for node in sympy.preorder_traversal(equation)):
                message = f"`{equation}` has no unknown in it, so nothing can make it true. Remove it."
                yield _about("no-unknown", "error", message, name, constraint)


def unknown_symbols(problem: "Problem") -> Findings:
    """Symbols that are neither coordinates nor parameters, namesakes of coordinates among them."""
    names = {c.name for c in problem.coordinates}
    for name, constraint in problem.named_constraints.items():
        for symbol in sorted(_foreign_symbols(constraint), key=str):
            if symbol.name in names:
                message = (
                    f"it uses a plain symbol `{symbol.name}`, a namesake of the coordinate `{symbol.name}` but not the "
                    "same. Use the object that `coordinates(...)` returned."
                )
                yield _about("namesake", "error", message, name, constraint)
            else:
                message = (
                    f"it uses the symbol `{symbol.name}`, which has no value.{_did_you_mean(symbol.name, names)} Give "
                    f"it a number, or make it one to identify with `parameter({symbol.name!r}, value)`."
                )
                yield _about("unknown-symbol", "error", message, name, constraint)


def coordinates_that_the_region_lacks(problem: "Problem") -> Findings:
    """Coordinates in an equation that its region does not bind."""
    for name, constraint in problem.named_constraints.items():
        bound = set(constraint.region.names)
        for coordinate in constraint.coordinates:
            if coordinate.name not in bound:
                message = (
                    f"it uses the coordinate `{coordinate.name}`, which its region `{constraint.region!r}` does not "
                    f"bind.{_did_you_mean(coordinate.name, bound)} Add it to the region, or use `.subs`."
                )
                yield _about("unbound-coordinate", "error", message, name, constraint)


def coordinates_of_two_roles(problem: "Problem") -> Findings:
    """One name that is space here and time there."""
    roles: dict[str, str] = {}
    for coordinate in problem.coordinates:
        if roles.setdefault(coordinate.name, coordinate.role) != coordinate.role:
            message = (
                f"`{coordinate.name}` is declared as {roles[coordinate.name]} and as {coordinate.role}. Declare "
                "coordinates once and use the same objects everywhere."
            )
            yield _about("two-roles", "error", message)


def unknowns_of_one_name(problem: "Problem") -> Findings:
    """Two different unknowns that are called the same."""
    seen: dict[str, UnknownField] = {}
    for unknown in problem.unknowns:
        other = seen.setdefault(unknown.name, unknown)
        if other != unknown:
            message = f"two unknowns are called `{unknown.name}`, one {_form(other)}, one {_form(unknown)}. Rename one."
            yield _about("two-unknowns", "error", message)


def normals_of_other_regions(problem: "Problem") -> Findings:
    """A normal that is used where it is not known."""
    for name, constraint in problem.named_constraints.items():
        used = [f for f in constraint.fields if isinstance(f, NormalComponent)]
        carried = constraint.region.carried_normal()
        for normal in used:
            if carried is None or normal.owner != carried.owner:
                message = (
                    f"it uses the normal of the boundary of `{normal.owner}`, which is not known on "
                    f"`{constraint.region!r}`. Use the normal of the region's own boundary."
                )
                yield _about("foreign-normal", "error", message, name, constraint)
                break


def sources_that_are_not_finite(problem: "Problem") -> Findings:
    """Known parts of equations, evaluated at a few hundred points."""
    for name, constraint in problem.named_constraints.items():
        try:
            points = _points_and_special_ones(constraint.region)
        except PinrError as error:
            yield _about("empty-region", "error", str(error), name, constraint)
            continue
        for part in _known_parts(constraint):
            try:
                values = np.broadcast_to(evaluate(part, points), next(iter(points.values())).shape)
            except DeclarationError as error:
                yield _about("no-rule", "error", str(error), name, constraint)
                continue
            bad = np.flatnonzero(~np.isfinite(values))
            if bad.size:
                place = ", ".join(f"{n} = {p[bad[0]]:g}" for n, p in points.items())
                message = (
                    f"`{part}` is {values[bad[0]]} at {place}. Rewrite it so that it is finite in the whole region, "
                    "with `Piecewise` where needed."
                )
                yield _about("not-finite", "error", message, name, constraint)


def networks_without_an_equation_inside(problem: "Problem") -> Findings:
    """An unknown that no constraint of full dimension determines."""
    inside = [c for c in problem.constraints if c.region.dimension == problem.dimension]
    for unknown in problem.unknowns:
        if not any(unknown.name == f.label.name for c in inside for f in c.unknowns):
            message = (
                f"`{unknown.name}` occurs in no equation inside the region, so it is not determined there. "
                "Add its equation, or remove it."
            )
            yield _about("no-equation-inside", "warning", message)


def missing_initial_conditions(problem: "Problem") -> Findings:
    """An equation of order k in time needs k conditions on an initial slice."""
    for unknown in problem.unknowns:
        times = [c for c in unknown.coordinates if c.role == "time"]
        if not times:
            continue
        (time,) = times
        order = max((_order(c, unknown, time) for c in problem.constraints), default=0)
        low = problem.bounds[time.name][0]
        given: set[int] = set()
        for constraint in problem.constraints:
            bounds = constraint.region.bounds.get(time.name)
            if bounds == (low, low):
                given |= {_order(equation, unknown, time) for equation in constraint.components}
        missing = [k for k in range(order) if k not in given]
        if missing and not _has_data_inside(problem, unknown):
            wanted = unknown.name if missing[0] == 0 else f"{unknown.name}.diff({time.name}, {missing[0]})"
            message = (
                f"the equation of `{unknown.name}` is of order {order} in {time.name}, but `{wanted}` is given on no "
                f"initial slice. Add `on(region.at({time.name}={low:g}), Eq({wanted}, …))`."
            )
            yield _about("missing-initial-condition", "warning", message)


def jumps_under_a_divergence(problem: "Problem") -> Findings:
    """A coefficient that jumps under `div`: its derivative would lose the jump of the flux."""
    for name, constraint in problem.named_constraints.items():
        nodes = (n for e in constraint.equations for n in sympy.preorder_traversal(e))
        for node in (n for n in nodes if isinstance(n, Divergence)):
            jumps = node.operand.atoms(*JUMPING)
            if jumps:
                message = (
                    f"`{node}` has `{next(iter(jumps))}` under the divergence. If it jumps, the flux condition across "
                    "the jump is lost: declare an unknown on either side and an interface condition. If it is "
                    "continuous, write it with `Max`, `Min` or `Abs`."
                )
                yield _about("jump-under-divergence", "error", message, name, constraint)
                break


def parameters_of_one_name(problem: "Problem") -> Findings:
    """Two numbers to identify that are called the same."""
    counts = Counter(p.name for p in problem.parameters)
    for name in (name for name, count in counts.items() if count > 1):
        message = f"two parameters are called `{name}`. Declare it once, or rename one."
        yield _about("two-parameters", "error", message)


def free_constants(problem: "Problem") -> Findings:
    """An unknown that occurs only differentiated is determined up to a constant."""
    for unknown in problem.unknowns:
        plain = any(_order(r, unknown, None, lowest=True) == 0 for c in problem.constraints for r in c.components)
        if not plain and not unknown.size:
            message = (
                f"`{unknown.name}` occurs through its derivatives only (pure Neumann conditions, or gradient data), so "
                "it is determined up to a constant. Fix it at a point or on part of the boundary."
            )
            yield _about("free-constant", "warning", message)


CHECKS: tuple[Callable[["Problem"], Findings], ...] = (
    constraints_without_unknowns,
    unknown_symbols,
    coordinates_that_the_region_lacks,
    coordinates_of_two_roles,
    unknowns_of_one_name,
    parameters_of_one_name,
    jumps_under_a_divergence,
    normals_of_other_regions,
    columns_of_other_measurements,
    rows_without_values,
    sources_that_are_not_finite,
    networks_without_an_equation_inside,
    missing_initial_conditions,
    free_constants,
)


def _form(unknown: UnknownField) -> str:
    names = ", ".join(c.name for c in unknown.coordinates)
    return f"of ({names})" if unknown.size is None else f"of ({names}) with {unknown.size} components"


def _did_you_mean(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f" Did you mean `{close[0]}`?" if close else ""


def _foreign_symbols(constraint: Constraint) -> set[sympy.Symbol]:
    """Free symbols that are neither coordinates nor parameters; bound ones of `Subs` do not count."""
    found: set[sympy.Symbol] = set()

    def visit(node: sympy.Basic, bound: frozenset[sympy.Symbol]) -> None:
        if isinstance(node, NormalComponent):
            return
        if isinstance(node, sympy.Subs):
            visit(node.expr, bound | frozenset(node.variables))
            visit(node.point, bound)
        elif isinstance(node, sympy.Symbol):
            if not isinstance(node, Coordinate | Parameter) and node not in bound:
                found.add(node)
        else:
            for child in node.args:
                visit(child, bound)

    for component in constraint.equations:
        visit(component, frozenset())
    return found


def _points_and_special_ones(region: AbstractRegion) -> dict[str, NDArray[np.float64]]:
    """A few hundred points of a region, and those in it with coordinates 0 or half way, where formulas like to fail."""
    spread = region.sample(POINTS, sampler=Sobol(), seed=0).points
    axes = []
    for name in region.names:
        low, high = region.bounds[name]
        axes.append(sorted({(low + high) / 2, *([0.0] if low < 0 < high else [])}))
    special = dict(zip(region.names, (a.ravel() for a in np.meshgrid(*axes, indexing="ij")), strict=True))
    inside = region.contains(special)
    return {name: np.concatenate([spread[name], special[name][inside]]) for name in region.names}


def _known_parts(constraint: Constraint) -> list[sympy.Expr]:
    """Sums and factors of the residuals that are formulas in bound coordinates alone."""
    bound = set(constraint.region.names)
    parts: dict[sympy.Expr, None] = {}

    def is_formula(node: sympy.Basic) -> bool:
        opaque = any(isinstance(n, Field | sympy.Subs | sympy.Derivative) for n in sympy.preorder_traversal(node))
        symbols = node.atoms(sympy.Symbol)
        return not opaque and bool(symbols) and all(isinstance(s, Coordinate) and s.name in bound for s in symbols)

    def visit(node: sympy.Basic) -> None:
        if not isinstance(node, sympy.Expr) or isinstance(node, Field | DifferentialOperator):
            return
        if is_formula(node):
            if node.args:
                parts[node] = None
            return
        if isinstance(node, sympy.Add | sympy.Mul):
            formulas = [a for a in node.args if is_formula(a)]
            if formulas and any(a.args for a in formulas):
                parts[node.func(*formulas)] = None
            for child in node.args:
                if child not in formulas:
                    visit(child)
            return
        if not isinstance(node, sympy.Piecewise):
            for child in node.args:
                visit(child)

    for component in constraint.components:
        visit(component)
    return list(parts)


def _order(
    equation: Constraint | sympy.Basic,
    unknown: UnknownField,
    coordinate: Coordinate | None,
    *,
    lowest: bool = False,
) -> int:
    """Highest (or lowest) order in which an unknown is differentiated, by one coordinate or in all; −1 if absent."""
    roots = equation.components if isinstance(equation, Constraint) else (equation,)
    orders: list[int] = []

    def visit(node: sympy.Basic) -> None:
        if isinstance(node, DifferentialOperator):
            visit(node.doit())
        elif isinstance(node, sympy.Derivative) and isinstance(node.expr, Unknown):
            if node.expr.label.name == unknown.name:
                counts = [int(n) for v, n in node.variable_count if coordinate is None or v.name == coordinate.name]
                orders.append(sum(counts))
        elif isinstance(node, Unknown):
            if node.label.name == unknown.name:
                orders.append(0)
        else:
            for child in node.args:
                visit(child)

    for root in roots:
        visit(root)
    return (min if lowest else max)(orders, default=-1)


def _has_data_inside(problem: "Problem", unknown: UnknownField) -> bool:
    """Whether values of the unknown are given inside, as in an inverse problem."""
    return any(
        (constraint.region.dimension == problem.dimension or constraint.region.measured())
        and _order(component, unknown, None) == 0
        for constraint in problem.constraints
        for component in constraint.components
    )
