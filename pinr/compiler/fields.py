"""Unknowns on networks: which component of which network is which unknown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor, nn

from pinr.compiler.plan import Component
from pinr.declaration.unknowns import UnknownField
from pinr.errors import DeclarationError
from pinr.language.fields import Unknown, fields_in
from pinr.language.operators import Expression
from pinr.networks.periodic import Periodic
from pinr.networks.recipe import AbstractRecipe
from pinr.networks.scaling import Scaled

NetworkChoice = AbstractRecipe | nn.Module
NetworkChoices = NetworkChoice | Mapping[Expression, NetworkChoice]


@final
@dataclass(frozen=True)
class Assignment:
    """One network and the unknowns that share it; all have the same coordinates."""

    name: str
    choice: NetworkChoice
    unknowns: tuple[UnknownField, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.unknowns[0].coordinates)

    @property
    def outputs(self) -> int:
        return sum(len(u.real_components) for u in self.unknowns)

    @property
    def components(self) -> dict[str, Component]:
        names = [name for u in self.unknowns for name in u.real_components]
        return {name: Component(self.name, i, len(names)) for i, name in enumerate(names)}


def assign(unknowns: Sequence[UnknownField], choices: NetworkChoices) -> tuple[Assignment, ...]:
    """Put the unknowns on networks: one network for each distinct tuple of coordinates, or as the mapping says.

    Raises:
        DeclarationError: The mapping misses an unknown or names something that is none, or a choice
            is no network.
    """
    if not isinstance(choices, Mapping):
        _check_choice(choices, "the network")
        return _shared(unknowns, choices)
    by_name = {_unknown_name(key): choice for key, choice in choices.items()}
    names = [u.name for u in unknowns]
    for name, choice in by_name.items():
        _check_choice(choice, f"the network of `{name}`")
        if name not in names:
            message = f"A network is given for `{name}`, which is no unknown of the problem ({', '.join(names)})."
            raise DeclarationError(message)
    missing = [name for name in names if name not in by_name]
    if missing:
        message = f"No network is given for `{missing[0]}`. Give one for every unknown, or one for all."
        raise DeclarationError(message)
    return tuple(Assignment(u.name, by_name[u.name], (u,)) for u in unknowns)


def _shared(unknowns: Sequence[UnknownField], choice: NetworkChoice) -> tuple[Assignment, ...]:
    together: dict[tuple[str, ...], list[UnknownField]] = {}
    for unknown in unknowns:
        together.setdefault(tuple(c.name for c in unknown.coordinates), []).append(unknown)
    if len(together) > 1 and isinstance(choice, nn.Module):
        message = (
            f"One module is given for unknowns of different coordinates ({', '.join(u.name for u in unknowns)}). "
            "Give a mapping from unknowns to modules."
        )
        raise DeclarationError(message)
    return tuple(Assignment("-".join(u.name for u in group), choice, tuple(group)) for group in together.values())


def build_network(
    assignment: Assignment,
    *,
    bounds: Mapping[str, tuple[float, float]],
    scales: Mapping[str, float],
    frequency: float,
    generator: torch.Generator,
    periodic: Mapping[str, tuple[float, float]] | None = None,
) -> nn.Module:
    """The module of an assignment: a recipe is sized and scaled, a user's module taken as it is.

    Args:
        assignment: The recipe or module with its unknowns.
        bounds: Lowest and highest value of every coordinate.
        scales: Expected sizes of the unknowns.
        frequency: Suggested first-layer frequency.
        generator: Source of the initial weights.
        periodic: Coordinates in which a recipe's network is exactly periodic, with one period of each.
    """
    if isinstance(assignment.choice, nn.Module):
        return assignment.choice
    bounds = {**bounds, **(periodic or {})}
    axes = [axis for axis, name in enumerate(assignment.inputs) if name in (periodic or {})]
    inputs = Periodic.inputs_of_network(len(assignment.inputs), axes)
    network = assignment.choice.build(inputs, assignment.outputs, frequency=frequency, generator=generator)
    if axes:
        network = Periodic(network, len(assignment.inputs), axes)
    output_scale = [scales.get(u.name, 1.0) for u in assignment.unknowns for _ in u.real_components]
    return Scaled(network, [bounds[name] for name in assignment.inputs], output_scale)


def check_output(assignment: Assignment, module: nn.Module, dtype: torch.dtype) -> None:
    """Try a module at two points.

    Raises:
        DeclarationError: It fails, or returns another shape than `(points, components)`.
    """
    points = torch.full((2, len(assignment.inputs)), 0.5, dtype=dtype)
    wanted = (2, assignment.outputs)
    try:
        with torch.no_grad():
            values: Any = module(points)
    except Exception as error:
        message = (
            f"The network of `{assignment.name}` fails on points of shape {tuple(points.shape)}: {error}. "
            "It must map (points, coordinates) to (points, components)."
        )
        raise DeclarationError(message) from error
    if not isinstance(values, Tensor) or tuple(values.shape) != wanted:
        found = tuple(values.shape) if isinstance(values, Tensor) else type(values).__name__
        message = (
            f"The network of `{assignment.name}` returns {found} for points of shape {tuple(points.shape)}; "
            f"it must return {wanted}."
        )
        raise DeclarationError(message)


def _unknown_name(expression: Expression) -> str:
    fields = [f for f in fields_in(expression) if isinstance(f, Unknown)]
    if not fields:
        message = f"`{expression}` is no unknown; networks are given by what `unknown(...)` returned."
        raise DeclarationError(message)
    return fields[0].label.name


def _check_choice(choice: Any, what: str) -> None:
    if isinstance(choice, type) and issubclass(choice, AbstractRecipe):
        message = (
            f"`{choice.__name__}` is given as {what} without its sizes. Write `{choice.__name__}(width=64, depth=3)`."
        )
        raise DeclarationError(message)
    if not isinstance(choice, AbstractRecipe | nn.Module):
        message = (
            f"{choice!r} is given as {what}; it must be a recipe such as `Siren(width=64, depth=3)` or an nn.Module."
        )
        raise DeclarationError(message)
