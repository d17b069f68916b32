"""A program: a compiled problem, as pure functions of parameters and points."""

import copy
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, final

import sympy
import torch
from torch import Tensor, nn

from pinr.compiler.block import Answers, Block, PointSet, compile_block, initial_parameters
from pinr.compiler.collect import collect
from pinr.compiler.companions import companions_of, joined, on_same_points
from pinr.compiler.complex_parts import complex_parts
from pinr.compiler.counts import point_count
from pinr.compiler.fields import Assignment, NetworkChoices, assign, build_network, check_output
from pinr.compiler.loss import mean_loss
from pinr.compiler.periodicity import check_periodic, periodic_intervals
from pinr.compiler.scales import first_frequency, residual_scales, unknown_scales
from pinr.declaration.ansatz import Exactness, exactness_of
from pinr.declaration.constraint import Constraint
from pinr.declaration.problem import Problem
from pinr.derivatives.jet import MissingRuleError
from pinr.errors import CompilationError, DeclarationError
from pinr.geometry.samples import Samples
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.geometry.sampling.sampler import AbstractSampler
from pinr.language.parameters import Parameter

Batch = Mapping[str, PointSet]
Parameters = dict[str, Tensor]

DTYPES = {"float32": torch.float32, "float64": torch.float64}


@final
@dataclass(frozen=True)
class Program:
    """Residuals and loss of a problem on networks; nothing in it changes when it is used.

    Attributes:
        problem: What was compiled.
        assignments: The unknowns of each network.
        networks: The modules by name; their own weights are the initial ones of seed 0 and serve as
            templates, the weights in use are always an argument.
        blocks: One per constraint.
        scales: Size of each residual's terms by constraint, `(components,)`: residuals are divided by it.
        notes: What was found worth saying while compiling.
        exactness: Which conditions hold whatever the networks give. A constraint of which all do has no rows in
            training; its residual can be evaluated all the same.
    """

    problem: Problem
    assignments: tuple[Assignment, ...]
    networks: Mapping[str, nn.Module]
    blocks: Mapping[str, Block]
    scales: Mapping[str, Tensor]
    frequency: float
    unknown_scales: Mapping[str, float]
    dtype: torch.dtype
    device: torch.device
    notes: tuple[str, ...] = field(default=())
    exactness: Exactness = field(default_factory=Exactness)

    @property
    def trained(self) -> Mapping[str, Constraint]:
        """The constraints that training has to meet: those that the ansatz does not."""
        met = self.exactness.met
        named = self.problem.named_constraints.items()
        return {name: c for name, c in named if len(met.get(name, ())) < len(c.components)}

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        """The numbers that are trained beside the networks: those to identify, and the factors of singular terms."""
        return (*self.problem.parameters, *self.exactness.parameters)

    def initial(self, seed: int = 0) -> Parameters:
        """Fresh parameters: the weights of every network and the numbers to identify, by name."""
        generator = torch.Generator().manual_seed(seed)
        found: Parameters = {}
        for assignment in self.assignments:
            module = build_network(
                assignment,
                bounds=self.problem.bounds,
                scales=self.unknown_scales,
                frequency=self.frequency,
                generator=generator,
                periodic=periodic_intervals(self.problem, assignment),
            )
            for name, weight in module.named_parameters():
                if not weight.requires_grad:
                    continue  # a user's module may have frozen weights; they stay where they are
                found[f"{assignment.name}.{name}"] = weight.detach().clone()
        found |= initial_parameters(self.numbers)
        return {
            name: value.to(dtype=self.dtype, device=self.device).requires_grad_(True) for name, value in found.items()
        }

    def batch(
        self,
        seed: int = 0,
        *,
        draw: int = 0,
        sampler: AbstractSampler | None = None,
        points: Mapping[str, int] | None = None,
        names: Collection[str] | None = None,
    ) -> Batch:
        """Points of every constraint, with what is known there; constraints in one region have them in common.

        Args:
            seed: Seed of the run.
            draw: Number of the draw; other draws give other points.
            sampler: How points are spread; Sobol by default.
            points: Counts by constraint, in place of the declared ones.
            names: The only constraints, such as those that are `trained`; None for all.
        """
        sampler = sampler or Sobol()
        found = {}
        drawn: dict[tuple[str, int], Samples] = {}
        numbers = {name: number for number, name in enumerate(self.problem.named_constraints)}
        first = {name: group[0] for group in self.companions for name in group}
        for name, constraint in self.problem.named_constraints.items():
            if names is not None and name not in names:
                continue
            count = (points or {}).get(name) or point_count(constraint)
            leader = first[name]
            if (leader, count) not in drawn:
                key = (seed, numbers[leader], draw)
                drawn[leader, count] = constraint.region.sample(count, sampler=sampler, seed=key)
            found[name] = self.blocks[name].point_set(
                drawn[leader, count], dtype=self.dtype, device=self.device, seed=(seed, numbers[name], draw)
            )
        return found

    def residuals(self, parameters: Mapping[str, Tensor], batch: Batch) -> dict[str, Tensor]:
        """`{constraint name: (points, components)}`, unreduced, unweighted, in the equations' own units.

        Near edges where prescribed values jump they are relieved, see `Exactness.relieved`.

        Of the constraints whose points the batch has: usually all. Those that have their points in common share the
        networks' answers.
        """
        found = {}
        for names in on_same_points(batch):
            if len(names) == 1:
                found[names[0]] = self.blocks[names[0]].values(self.networks, parameters, batch[names[0]])
                continue
            answers: Answers = {}
            for name in names:
                found[name] = self._joined[name].values(self.networks, parameters, batch[name], answers)
        return {name: found[name] for name in batch}

    @cached_property
    def companions(self) -> tuple[tuple[str, ...], ...]:
        """The constraints in groups of equal regions: where they also want equally many points, they get the same."""
        return companions_of(self.problem.named_constraints)

    @cached_property
    def _joined(self) -> Mapping[str, Block]:
        """The blocks for points that all companions have in common."""
        outputs = {a.name: a.outputs for a in self.assignments}
        groups = ({n: self.blocks[n] for n in names if n in self.trained} for names in self.companions)
        return {**self.blocks, **{n: b for group in groups for n, b in joined(group, outputs).items()}}

    def losses(self, parameters: Mapping[str, Tensor], batch: Batch) -> dict[str, Tensor]:
        """The mean loss of every constraint, unweighted, of scaled residuals; points count by their factors."""
        constraints = self.problem.named_constraints
        return {
            name: mean_loss(residual, constraints[name].loss, self.scales[name], batch[name].factors)
            for name, residual in self.residuals(parameters, batch).items()
        }

    def loss(
        self,
        parameters: Mapping[str, Tensor],
        batch: Batch,
        weights: Mapping[str, float | Tensor] | None = None,
    ) -> Tensor:
        """The weighted scalar. Given weights of constraints count; the others are 1 or as in `weights`."""
        return weighted_sum(self.losses(parameters, batch), self.weights(weights))

    def weights(self, balanced: Mapping[str, float | Tensor] | None = None) -> dict[str, float | Tensor]:
        """The weight of every constraint: the declared one, else the balanced one, else 1."""
        balanced = balanced or {}
        return {
            name: constraint.weight if constraint.weight is not None else balanced.get(name, 1.0)
            for name, constraint in self.problem.named_constraints.items()
        }

    def to(self, *, dtype: str | torch.dtype | None = None, device: str | torch.device | None = None) -> "Program":
        """The same program in another precision or on another device."""
        new_dtype, new_device = as_dtype(dtype or self.dtype), torch.device(device or self.device)
        networks = {
            name: copy.deepcopy(module).to(dtype=new_dtype, device=new_device) for name, module in self.networks.items()
        }
        scales = {name: s.to(dtype=new_dtype, device=new_device) for name, s in self.scales.items()}
        return replace(self, networks=networks, scales=scales, dtype=new_dtype, device=new_device)

    @cached_property
    def in_single(self) -> "Program":
        """The same program in float32."""
        return self.to(dtype="float32")

    @cached_property
    def in_double(self) -> "Program":
        """The same program in float64."""
        return self if self.dtype == torch.float64 else self.to(dtype="float64")

    def explain(self, *, measure: bool = False) -> str:
        """Derivatives, engine and cost of every constraint, as text.

        Args:
            measure: Whether to run a few steps and tell their time beside the prediction.
        """
        from pinr.compiler.explain import explain_program

        return explain_program(self, measure=measure)


def compile_problem(
    problem: Problem,
    network: NetworkChoices,
    *,
    dtype: str | torch.dtype = "float32",
    device: str | torch.device = "cpu",
    exact: bool = True,
) -> Program:
    """Compile a problem for networks.

    Args:
        problem: What to solve.
        network: One recipe or module for all unknowns, or a mapping from unknowns to them.
        dtype: `float32` or `float64`.
        device: Where it runs, as torch names it.
        exact: Whether conditions are built into the unknowns where that is sound, see `on(..., exact=)`.

    Raises:
        DeclarationError: Networks that do not fit, units that clash, values that are not finite.
        CompilationError: An expression without a rule.
    """
    _check_unknowns(problem)
    _check_units(problem)
    _check_complex(problem)
    assignments = assign(problem.unknowns, network)
    exactness = _exactness(problem, assignments) if exact else Exactness()
    fields = {text: c for a in assignments for text, c in a.components.items()}
    blocks = {
        name: compile_block(name, exactness.relieved(name, constraint.components), fields, exactness.ansaetze)
        for name, constraint in problem.named_constraints.items()
    }
    frequency = first_frequency(problem, exactness)
    scales = unknown_scales(problem, blocks, assignments, exactness)
    generator = torch.Generator().manual_seed(0)
    periodic = {a.name: periodic_intervals(problem, a) for a in assignments}
    networks = {
        a.name: build_network(
            a,
            bounds=problem.bounds,
            scales=scales,
            frequency=frequency,
            generator=generator,
            periodic=periodic[a.name],
        )
        for a in assignments
    }
    program = Program(
        problem,
        assignments,
        networks,
        blocks,
        {},
        frequency,
        scales,
        torch.float64,
        torch.device("cpu"),
        exactness=exactness,
    ).to(dtype="float64")
    for assignment in assignments:
        check_output(assignment, program.networks[assignment.name], torch.float64)
        check_periodic(assignment, program.networks[assignment.name], problem.bounds, periodic[assignment.name])
    program = with_rules_everywhere(program)
    program = replace(program, scales=residual_scales(problem, program.blocks, assignments, scales, exactness))
    return program.to(dtype=dtype, device=device)


def _exactness(problem: Problem, assignments: Sequence[Assignment]) -> Exactness:
    """The ansätze of the unknowns on recipes; a user's own module is the unknown as it is."""
    found = exactness_of(problem)
    own = {label for a in assignments if isinstance(a.choice, nn.Module) for u in a.unknowns for label in u.labels}
    return found.without(own, "its network is a module of your own, which is the unknown as it is", problem)


def _check_unknowns(problem: Problem) -> None:
    """Refuse a problem without unknowns, and unknowns over coordinates that no region binds."""
    if not problem.unknowns:
        message = f"{problem.name}: there is no unknown in any equation. Declare one with `unknown(...)`."
        raise DeclarationError(message)
    for unknown in problem.unknowns:
        for coordinate in unknown.coordinates:
            if coordinate.name not in problem.bounds:
                message = (
                    f"{problem.name}: `{unknown.name}` depends on `{coordinate.name}`, which no region "
                    "binds. Add a constraint on a region with this coordinate, or declare the unknown without it."
                )
                raise DeclarationError(message)


def _check_units(problem: Problem) -> None:
    """Refuse equations in which units clash: their numbers mean nothing."""
    for constraint in problem.constraints:
        if constraint.clash:
            message = f"{constraint.described}: {constraint.clash}"
            raise DeclarationError(message)


def _check_complex(problem: Problem) -> None:
    """Refuse complex equations of which one part says nothing about any unknown."""
    for constraint in problem.constraints:
        written = [component for component in constraint.components if component.has(sympy.I)]
        collected = collect(written)
        trained = {s for s, a in collected.atoms.items() if a.is_unknown} | set(collected.integrals)
        trained |= set(problem.parameters)
        for component, original in zip(collected.components, written, strict=True):
            for word, part in zip(("real", "imaginary"), complex_parts(component), strict=True):
                if part != 0 and not part.free_symbols & trained:
                    message = (
                        f"{constraint.described}: in the {word} part of `{original} = 0` there is no unknown, so that "
                        "no training can make it vanish. Declare complex unknowns with `unknown(..., complex=True)`."
                    )
                    raise DeclarationError(message)


def with_rules_everywhere(program: Program) -> Program:
    """Try every block on a few points; networks that jets cannot pass get nested autograd."""
    parameters = program.initial()
    blocks, notes = dict(program.blocks), list(program.notes)
    for name, constraint in program.problem.named_constraints.items():
        samples = constraint.region.sample(4, sampler=Sobol(), seed=0)
        points = blocks[name].point_set(samples, dtype=program.dtype, device=program.device)
        for network in program.networks:
            alone = blocks[name]
            for other in program.networks:
                alone = alone.without_rules(other) if other != network else alone
            try:
                alone.values(program.networks, parameters, points)
            except MissingRuleError as error:
                blocks[name] = blocks[name].without_rules(network)
                note = f"the network of {network} is differentiated by nested autograd: {error}"
                notes += [note] if note not in notes else []
    return replace(program, blocks=blocks, notes=tuple(notes))


def weighted_sum(losses: Mapping[str, Tensor], weights: Mapping[str, float | Tensor]) -> Tensor:
    """`Σ λ_k L_k`."""
    total: Any = 0.0
    for name, loss in losses.items():
        total = total + weights[name] * loss
    return total


def as_dtype(dtype: str | torch.dtype) -> torch.dtype:
    """`float32` or `float64` by name or as torch has it."""
    found = DTYPES.get(dtype) if isinstance(dtype, str) else dtype
    if found is None or found not in DTYPES.values():
        message = f"dtype={dtype!r}: choose one of {', '.join(DTYPES)}."
        raise CompilationError(message)
    return found
