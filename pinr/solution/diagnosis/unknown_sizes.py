"""Unknowns that are far larger or smaller than their networks were built for."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pinr.compiler.block import bound_network
from pinr.compiler.fields import Assignment
from pinr.declaration.unknowns import UnknownField
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.solution.compiled import compile_expression
from pinr.solution.diagnosis.diagnosis import Symptom
from pinr.solution.diagnosis.evidence import Evidence
from pinr.solution.evaluate import values_at
from pinr.solution.inside import regions_of

FAR = 10.0  # a factor of ten in an unknown is one of a hundred in the losses
POINTS = 1024  # of every region where an unknown lives
VANISHING = 1e-6  # of the size that was expected: the unknown is 0, which no other size describes better


def unknowns_off_scale(evidence: Evidence) -> Iterator[Symptom]:
    """Unknowns whose network gives something of another size than it was built for.

    Where conditions are met exactly, `u = g + D n`, the network's part is `n`. Modules of one's own are the unknown
    as they are, and built for whatever their maker had in mind.
    """
    for assignment in evidence.program.assignments:
        if isinstance(assignment.choice, nn.Module):
            continue
        for unknown in assignment.unknowns:
            size = network_size(evidence, assignment, unknown)
            expected = evidence.program.unknown_scales.get(unknown.name, 1.0)
            if size is not None and (size > FAR * expected or VANISHING * expected < size < expected / FAR):
                yield Symptom(
                    "scale",
                    f"the network of `{unknown.name}` gives values of size {size:.2g}, and was built for "
                    f"{expected:.2g}.",
                    f"Unless it is meant to vanish, write `{unknown.name}` in units of its size: put "
                    f"{float(f'{size:.0e}'):g} times a new unknown in its place, so that the new one is about 1.",
                    {"size": size, "expected": expected},
                )


def network_size(evidence: Evidence, assignment: Assignment, unknown: UnknownField) -> float | None:
    """The root mean square of the network's output for an unknown, where this lives; None where that is unknown."""
    points = _points(evidence, unknown)
    if points is None:
        return None
    program = evidence.program
    inputs = torch.as_tensor(np.stack([points[n] for n in assignment.inputs], axis=1), device=program.device)
    with torch.no_grad():
        values = bound_network(program.networks, assignment.name, evidence.parameters)(inputs)
    columns = [assignment.components[text].number for text in unknown.real_components]
    return float(values[:, columns].square().sum(dim=1).mean().sqrt())


def unknown_size(evidence: Evidence, unknown: UnknownField) -> float | None:
    """The root mean square of an unknown, of a vector its length, where it lives; None where that is unknown."""
    points = _points(evidence, unknown)
    if points is None:
        return None
    compiled = compile_expression(evidence.program, unknown.expression)
    values = values_at(evidence.solution, compiled, points, count=len(next(iter(points.values()))))
    return float(np.sqrt(np.mean(np.sum(np.abs(values) ** 2, axis=1))))


def _points(evidence: Evidence, unknown: UnknownField) -> Mapping[str, NDArray[np.float64]] | None:
    names = [c.name for c in unknown.coordinates]
    regions = [r for r in regions_of(evidence.program.problem, unknown.name) if set(names) <= set(r.names)]
    if not regions:
        return None
    parts = [region.sample(POINTS, sampler=Sobol(), seed=0).points for region in regions]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}
