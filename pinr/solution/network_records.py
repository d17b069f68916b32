"""Stored networks: recipes and weights, or custom modules by name."""

import copy
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
import torch
from torch import Tensor, nn

from pinr.compiler.fields import Assignment, build_network
from pinr.declaration.problem import Problem
from pinr.errors import FileFormatError
from pinr.networks.catalogue import recipe_from_record
from pinr.networks.recipe import AbstractRecipe
from pinr.solution.stored import attribute, json_attribute, stored_numbers


def check_using(file: h5py.Group, using: Mapping[str, Any]) -> None:
    """Whether everything that a file names without holding it is given.

    Raises:
        FileFormatError: Something is missing; the message has the call to write.
    """
    needed = {str(name): "callable" for name in json_attribute(file["problem"], "using")}
    for name, group in file["networks"].items():
        record = json_attribute(group, "recipe")
        if "module" in record:
            needed[name] = f"{record['module']}(…)"
    missing = [name for name in needed if name not in using]
    if missing:
        call = ", ".join(f"{name!r}: {value}" for name, value in needed.items())
        message = (
            f"Custom modules and callables are stored by name only; missing: {', '.join(missing)}. "
            f"Give them: `Solution.load(path, using={{{call}}})`."
        )
        raise FileFormatError(message)


def read_assignments(file: h5py.Group, problem: Problem, using: Mapping[str, Any]) -> tuple[Assignment, ...]:
    """The networks in the order in which they were compiled, each with its unknowns."""
    own = {u.name: u for u in problem.unknowns}
    groups = sorted(file["networks"].items(), key=lambda item: attribute(item[1], "number", int))
    found = tuple(
        Assignment(name, _choice(name, group, using), tuple(own[n] for n in json_attribute(group, "unknowns")))
        for name, group in groups
    )
    if sorted(u.name for a in found for u in a.unknowns) != sorted(own):
        message = "The networks of the file do not cover the unknowns of its problem. The file is damaged."
        raise FileFormatError(message)
    return found


def read_module(
    group: h5py.Group,
    assignment: Assignment,
    *,
    bounds: Mapping[str, tuple[float, float]],
    scales: Mapping[str, float],
    frequency: float,
    periodic: Mapping[str, tuple[float, float]],
) -> tuple[nn.Module, dict[str, Tensor]]:
    """The module with the stored buffers, and its weights by name.

    Raises:
        FileFormatError: Names or shapes are not those of the module.
    """
    module = copy.deepcopy(
        build_network(
            assignment,
            bounds=bounds,
            scales=scales,
            frequency=frequency,
            generator=torch.Generator().manual_seed(0),
            periodic=periodic,
        )
    )
    weights = dict(module.named_parameters())
    buffers = dict(module.named_buffers())
    if set(group) != set(weights) | set(buffers):
        differing = sorted(set(group) ^ (set(weights) | set(buffers)))
        message = (
            f"The network `{assignment.name}` of the file and {type(module).__name__} differ in "
            f"{', '.join(differing[:5])}. Give a module of the sizes that were trained."
        )
        raise FileFormatError(message)
    with torch.no_grad():
        for name, buffer in buffers.items():
            buffer.copy_(_tensor(group[name], buffer))
    return module, {name: _tensor(group[name], value) for name, value in weights.items()}


def _choice(name: str, group: h5py.Group, using: Mapping[str, Any]) -> Any:
    record = json_attribute(group, "recipe")
    if "module" not in record:
        recipe = recipe_from_record(record)
        _check_plausible(recipe, group)
        return recipe
    if not isinstance(using[name], nn.Module):
        message = f"`using={{{name!r}: …}}` must be the torch module {record['module']}, not {using[name]!r}."
        raise FileFormatError(message)
    return using[name]


def _check_plausible(recipe: AbstractRecipe, group: h5py.Group) -> None:
    """A few letters can ask for a network of any size; refuse it unless the file holds about that many weights."""
    held = sum(d.id.get_storage_size() // d.dtype.itemsize for d in group.values() if isinstance(d, h5py.Dataset))
    width, depth, features = (getattr(recipe, name, 1) for name in ("width", "depth", "features"))
    if width * features + (depth - 1) * width**2 > held:
        message = f"The file names the network {recipe}, but holds {held} weights. It is damaged."
        raise FileFormatError(message)


def _tensor(dataset: Any, like: Tensor) -> Tensor:
    numbers = stored_numbers(dataset, tuple(like.shape))
    return torch.from_numpy(np.ascontiguousarray(numbers).reshape(like.shape))
