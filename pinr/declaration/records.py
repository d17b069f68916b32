"""Problems as plain JSON and back, through whitelists: reading runs nothing that a file says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

import sympy
from sympy.core.relational import Relational

from pinr.declaration.constraint import Constraint
from pinr.declaration.problem import Problem
from pinr.declaration.source import Source
from pinr.errors import DeclarationError, FileFormatError, GeometryError
from pinr.geometry.distance_to import DistanceTo
from pinr.geometry.level import Evaluator
from pinr.geometry.level_set import level_sets_in
from pinr.geometry.placed import AbstractPlaced
from pinr.geometry.records import region_from_record
from pinr.geometry.region import AbstractRegion
from pinr.geometry.table import Table, tables_in
from pinr.language.coefficients import Coefficient
from pinr.language.columns import MeasuredColumn
from pinr.language.fields import Field, fields_in
from pinr.language.gridded import Gridded
from pinr.language.tree import from_tree, to_tree

Record = Mapping[str, Any]

LARGEST_SIZE = 10_000  # components of a stored vector


def problem_record(problem: Problem) -> dict[str, Any]:
    """The problem as plain JSON; data behind coefficients, references and measurements stay outside.

    See `problem_data` and `problem_tables`. Of gridded coefficients the SHA-256 is in the record, under `data`, of
    distances the region, under `distances`.

    Raises:
        FileFormatError: An expression has a node that files do not have.
    """
    known = problem_data(problem)
    return {
        "name": problem.name if problem.name != "problem" else None,
        "constraints": [_constraint_record(c) for c in problem.constraints],
        "reference": [
            {
                "of": to_tree(expression),
                "is": {"data": reference_key(number)} if hasattr(value, "dims") else to_tree(value),
            }
            for number, (expression, value) in enumerate(problem.reference.items())
        ],
        "data": {name: data.digest for name, data in known.items() if isinstance(data, Gridded)},
        "distances": {n: data.region.record() for n, data in known.items() if isinstance(data, DistanceTo)},
    }


def problem_data(problem: Problem) -> dict[str, Any]:
    """The data that a problem refers to, by the names under which `problem_from_record` asks for them.

    Raises:
        FileFormatError: Two coefficients with different data have the same name.
    """
    expressions = [e for c in problem.constraints for e in c.equations]
    expressions += [v for v in problem.reference.values() if not hasattr(v, "dims")]
    found: dict[str, Any] = {}
    for field in (f for e in expressions for f in fields_in(e) if isinstance(f, Coefficient)):
        name, payload = field.label.name, field.label.payload
        if found.setdefault(name, payload) != payload:
            message = (
                f"Two coefficients are called `{name}`, so a file cannot tell them apart. Rename one of them; "
                "distances are called by the `name=` of their cloud, surface or solid."
            )
            raise FileFormatError(message)
    arrays = enumerate(problem.reference.values())
    return found | {reference_key(n): value for n, value in arrays if hasattr(value, "dims")}


def problem_tables(problem: Problem) -> dict[str, Table]:
    """The tables behind the regions of a problem, those of its integrals and distances too, by their SHA-256."""
    regions = [r for c in problem.constraints for r in (c.region, *(integral.domain for integral in c.integrals))]
    regions += [data.region for data in problem_data(problem).values() if isinstance(data, DistanceTo)]
    return {digest: table for region in regions for digest, table in tables_in(region).items()}


def problem_fields(problem: Problem) -> dict[str, Evaluator]:
    """What evaluates the learned regions of a problem, by its digest; regions by formulas need nothing."""
    regions = [r for c in problem.constraints for r in (c.region, *(i.domain for i in c.integrals))]
    shapes = [shape for region in regions for shape in level_sets_in(region)]
    return {shape.digest: shape.level.evaluator for shape in shapes if shape.digest}


@final
@dataclass(frozen=True)
class _Data:
    """What a record refers to and does not hold."""

    using: Mapping[str, Any]
    tables: Mapping[str, Table]
    fields: Mapping[str, Evaluator]

    def region(self, record: Record) -> AbstractRegion:
        return region_from_record(record, tables=self.tables, fields=self.fields)


def problem_from_record(
    record: Record,
    *,
    using: Mapping[str, Any] | None = None,
    tables: Mapping[str, Table] | None = None,
    fields: Mapping[str, Evaluator] | None = None,
) -> Problem:
    """The problem behind `problem_record`.

    Args:
        record: Plain JSON.
        using: Callables and arrays of the coefficients and references by name.
        tables: What `problem_tables` gave.
        fields: What evaluates learned regions, by its digest, see `problem_fields`.

    Raises:
        FileFormatError: The record is malformed, or names something outside the whitelists.
    """
    data = _Data(using or {}, tables or {}, fields or {})
    try:
        distances = {str(n): _distance(stored, data) for n, stored in record.get("distances", {}).items()}
        data = replace(data, using={**data.using, **distances})
        constraints = [_constraint(c, data) for c in record["constraints"]]
        reference = {_expression(r["of"], data): _reference(r["is"], data) for r in record["reference"]}
        name = record["name"]
        return Problem(*constraints, reference=reference, name=None if name is None else str(name))
    except FileFormatError:
        raise
    except (DeclarationError, GeometryError) as error:
        message = f"The stored problem is ill-formed: {error}"
        raise FileFormatError(message) from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError, RecursionError) as error:
        message = f"The stored problem is malformed ({type(error).__name__}: {error}). The file is damaged."
        raise FileFormatError(message) from error


def reference_key(number: int) -> str:
    """The name of the array that is the reference of this number."""
    return f"reference_{number}"


def _distance(record: Record, data: "_Data") -> DistanceTo:
    region = data.region(record)
    if not isinstance(region, AbstractPlaced):
        message = f"The stored problem has the distance to `{region!r}`, which has none. The file is damaged."
        raise FileFormatError(message)
    return DistanceTo(region)


def _constraint_record(constraint: Constraint) -> dict[str, Any]:
    return {
        "region": constraint.region.record(),
        "equations": [to_tree(equation) for equation in constraint.equations],
        **({"written": [to_tree(equation) for equation in constraint.written]} if constraint.written else {}),
        "weight": constraint.weight,
        "points": constraint.points,
        "loss": constraint.loss,
        "name": constraint.name,
        "exact": constraint.exact,
        # Without the folder, which says more about a machine than about the problem.
        "source": [Path(constraint.source.file).name, constraint.source.line],
    }


def _constraint(record: Record, data: "_Data") -> Constraint:
    weight, points, name = record["weight"], record["points"], record["name"]
    file, line = record["source"]
    return Constraint(
        data.region(record["region"]),
        tuple(_equation(tree, data) for tree in record["equations"]),
        weight=None if weight is None else float(weight),
        points=None if points is None else int(points),
        loss=record["loss"],
        name=None if name is None else str(name),
        exact=record.get("exact"),
        source=Source(str(file), int(line)),
        written=tuple(_equation(tree, data) for tree in record.get("written", ())),
    )


def _equation(tree: Any, data: "_Data") -> Any:
    found = from_tree(tree, using=data.using, region=data.region)
    if isinstance(found, Relational):
        for side in found.args:
            _check_expression(side)
        return found
    return _check_expression(found)


def _expression(tree: Any, data: "_Data") -> Any:
    return _check_expression(from_tree(tree, using=data.using, region=data.region))


def _reference(tree: Any, data: "_Data") -> Any:
    if "data" not in tree:
        return _expression(tree, data)
    key = str(tree["data"])
    if key not in data.using:
        message = f"The file refers to the array `{key}`, which it does not hold. Give it: `using={{{key!r}: array}}`."
        raise FileFormatError(message)
    return data.using[key]


def _check_expression(found: Any) -> Any:
    if not isinstance(found, sympy.Expr | sympy.MatrixBase):
        message = f"The stored problem has `{found}` where an expression belongs. The file is damaged."
        raise FileFormatError(message)
    for field in fields_in(found):
        _check_label(field)
    return found


def _check_label(field: Field) -> None:
    """Sizes and arities are what later allocates memory, so they are checked before anything is built."""
    label = field.label
    is_column = isinstance(field, MeasuredColumn)  # called as in a file, and without arguments
    is_sound = (
        (is_column or label.name.replace(".", "_").isidentifier())
        and 1 <= label.size <= LARGEST_SIZE
        and (label.index is None or (isinstance(label.index, int) and 0 <= label.index < label.size))
        and (is_column or len(label.coordinates) == len(field.arguments) >= 1)
        and (is_column or all(name.isidentifier() for name in label.coordinates))
    )
    if not is_sound:
        message = f"The stored problem has a field {label.name[:40]!r} of impossible size. The file is damaged."
        raise FileFormatError(message)
