"""Points that follow a density."""

from collections.abc import Sequence

import numpy as np
import sympy
from numpy.typing import NDArray

from pinr.compiler.program import Program
from pinr.errors import DeclarationError
from pinr.geometry.samples import Samples
from pinr.geometry.sampling.sampler import AbstractSampler, generator
from pinr.language.evaluation import evaluate
from pinr.training.sampling.counts import is_inside

CANDIDATES = 16  # points looked at for each one that a density chooses: it is followed up to this contrast


def spread(
    program: Program,
    name: str,
    count: int,
    *,
    sampler: AbstractSampler,
    density: sympy.Expr | None,
    seed: tuple[int, ...],
) -> Samples:
    """Points of a constraint, new and without regard to residuals: even, or inside by a density.

    Each is a set of its own and no part of another: the beginning of a set misses some of the charts of a region.
    """
    region = program.problem.named_constraints[name].region
    if density is None or not is_inside(program, name):
        return region.sample(count, sampler=sampler, seed=seed)
    candidates = region.sample(CANDIDATES * count, sampler=sampler, seed=seed)
    values = density_values(density, candidates)
    if np.count_nonzero(values) < min(count, candidates.count):
        message = (
            f"`density={density}` is zero in nearly all of {region!r}: of {candidates.count} points "
            f"{np.count_nonzero(values)} are left for the {count} wanted. Make it small there and not zero, or write "
            "the equation on a part of the region, `on(region.where(...), ...)`."
        )
        raise DeclarationError(message)
    return thinned(candidates, values, count, seed=(*seed, 3))


def density_values(density: sympy.Expr, samples: Samples) -> NDArray[np.float64]:
    """The density at the points, `(N,)`.

    Raises:
        DeclarationError: It is negative, not finite, or zero everywhere, or has symbols without values.
    """
    values = np.broadcast_to(np.asarray(evaluate(density, samples.points), dtype=np.float64), (samples.count,))
    bad = np.flatnonzero(~np.isfinite(values) | (values < 0))
    if bad.size or not values.any():
        where = bad[0] if bad.size else 0
        place = ", ".join(f"{name} = {p[where]:g}" for name, p in samples.points.items())
        everywhere = "" if bad.size else " and everywhere else"
        message = (
            f"`density={density}` is {values[where]:g} at {place}{everywhere}. "
            "A density is finite, nowhere negative and somewhere positive."
        )
        raise DeclarationError(message)
    return values


def thinned(samples: Samples, density: NDArray[np.float64], count: int, *, seed: Sequence[int]) -> Samples:
    """So many of the samples, without replacement, with probabilities proportional to a density.

    Those with the smallest `E_i / p_i`, where the `E_i` are independent exponential numbers.

    Reference: Efraimidis, Spirakis, Inf. Process. Lett. 97, 2006.
    """
    waiting = generator(seed).standard_exponential(samples.count)
    with np.errstate(divide="ignore"):
        keys = waiting / density
    chosen = np.argpartition(keys, count - 1)[:count] if count < samples.count else np.arange(samples.count)
    mask = np.zeros(samples.count, dtype=bool)
    mask[chosen] = True
    return samples.restrict(mask)
