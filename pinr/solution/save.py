"""A solution as one HDF5 file."""

import json
import os
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from torch import Tensor

from pinr.compiler.block import PARAMETER_PREFIX, parameter_value
from pinr.compiler.fields import Assignment
from pinr.declaration.ansatz.records import exactness_record
from pinr.declaration.records import problem_data, problem_fields, problem_record, problem_tables
from pinr.files import atomic_path, write_field, write_fields
from pinr.geometry.distance_to import DistanceTo
from pinr.language.gridded import Gridded
from pinr.networks.recipe import AbstractRecipe
from pinr.optimizers import optimizer_record
from pinr.solution.grid import grid
from pinr.solution.history_table import write_history
from pinr.solution.stored import FORMAT, FORMAT_VERSION, SHAPES
from pinr.solution.stored_data import write_tables
from pinr.solution.trained_fields import TrainedFields

if TYPE_CHECKING:
    from pinr.solution.solution import Solution


def save_solution(solution: "Solution", path: str | os.PathLike[str]) -> None:
    """Write problem, networks, parameters, history and the fields on a grid; the file appears whole or not at all.

    Custom modules and callables are stored by name: `Solution.load` takes them with `using=`.
    """
    with atomic_path(path) as temporary, h5py.File(temporary, "w") as file:
        _write_solution(file, solution)
        write_fields(file, {u.name: grid(solution, u.expression, {}) for u in solution.unknowns})


def _write_solution(file: h5py.Group, solution: "Solution") -> None:
    """All but the fields; solutions whose shapes are regions of the problem are groups of the same kind in it."""
    record, known = problem_record(solution.problem), problem_data(solution.problem)
    _write_attributes(file, solution)
    problem = file.create_group("problem")
    problem["record"] = json.dumps(record, ensure_ascii=False)
    problem["text"] = str(solution.problem)
    problem["ansatz"] = json.dumps(exactness_record(solution.program.exactness), ensure_ascii=False)
    problem.attrs["using"] = json.dumps([name for name, data in known.items() if not _is_held(data)])
    for name, data in known.items():
        if hasattr(data, "dims"):
            write_field(file.require_group("data"), name, data.array if isinstance(data, Gridded) else data)
    write_tables(file, problem_tables(solution.problem))
    for number, assignment in enumerate(solution.program.assignments):
        group = file.create_group(f"networks/{assignment.name}")
        group.attrs["number"] = number
        _write_network(group, solution, assignment)
    _write_parameters(file.create_group("parameters"), solution)
    write_history(file.create_group("history"), solution.history)
    for digest, fields in problem_fields(solution.problem).items():
        if isinstance(fields, TrainedFields):
            _write_solution(file.create_group(f"{SHAPES}/{digest}"), fields.solution)


def _is_held(data: Any) -> bool:
    """Whether the file has what is behind a coefficient: an array, or the region to which it is the distance."""
    return hasattr(data, "dims") or isinstance(data, DistanceTo)


def _write_attributes(file: h5py.Group, solution: "Solution") -> None:
    program = solution.program
    file.attrs.update(
        format=FORMAT,
        format_version=FORMAT_VERSION,
        version=_version(),
        seed=solution.seed,
        steps=solution.steps,
        seconds=float(solution.seconds),
        loss=float(solution.loss),
        dtype=str(program.dtype).removeprefix("torch."),
        frequency=float(program.frequency),
        stages=json.dumps([optimizer_record(stage) for stage in solution.stages]),
        unknown_scales=json.dumps(dict(program.unknown_scales)),
        residual_scales=json.dumps({name: scale.double().tolist() for name, scale in program.scales.items()}),
        notes=json.dumps(list(program.notes), ensure_ascii=False),
    )


def _write_network(group: h5py.Group, solution: "Solution", assignment: Assignment) -> None:
    """Weights and buffers by their names in the module, and what it takes to build the module."""
    module = solution.networks[assignment.name]
    for name, _ in module.named_parameters():
        group.create_dataset(name, data=_numbers(solution.parameters[f"{assignment.name}.{name}"]))
    for name, buffer in module.named_buffers():
        group.create_dataset(name, data=_numbers(buffer)).attrs["kind"] = "buffer"
    group.attrs["unknowns"] = json.dumps([u.name for u in assignment.unknowns])
    group.attrs["recipe"] = json.dumps(_choice_record(assignment.choice))


def _choice_record(choice: Any) -> dict[str, Any]:
    if isinstance(choice, AbstractRecipe):
        return choice.record()
    return {"module": type(choice).__name__}


def _write_parameters(group: h5py.Group, solution: "Solution") -> None:
    for parameter in solution.program.numbers:
        raw = solution.parameters[PARAMETER_PREFIX + parameter.name]
        dataset = group.create_dataset(parameter.name, data=_numbers(raw))
        dataset.attrs["value"] = float(parameter_value(parameter, raw.detach()))
        if parameter.unit is not None:
            dataset.attrs["units"] = parameter.unit
        dataset.attrs["stored"] = "logarithm" if parameter.is_forced_positive else "multiple of the initial value"


def _numbers(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()


def _version() -> str:
    try:
        return version("pinr")
    except PackageNotFoundError:  # run from a source tree
        return "unknown"
