"""Values of expressions at points."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from pinr.compiler.block import Block
from pinr.compiler.integral_term import evaluations_per_point
from pinr.compiler.program import Program
from pinr.derivatives.jet import MissingRuleError
from pinr.errors import DeclarationError
from pinr.geometry.samples import Samples
from pinr.geometry.suggestion import did_you_mean
from pinr.solution.compiled import Compiled, compile_expression
from pinr.solution.extrapolation import is_here, warn_of_extrapolation

if TYPE_CHECKING:
    from pinr.solution.solution import Solution

Array = NDArray[np.float64]
USER = 4  # calls up from a warning, through `Solution.evaluate`
POINTS_AT_A_TIME = 8192  # ten derivative channels of 256 units in double precision are then 160 MB


def evaluate(solution: "Solution", expression: Any, coordinates: Mapping[str, Any]) -> Array:
    """The values of an expression, `(*points, *components)`, in double precision; complex where it is complex.

    Args:
        solution: Networks, parameters and problem.
        expression: Anything in unknowns, coefficients, coordinates and parameters.
        coordinates: Positions by coordinate name, arrays or numbers; they broadcast as in NumPy.

    Raises:
        DeclarationError: A coordinate is missing, not known or not a number, positions do not broadcast, or the
            expression has symbols that the problem does not know.

    Warns:
        ExtrapolationWarning: Points lie outside the regions on which the unknowns were trained.
    """
    compiled = compile_expression(solution.program, expression)
    _check_names(solution, compiled, coordinates)
    positions = {name: positions_from(name, written) for name, written in coordinates.items()}
    shape = _common_shape(positions)
    points = {name: np.broadcast_to(values, shape).ravel() for name, values in positions.items()}
    if is_here(compiled.expression):
        warn_of_extrapolation(solution.problem, compiled.unknowns, points, _written(compiled, coordinates), depth=USER)
    values = values_at(solution, compiled, points, count=int(np.prod(shape, dtype=int)))
    return values.reshape((*shape, *compiled.shape))


def values_at(solution: "Solution", compiled: Compiled, points: Mapping[str, Array], *, count: int) -> Array:
    """The components of a compiled expression at points `(count,)` by name, `(count, components)`.

    A block of points at a time, so that memory stays bounded. Nothing is refused: where a formula has no value the
    result is NaN or infinite, as in NumPy.
    """
    program = solution.program.in_double
    parameters = {
        name: value.detach().to(dtype=torch.float64, device=program.device)
        for name, value in solution.parameters.items()
    }
    block, parts = compiled.block, [compiled.block.assembled(np.empty((0, compiled.block.size)))]
    at_a_time = max(1, POINTS_AT_A_TIME // evaluations_per_point(block))
    for start in range(0, count, at_a_time):
        rows = slice(start, min(start + at_a_time, count))
        # Without coordinates there is one point all the same, at which constants and parameters are evaluated.
        samples = Samples({n: v[rows] for n, v in points.items()} or {"": np.zeros(rows.stop - rows.start)})
        place = block.point_set(samples, dtype=program.dtype, device=program.device, must_be_finite=False)
        with torch.no_grad():
            try:
                values = block.values(program.networks, parameters, place)
            except MissingRuleError:
                block = by_nested_autograd(block, program)
                values = block.values(program.networks, parameters, place)
        parts.append(block.assembled(values.detach().cpu().numpy()))
    return np.concatenate(parts)


def positions_from(name: str, written: Any) -> Array:
    """Positions along a coordinate as an array of floats; SymPy numbers and tensors are taken as well.

    Raises:
        DeclarationError: It is no real number and no array of real numbers.
    """
    try:
        values = written.detach().cpu().numpy() if isinstance(written, torch.Tensor) else np.asarray(written)
        if values.dtype.kind not in "iuf":
            values = _from_objects(values)
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        message = f"`{name}={written!r}`: positions are real numbers, or lists and arrays of them ({error})."
        raise DeclarationError(message) from None


def _from_objects(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind != "O":
        message = f"not {values.dtype}"
        raise TypeError(message)
    return values.astype(np.float64)


def by_nested_autograd(block: Block, program: Program) -> Block:
    """A block for networks that jets cannot pass."""
    for network in program.networks:
        block = block.without_rules(network)
    return block


def _check_names(solution: "Solution", compiled: Compiled, given: Mapping[str, Any]) -> None:
    known = list(dict.fromkeys(c.name for c in (*solution.problem.coordinates, *compiled.coordinates)))
    needed = [c.name for c in compiled.coordinates]
    written = _written(compiled, given)
    for name in given:
        if name not in known:
            message = (
                f"{written}: the problem has no coordinate {name!r}.{did_you_mean(name, known)} "
                f"It has {', '.join(known)}."
            )
            raise DeclarationError(message)
    missing = [name for name in needed if name not in given]
    if missing:
        message = (
            f"{written} does not say where: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing. "
            f"Add {', '.join(f'{name}=0.5' for name in missing)}, a number or an array."
        )
        raise DeclarationError(message)


def _written(compiled: Compiled, given: Mapping[str, Any]) -> str:
    return f"`evaluate({compiled.text}{''.join(f', {name}=…' for name in given)})`"


def _common_shape(positions: Mapping[str, Array]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*(values.shape for values in positions.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {values.shape}" for name, values in positions.items())
        message = (
            f"The positions have the shapes {shapes}, which do not broadcast. Give arrays of one shape, or use "
            "`grid(...)` for all combinations."
        )
        raise DeclarationError(message) from None
