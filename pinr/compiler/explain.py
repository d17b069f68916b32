"""A program explained: what is computed for every constraint, how, and at what cost."""

from typing import TYPE_CHECKING

from torch import nn

from pinr.compiler.integral_term import IntegralTerm
from pinr.compiler.plan import Query
from pinr.derivatives.engines.jets import tier_of

if TYPE_CHECKING:
    from pinr.compiler.program import Program


def explain_program(program: "Program") -> str:
    """Networks, then for every constraint its derivatives, engine and floating-point operations per point."""
    precision = str(program.dtype).removeprefix("torch.")
    lines = [f"{program.problem.name}, {precision} on {program.device}", "", "networks"]
    for assignment in program.assignments:
        module = program.networks[assignment.name]
        weights = sum(p.numel() for p in module.parameters())
        unknowns = ", ".join(
            f"{u.name}({', '.join(assignment.inputs)})"
            + (f" of {u.size} components" if u.size else "")
            + _scale_note(program.unknown_scales.get(u.name, 1.0))
            for u in assignment.unknowns
        )
        lines.append(f"  {assignment.name}: {assignment.choice}, {weights:,} weights, for {unknowns}")
    lines.append(f"  first-layer frequency where the recipe leaves it open: {program.frequency:.3g}")
    lines.append(f"jets and reverse mode run in {tier_of(program.device)}")
    if program.problem.parameters:
        lines.append(f"parameters: {', '.join(p.name for p in program.problem.parameters)}")
    for name, constraint in program.problem.named_constraints.items():
        block = program.blocks[name]
        weight = "balanced" if constraint.weight is None else f"{constraint.weight:g}"
        scales = ", ".join(f"{s:.3g}" for s in program.scales[name].tolist())
        lines += [
            "",
            f"{name}: on {constraint.region!r}",
            f"  residuals {block.size}, rows {block.rows}, loss {constraint.loss}, weight {weight}, scale {scales}",
        ]
        lines += [_query_line(query, program.networks[query.network]) for query in block.queries]
        lines += [line for term in block.integrals for line in _integral_lines(term, program)]
        lines.append(
            f"  known once per draw: {len(block.known)} columns; then {len(block.tape.instructions)} operations"
        )
    lines += ["", *(f"note: {note}" for note in program.notes)]
    return "\n".join(lines).rstrip()


def flops_per_point(query: Query, network: nn.Module) -> float:
    """Floating-point operations of the matrix products, forward and backward, per point."""
    products = sum(p.numel() for p in network.parameters() if p.dim() == 2)
    return 2.0 * products * query.units


def _query_line(query: Query, network: nn.Module) -> str:
    arguments = ", ".join(map(str, query.arguments))
    return (
        f"  {query.network}({arguments}): {query.text}\n"
        f"    engine {query.engine.name}, {query.request.size} channels, "
        f"{flops_per_point(query, network):,.0f} FLOPs per point and step"
    )


def _integral_lines(term: IntegralTerm, program: "Program") -> list[str]:
    where = f" for every {', '.join(term.free)}" if term.free else ""
    count = term.domain.quadrature(term.nodes).count
    inner = (_query_line(query, program.networks[query.network]) for query in term.block.queries)
    return [f"  integrals over {term.domain!r}{where}: {count} nodes", *(line.replace("\n", "\n  ") for line in inner)]


def _scale_note(scale: float) -> str:
    return "" if scale == 1 else f" (size about {scale:g})"
