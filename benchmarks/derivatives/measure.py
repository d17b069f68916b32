"""Times of all methods of one work, interleaved, after their gradients have been compared."""

import copy
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import torch

from benchmarks.derivatives.engines import COMPILED, HESSIANS, NESTED, REVERSE, Method, engines_for
from benchmarks.derivatives.works import DEPTH, Work

ROWS = 1024  # of a block of the floor: its factors and product stay in a second-level cache of one megabyte


@dataclass(frozen=True)
class Times:
    """Medians in milliseconds.

    Attributes:
        floor: The matrix products of the jet method alone.
        methods: Every method.
        errors: Relative differences of the gradients from nested autograd's in float64.
        scaling: Time of one thread by that of all threads, wall clock, least of many rounds, because other programs
            can only add to it: for the floor and for pinr's compiled engines.
    """

    floor: float
    methods: dict[str, float]
    errors: dict[str, float]
    scaling: dict[str, float]


def times_of(work: Work, peers: dict[str, Method], rounds: int, threads: int) -> Times:
    """Interleaved rounds. CPU time with one thread, because machines are shared; wall-clock time with several.

    Raises:
        AssertionError: A method's gradient is not that of nested autograd.
    """
    module, points = work.network_and_points()
    engines = engines_for(work)
    steps = {name: build(work, module, points) for name, build in (engines | peers).items()}
    errors = _errors(work, steps)
    floor = floor_of(work)
    clock = time.process_time if threads == 1 else time.perf_counter
    taken: dict[str, list[float]] = {name: [] for name in ("floor", *steps)}
    for _ in range(rounds):
        for name, function in {"floor": floor, **steps}.items():
            taken[name].append(_milliseconds(function, clock))
    medians = {name: statistics.median(values) for name, values in taken.items()}
    compiled = {name: steps[name] for name in (COMPILED, REVERSE, HESSIANS) if name in steps}
    scaling = _scaling({"floor": floor, **compiled}, 5 * rounds, threads) if threads > 1 else {}
    return Times(medians.pop("floor"), medians, errors, scaling)


def _scaling(functions: dict[str, Callable[[], object]], rounds: int, threads: int) -> dict[str, float]:
    least: dict[tuple[str, int], float] = {}
    for _ in range(rounds):
        for count in (1, threads):
            torch.set_num_threads(count)
            for name, function in functions.items():
                taken = _milliseconds(function, time.perf_counter)
                least[name, count] = min(taken, least.get((name, count), math.inf))
    return {name: least[name, 1] / least[name, threads] for name in functions}


def _errors(work: Work, steps: dict[str, Callable[[], Sequence[Any]]]) -> dict[str, float]:
    """Of each gradient, relative to nested autograd in float64; none may be much worse than nested autograd itself."""
    module, points = work.network_and_points()
    exact = engines_for(work)[NESTED](work, copy.deepcopy(module).double(), points.double())
    reference = _flat(exact())
    errors = {name: float((_flat(step()) - reference).norm() / reference.norm()) for name, step in steps.items()}
    allowed = 8 * errors[NESTED] + 64 * torch.finfo(work.dtype).eps
    wrong = {name: error for name, error in errors.items() if not error <= allowed}
    assert not wrong, f"{work.name}: gradients differ from nested autograd's by {wrong}, allowed {allowed:.1e}"
    return errors


def _flat(gradients: Sequence[Any]) -> torch.Tensor:
    return torch.cat([torch.tensor(numpy.asarray(g)).double().flatten() for g in gradients])


def _milliseconds(function: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    function()
    return 1e3 * (clock() - start)


def floor_of(work: Work) -> Callable[[], None]:
    """`3 k` products of (points × width × width) per hidden layer, in blocks that stay in the cache."""
    width, count = work.width, round(work.channels_of_floor * work.points * (DEPTH - 1) / ROWS)
    a, b = (torch.randn(ROWS, width, dtype=work.dtype) for _ in range(2))
    w = torch.randn(width, width, dtype=work.dtype)
    out, small = torch.empty_like(a), torch.zeros_like(w)

    def products() -> None:
        for _ in range(count):
            torch.mm(a, w.t(), out=out)
        for _ in range(count):
            torch.mm(a, w, out=out)
        for _ in range(count):
            torch.addmm(small, a.t(), b, beta=0.5, out=small)  # adds, and stays finite

    return products
