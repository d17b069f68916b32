"""From samples to a draw."""

from collections.abc import Mapping, Sequence

from pinr.compiler.counts import has_free_points
from pinr.compiler.program import Program
from pinr.geometry.samples import Samples
from pinr.training.sampling.draw import Draw


def assembled(program: Program, samples: Mapping[str, Sequence[Samples]], *, seed: int, number: int) -> Draw:
    """A draw from the samples of every constraint, of which the first ones are fresh."""
    batch, fresh = {}, {}
    constraints = program.problem.named_constraints
    for k, (name, parts) in enumerate(samples.items()):
        whole = parts[0] if len(parts) == 1 else Samples.concatenate(parts)
        batch[name] = program.blocks[name].point_set(
            whole, dtype=program.dtype, device=program.device, seed=(seed, k, number)
        )
        if has_free_points(constraints[name]):
            fresh[name] = parts[0].count
    return Draw(batch, fresh)
