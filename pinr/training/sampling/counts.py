"""How many points a draw has."""

import math
from collections.abc import Iterator

from pinr.compiler.counts import has_free_points, point_count
from pinr.compiler.program import Program


def counts_of(program: Program, factor: float = 1.0) -> dict[str, int]:
    """How many points every trained constraint gets: the declared or usual number, more of them by a factor.

    Measured points are as many as they are, those of a grid are at most all of it, and a condition on integrals is one
    row.
    """
    counts = {}
    for name, constraint in program.trained.items():
        usual, most = point_count(constraint), constraint.region.population or math.inf
        grown = math.ceil(min(factor * usual, max(usual, most)))
        counts[name] = grown if has_free_points(constraint) else usual
    return counts


def shared_counts(program: Program, factor: float = 1.0) -> Iterator[tuple[int, tuple[str, ...], int]]:
    """Constraints that get the same points, with how many, and the place of the first one: it goes into the seed."""
    counts = counts_of(program, factor)
    places = {name: place for place, name in enumerate(counts)}
    for names in program.companions:
        by_count: dict[int, list[str]] = {}
        for name in names:
            if name in counts:
                by_count.setdefault(counts[name], []).append(name)
        for count, some in by_count.items():
            yield places[some[0]], tuple(some), count


def factor_for_rows(program: Program, wanted: float) -> float:
    """How many times the usual points give so many rows of residuals; at least 1, and 1 where no points are free.

    What is measured has its rows once, and cannot give more.
    """
    constraints = program.problem.named_constraints
    rows = {name: count * program.blocks[name].size for name, count in counts_of(program).items()}
    free = sum(count for name, count in rows.items() if has_free_points(constraints[name]))
    missing = wanted - sum(rows.values())
    return 1.0 + max(0.0, missing) / free if free else 1.0


def factor_for_points(program: Program, wanted: float) -> float:
    """How many times the usual points are so many places inside; at least 1. Constraints in one region share theirs."""
    inside = sum(count for _, names, count in shared_counts(program) if is_inside(program, names[0]))
    return max(1.0, wanted / inside) if inside else 1.0


def is_exhausted(program: Program, name: str, count: int) -> bool:
    """Whether so many points are all that there are, as the pixels of an image: then none is worth choosing."""
    return program.problem.named_constraints[name].region.population == count


def is_inside(program: Program, name: str) -> bool:
    """Whether a constraint holds in a region of the problem's full dimension, on no boundary and no slice."""
    constraint = program.problem.named_constraints[name]
    return has_free_points(constraint) and constraint.region.dimension == program.problem.dimension
