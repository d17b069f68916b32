"""The figures that were looked at."""

from torch import nn

from pinr.solution.diagnosis.concentration import holding_half
from pinr.solution.diagnosis.conditions import violations
from pinr.solution.diagnosis.conflicts import cosines
from pinr.solution.diagnosis.evidence import Evidence
from pinr.solution.diagnosis.falling import fall
from pinr.solution.diagnosis.overfitting import new_over_old
from pinr.solution.diagnosis.unknown_sizes import network_size


def figures(evidence: Evidence) -> dict[str, float]:
    """Each by what it is, `residual of interior`."""
    found = {f"residual of {name}, relative to its terms": rms for name, rms in evidence.rms.items()}
    found |= {f"part of the loss by {name}": share for name, share in evidence.shares.items()}
    found |= {f"loss at new points over that at old ones, {name}": r for name, r in new_over_old(evidence).items()}
    found |= {
        f"part of the points with half of the loss, {name}": part for name, part in holding_half(evidence).items()
    }
    found |= {f"{name}, relative to the unknown": part for name, part in violations(evidence).items()}
    if angles := cosines(evidence):
        most_opposed = min(angles, key=lambda pair: angles[pair])
        found[f"cosine of the gradients, {' and '.join(most_opposed)}"] = angles[most_opposed]
    for assignment in evidence.program.assignments:
        for unknown in assignment.unknowns if not isinstance(assignment.choice, nn.Module) else ():
            size = network_size(evidence, assignment, unknown)
            if size is not None:
                expected = evidence.program.unknown_scales.get(unknown.name, 1.0)
                found[f"size of {unknown.name} over what its network was built for"] = size / expected
    factor = fall(evidence)
    return found if factor is None else {**found, "fall of the loss in the last fifth of the time": factor}
