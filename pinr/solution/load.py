"""A stored solution, read as data: no pickle, no parser of expressions, nothing of the file is run."""

import os
from collections.abc import Mapping
from typing import Any

import h5py
import torch
from torch import Tensor

from pinr.compiler.block import PARAMETER_PREFIX
from pinr.compiler.fields import Assignment
from pinr.compiler.periodicity import periodic_intervals
from pinr.compiler.program import Program, as_dtype
from pinr.declaration.ansatz import Exactness
from pinr.declaration.ansatz.records import exactness_from_record
from pinr.declaration.problem import Problem
from pinr.declaration.records import problem_from_record
from pinr.errors import FileFormatError, PinrError
from pinr.files import open_hdf5
from pinr.optimizers import read_optimizer
from pinr.solution.blocks_on_demand import BlocksOnDemand
from pinr.solution.history_table import read_history
from pinr.solution.network_records import check_using, read_assignments, read_module
from pinr.solution.stored import (
    DEEPEST,
    SHAPES,
    attribute,
    check_format,
    json_attribute,
    parsed,
    stored_numbers,
    stored_text,
)
from pinr.solution.stored_data import read_data, read_tables
from pinr.solution.trained_fields import TrainedFields


def read_solution(path: str | os.PathLike[str], using: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `Solution` that a file stands for.

    Args:
        path: What `save_solution` wrote.
        using: Custom modules by the name of their network, callables by the name of their coefficient.

    Raises:
        FileFormatError: The file is of another kind, damaged, or needs something that `using` does not give.
    """
    with open_hdf5(path) as file:
        try:
            return _read(file, using)
        except FileFormatError as error:
            message = f"`{path}` cannot be loaded. {error}"
            raise FileFormatError(message) from error
        except PinrError as error:
            message = f"`{path}` cannot be loaded, its content is ill-formed: {error}"
            raise FileFormatError(message) from error
        except Exception as error:  # whatever a damaged file makes HDF5, NumPy, SymPy or torch say
            message = f"`{path}` cannot be loaded, the file is damaged ({type(error).__name__}: {error})."
            raise FileFormatError(message) from error


def _read(file: h5py.Group, using: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    check_format(file)
    check_using(file, using)
    fields = _read_shapes(file, using, depth)
    record = parsed(stored_text(file, "problem/record"), "/problem/record")
    known = {**read_data(file, record), **using}
    problem = problem_from_record(record, using=known, tables=read_tables(file), fields=fields)
    assignments = read_assignments(file, problem, using)
    program, parameters = _read_program(file, problem, assignments)
    return {
        "program": program,
        "parameters": parameters,
        "history": read_history(file["history"]),
        "stages": tuple(read_optimizer(stage) for stage in json_attribute(file, "stages")),
        "seed": attribute(file, "seed", int),
        "seconds": attribute(file, "seconds", float),
        "steps": attribute(file, "steps", int),
        "loss": attribute(file, "loss", float),
    }


def _read_shapes(file: h5py.Group, using: Mapping[str, Any], depth: int) -> dict[str, TrainedFields]:
    """The solutions that learned regions of the problem, by what the file calls them."""
    from pinr.solution.solution import Solution  # which has `load`, and so knows this file

    if SHAPES not in file:
        return {}
    if depth == DEEPEST:
        message = f"The file has more than {DEEPEST} solutions in one another. It is damaged."
        raise FileFormatError(message)
    groups = file[SHAPES].items()
    return {digest: TrainedFields(Solution(**_read(group, using, depth + 1)), digest) for digest, group in groups}


def _read_program(
    file: h5py.Group, problem: Problem, assignments: tuple[Assignment, ...]
) -> tuple[Program, dict[str, Tensor]]:
    dtype = as_dtype(attribute(file, "dtype", str))
    frequency = attribute(file, "frequency", float)
    unknown_scales = {str(k): float(v) for k, v in json_attribute(file, "unknown_scales").items()}
    networks, parameters = {}, dict[str, Tensor]()
    exactness = Exactness()
    if "ansatz" in file["problem"]:  # files of earlier versions have none
        exactness = exactness_from_record(parsed(stored_text(file, "problem/ansatz"), "/problem/ansatz"), problem)
    for assignment in assignments:
        module, weights = read_module(
            file["networks"][assignment.name],
            assignment,
            bounds=problem.bounds,
            scales=unknown_scales,
            frequency=frequency,
            periodic=periodic_intervals(problem, assignment),
        )
        networks[assignment.name] = module
        parameters |= {f"{assignment.name}.{name}": value for name, value in weights.items()}
    for parameter in (*problem.parameters, *exactness.parameters):
        stored = stored_numbers(file["parameters"].get(parameter.name), ())
        parameters[PARAMETER_PREFIX + parameter.name] = torch.as_tensor(stored)
    residual_scales = json_attribute(file, "residual_scales")
    program = Program(
        problem=problem,
        assignments=assignments,
        networks=networks,
        blocks=BlocksOnDemand(problem, assignments, exactness),
        scales={n: torch.tensor(residual_scales[n], dtype=torch.float64) for n in problem.named_constraints},
        frequency=frequency,
        unknown_scales=unknown_scales,
        dtype=torch.float64,
        device=torch.device("cpu"),
        notes=tuple(map(str, json_attribute(file, "notes"))),
        exactness=exactness,
    )
    return program.to(dtype=dtype), parameters
