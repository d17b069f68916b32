"""From samples to a draw."""

from collections.abc import Mapping, Sequence

from pinr.compiler.counts import has_free_points
from pinr.compiler.program import Program
from pinr.geometry.samples import Samples
from pinr.training.sampling.draw import Draw


def assembled(
    program: Program, samples: Mapping[tuple[str, ...], Sequence[Samples]], *, seed: int, number: int
) -> Draw:
    """A draw from the samples of constraints, some of which have theirs in common; of each the first are fresh."""
    batch, fresh = {}, {}
    wholes = {names: parts[0] if len(parts) == 1 else Samples.concatenate(parts) for names, parts in samples.items()}
    group = {name: names for names in samples for name in names}
    for k, (name, constraint) in enumerate(program.trained.items()):
        names = group[name]
        batch[name] = program.blocks[name].point_set(
            wholes[names], dtype=program.dtype, device=program.device, seed=(seed, k, number)
        )
        if has_free_points(constraint):
            fresh[name] = samples[names][0].count
    return Draw(batch, fresh)
