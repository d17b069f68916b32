"""A program explained: what is computed for every constraint, how, and at what cost."""

from typing import TYPE_CHECKING

from pinr.compiler.cost import cost_of_block, cost_of_query
from pinr.compiler.counts import point_count
from pinr.compiler.integral_term import IntegralTerm
from pinr.compiler.measured import measured_times
from pinr.compiler.plan import Query
from pinr.declaration.ansatz.exactness import RELIEF
from pinr.derivatives.engines.jets import tier_of

if TYPE_CHECKING:
    from pinr.compiler.program import Program


def explain_program(program: "Program", *, measure: bool = False) -> str:
    """Networks, then for every constraint its derivatives, engine and predicted cost; measured too if asked for."""
    times = measured_times(program) if measure else {}
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
    lines += _exactness_lines(program)
    for name, constraint in program.problem.named_constraints.items():
        if name not in program.trained:
            lines += ["", f"{name}: on {constraint.region!r}", "  met exactly, no rows in training"]
            continue
        block = program.blocks[name]
        weight = "balanced" if constraint.weight is None else f"{constraint.weight:g}"
        scales = ", ".join(f"{s:.3g}" for s in program.scales[name].tolist())
        lines += [
            "",
            f"{name}: on {constraint.region!r}",
            f"  residuals {block.size}, rows {block.rows}, loss {constraint.loss}, weight {weight}, scale {scales}",
        ]
        others = [n for n in next(g for g in program.companions if name in g) if n != name and n in program.trained]
        others = [n for n in others if point_count(program.trained[n]) == point_count(constraint)]
        lines += [f"  same points as {', '.join(others)}: each network is evaluated once for all"] if others else []
        lines += [_query_line(query, program) for query in block.queries]
        lines += [line for term in block.integrals for line in _integral_lines(term, program)]
        lines.append(
            f"  known once per draw: {len(block.known)} columns; then {len(block.tape.instructions)} operations"
        )
        cost = cost_of_block(block, program.networks, dtype=program.dtype, device=program.device)
        count = point_count(constraint)
        took = f"; measured {1e3 * times[name]:.3g} ms a step" if name in times else ""
        flops, memory = f"{count * cost.flops / 1e9:.3g} GFLOP a step", f"{count * cost.memory / 1e6:.3g} MB kept"
        lines.append(f"  {count:,} points: {flops}, {memory}{took}")
    lines += ["", *(f"note: {note}" for note in program.notes)]
    return "\n".join(lines).rstrip()


def _exactness_lines(program: "Program") -> list[str]:
    """What is built into the unknowns, and why the other conditions are not."""
    found = program.exactness
    lines = []
    for label, ansatz in found.ansaetze.items():
        lines.append(f"  {ansatz.text(label.text)}, where n is the network's output")
    for name, numbers in found.met.items():
        some = "" if name not in program.trained else f", equation {', '.join(str(n + 1) for n in sorted(numbers))}"
        lines.append(f"  exact: {name}{some}")
    lines += [f"  trained: {name}, because {reason}" for name, reasons in found.reasons.items() for reason in reasons]
    for name, jumps in found.jumps.items():
        squares = " and ".join(f"r² = {r2}" for r2 in jumps)
        lines.append(
            f"  relieved: {name}, for each order of derivatives by √(r²/(r² + {float(RELIEF**2):g})) with {squares}, "
            "because prescribed values jump where r = 0"
        )
    return ["conditions", *lines] if lines else []


def _query_line(query: Query, program: "Program") -> str:
    cost = cost_of_query(query, program.networks[query.network], dtype=program.dtype, device=program.device)
    arguments = ", ".join(map(str, query.arguments))
    return (
        f"  {query.network}({arguments}): {query.text}\n"
        f"    engine {query.engine.name}, {query.request.size} channels, "
        f"{cost.flops:,.0f} FLOPs per point and step"
    )


def _integral_lines(term: IntegralTerm, program: "Program") -> list[str]:
    where = f" for every {', '.join(term.free)}" if term.free else ""
    count = term.domain.quadrature(term.nodes).count
    inner = (_query_line(query, program) for query in term.block.queries)
    return [f"  integrals over {term.domain!r}{where}: {count} nodes", *(line.replace("\n", "\n  ") for line in inner)]


def _scale_note(scale: float) -> str:
    return "" if scale == 1 else f" (size about {scale:g})"
