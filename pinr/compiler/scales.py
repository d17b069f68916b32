"""Sizes of unknowns and residuals, estimated before training so that every number the optimizer sees is about 1.

A smooth probe, half a wave across the box around the regions (shorter in a region that is far thinner than its box and
has values held around it, `thinness`), stands in for the solution. Where an equation has a part `d` that is free of
unknowns, the probe times `α = rms d / rms L(probe)` balances it: the largest such α is the size of the unknown. A
residual is divided by the size that its terms then have.
"""

import math
from collections.abc import Mapping, Sequence
from typing import final

import numpy as np
import sympy
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pinr.compiler.block import Block, PointSet, initial_parameters
from pinr.compiler.collect import collect
from pinr.compiler.fields import Assignment
from pinr.compiler.known_values import known_values
from pinr.compiler.thinness import thinness
from pinr.declaration.ansatz import Exactness
from pinr.declaration.constraint import Constraint
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.geometry.samples import Points, Samples
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.language.known import AbstractKnown
from pinr.networks.scaling import Scaled

POINTS = 256
NEGLIGIBLE = 0.01  # data smaller than this part of the largest say nothing about frequencies
NOT_CANCELLED = 0.1  # of the size under another probe: a smaller one has cancelled, as on a symmetric boundary
NEAR_ONE = 3.0  # sizes within this factor of 1 are left alone, so that outputs stay in the user's units
FREQUENCIES = (4.0, 30.0)  # bounds of the suggested first-layer frequency
HALF_A_WAVE = math.pi / 2  # over [−1, 1]


@final
class Probe(nn.Module):
    """`√2 sin(k Σ c_i ξ_i + φ_c)`: half a wave over [−1, 1] along every input if nobody says k, a phase per component.

    With `is_irregular` the waves are shorter and longer, `c_i ≠ 1`, so that nothing cancels by symmetry.
    """

    def __init__(
        self, outputs: Sequence[float], *, is_irregular: bool = False, wavenumber: float = HALF_A_WAVE
    ) -> None:
        super().__init__()
        self.amplitudes = torch.tensor(outputs, dtype=torch.float64) * math.sqrt(2.0)
        self.phases = 0.3 + torch.arange(len(outputs), dtype=torch.float64)
        self.is_irregular, self.wavenumber = is_irregular, wavenumber

    def forward(self, points: Tensor) -> Tensor:
        inputs = points.shape[1]
        waves = torch.ones((inputs, len(self.phases)), dtype=torch.float64)
        if self.is_irregular:
            waves = waves * (0.6 + 0.37 * torch.arange(inputs, dtype=torch.float64))[:, None]
        return torch.sin(points @ waves * self.wavenumber + self.phases) * self.amplitudes


def unknown_scales(
    problem: Problem, blocks: Mapping[str, Block], assignments: Sequence[Assignment], exactness: Exactness
) -> dict[str, float]:
    """The expected size of every unknown, or of the network's part of it; 1 where the equations do not tell.

    Data of more than the highest suggested frequency, such as the Laplacian of a photograph, are compared with what a
    probe of their own wavenumber gives: what answers them is smaller by its square than half a wave would be.
    """
    points = _points(problem, blocks)
    silent = _probes(problem, assignments, {}, exactness)
    waves = {name: _probe_wavenumber(problem, name) for name in blocks}
    scales: dict[str, float] = {}
    for unknown in problem.unknowns:
        sizes = {unknown.name: 1.0}
        regular, irregular = (
            {k: _probes(problem, assignments, sizes, exactness, is_irregular=i, wavenumber=k) for k in waves.values()}
            for i in (False, True)
        )
        candidates = [
            data / _uncancelled(reaction, other)
            for name, block in blocks.items()
            for column, ((data, reaction), (_, other)) in enumerate(
                zip(
                    _sizes(block, points[name], silent, regular[waves[name]]),
                    _sizes(block, points[name], silent, irregular[waves[name]]),
                    strict=True,
                )
            )
            if column not in met_columns(block, exactness) and data > 0 and (reaction > 0 or other > 0)
        ]
        scale = max(candidates, default=1.0)
        near = 1 / NEAR_ONE <= scale <= NEAR_ONE
        scales[unknown.name] = 1.0 if near or not math.isfinite(scale) else float(f"{scale:.2g}")
    return scales


def residual_scales(
    problem: Problem,
    blocks: Mapping[str, Block],
    assignments: Sequence[Assignment],
    sizes: Mapping[str, float],
    exactness: Exactness,
) -> dict[str, Tensor]:
    """The size of the terms of every residual component, for unknowns of these sizes; 1 where it is always 0."""
    points = _points(problem, blocks)
    silent = _probes(problem, assignments, {}, exactness)
    full, irregular = (
        _probes(problem, assignments, sizes, exactness, is_irregular=irregular) for irregular in (False, True)
    )
    scales = {}
    for name, block in blocks.items():
        data = _values(block, points[name], silent)
        whole, other = (_values(block, points[name], probes) for probes in (full, irregular))
        size = torch.maximum(_rms(data), torch.maximum(_rms(whole), _rms(whole - data)))
        size = torch.where(size < NOT_CANCELLED * _rms(other - data), _rms(other - data), size)
        size[list(met_columns(block, exactness))] = 1.0
        scales[name] = torch.where(torch.isfinite(size) & (size > 0), size, torch.ones_like(size))
    return scales


def met_columns(block: Block, exactness: Exactness) -> tuple[int, ...]:
    """The columns of a block that are 0 whatever the networks give."""
    met = exactness.met.get(block.name, ())
    return tuple(column for number in met for column in block.parts[number] if column is not None)


def first_frequency(problem: Problem, exactness: Exactness) -> float:
    """ω₀ for the first layer: the wavenumber of the known data across the box, in [−1, 1] coordinates.

    Of every part of an equation that is free of unknowns, the root mean square slope over the root mean square
    value is taken along every coordinate; the largest counts, times the number of coordinates, because
    the first layer's weights are U(±ω₀/n). In a thin region solutions have shorter waves, whatever the data.
    """
    found = [pair for constraint in problem.constraints for pair in _sizes_and_wavenumbers(constraint)]
    largest = max((size for size, _ in found), default=0.0)
    wavenumber = max((k for size, k in found if size > NEGLIGIBLE * largest), default=0.0)
    inputs = max(len(u.coordinates) for u in problem.unknowns)
    low, high = FREQUENCIES
    low /= min(thinness(problem, unknown, exactness) for unknown in problem.unknowns)
    return float(min(max(inputs * wavenumber, low), high))


def _probe_wavenumber(problem: Problem, name: str) -> float:
    """Half a wave, or that of the data of a constraint where no suggested frequency reaches it."""
    found = _sizes_and_wavenumbers(problem.named_constraints[name])
    _, wavenumber = max(found, default=(0.0, 0.0))
    return wavenumber if wavenumber > FREQUENCIES[1] else HALF_A_WAVE


def _sizes_and_wavenumbers(constraint: Constraint) -> list[tuple[float, float]]:
    """Of the part of every equation that is free of unknowns, as far as it is no constant."""
    samples = constraint.region.sample(POINTS, sampler=Sobol(), seed=0)
    found: list[tuple[float, float]] = []
    for component in constraint.components:
        others = [f for f in constraint.fields if not isinstance(f.label.payload, AbstractKnown)]
        fixed = component.as_independent(*others, as_Add=True)[0] if others else component
        if fixed.free_symbols and not constraint.parameters:
            found.append(_size_and_wavenumber(fixed, samples.points, constraint.region.bounds))
    return found


def _size_and_wavenumber(
    expression: sympy.Expr, points: Points, bounds: Mapping[str, tuple[float, float]]
) -> tuple[float, float]:
    collected = collect((expression,))

    def values(at: Points) -> NDArray[np.float64]:
        return known_values(collected.components, Samples(at), collected.atoms)[0]

    try:
        here = values(points)
    except DeclarationError:  # normals are not known beside the boundary, complex numbers have no slope
        return 0.0, 0.0
    if not np.isfinite(here).all():  # refused, with the point, when the block is evaluated
        return 0.0, 0.0
    size = float(np.std(here)) or float(np.abs(here).mean())
    largest = 0.0
    for name, (low, high) in bounds.items():
        if low < high:
            # Inwards: gridded data are not known outside.
            step = np.where(points[name] < (low + high) / 2, 1e-4, -1e-4) * (high - low) / 2
            moved = values({**points, name: points[name] + step})
            slope = float(np.sqrt(np.nanmean(((moved - here) / 1e-4) ** 2)))
            if size > 0 and math.isfinite(slope):
                largest = max(largest, slope / size)
    return size, largest


def _points(problem: Problem, blocks: Mapping[str, Block]) -> dict[str, PointSet]:
    cpu = torch.device("cpu")
    return {
        name: blocks[name].point_set(
            constraint.region.sample(POINTS, sampler=Sobol(), seed=0), dtype=torch.float64, device=cpu
        )
        for name, constraint in problem.named_constraints.items()
    }


def _probes(
    problem: Problem,
    assignments: Sequence[Assignment],
    sizes: Mapping[str, float],
    exactness: Exactness,
    *,
    is_irregular: bool = False,
    wavenumber: float = HALF_A_WAVE,
) -> dict[str, nn.Module]:
    return {
        a.name: Scaled(
            Probe(
                [sizes.get(u.name, 0.0) for u in a.unknowns for _ in u.real_components],
                is_irregular=is_irregular,
                wavenumber=max(wavenumber, HALF_A_WAVE * _shortening(problem, a, exactness)),
            ),
            [problem.bounds[name] for name in a.inputs],
            [1.0] * a.outputs,
        )
        for a in assignments
    }


def _shortening(problem: Problem, assignment: Assignment, exactness: Exactness) -> float:
    """How many times shorter waves are in a region that is thinner than its box."""
    return float(min(thinness(problem, unknown, exactness) for unknown in assignment.unknowns) ** -0.5)


def _sizes(
    block: Block,
    points: PointSet,
    silent: Mapping[str, nn.Module],
    alone: Mapping[str, nn.Module],
) -> list[tuple[float, float]]:
    data = _values(block, points, silent)
    reaction = _values(block, points, alone) - data
    return list(zip(_rms(data).tolist(), _rms(reaction).tolist(), strict=True))


def _values(block: Block, points: PointSet, networks: Mapping[str, nn.Module]) -> Tensor:
    with torch.no_grad():
        return block.values(networks, initial_parameters(block.numbers), points).detach()


def _uncancelled(size: float, other: float) -> float:
    """A size, or that under another probe where the first has cancelled."""
    return other if size < NOT_CANCELLED * other else size


def _rms(values: Tensor) -> Tensor:
    finite = torch.where(torch.isfinite(values), values, torch.zeros_like(values))
    return finite.square().mean(dim=0).sqrt()
