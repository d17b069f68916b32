"""Regions from their records: a whitelist, so that reading a file runs nothing that the file says."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from sympy.logic.boolalg import Boolean

from pinr.errors import GeometryError
from pinr.files.read_mesh import mesh_fault
from pinr.geometry.audio import Audio
from pinr.geometry.ball import Ball
from pinr.geometry.boundary import Boundary
from pinr.geometry.box import Box
from pinr.geometry.combination import JOIN, Combination, combined
from pinr.geometry.condition import check_condition
from pinr.geometry.family import multiplied
from pinr.geometry.half_space import HalfSpace
from pinr.geometry.image import Image
from pinr.geometry.interface import Interface
from pinr.geometry.level import Evaluator
from pinr.geometry.level_set import LevelSet
from pinr.geometry.measurements import Measurements
from pinr.geometry.motion import AbstractMotion, Position, Rotation, Scaling, Translation
from pinr.geometry.moved import Moved
from pinr.geometry.number import is_open, number_from_record
from pinr.geometry.parts import checked_name
from pinr.geometry.placement import Placement
from pinr.geometry.point_cloud import PointCloud
from pinr.geometry.polygon import Polygon
from pinr.geometry.product import Product
from pinr.geometry.region import AbstractRegion
from pinr.geometry.roles import declared_roles
from pinr.geometry.section import Section
from pinr.geometry.signal import AbstractSignal
from pinr.geometry.slice import Slice
from pinr.geometry.solid import Solid
from pinr.geometry.surface import Surface
from pinr.geometry.table import Table
from pinr.geometry.triangle_mesh import TriangleMesh
from pinr.geometry.video import Video
from pinr.geometry.volume import Volume
from pinr.geometry.where import Where
from pinr.language.coordinates import ROLES
from pinr.language.tree import from_tree

Record = Mapping[str, Any]

LARGEST_RESOLUTION = 512  # cells along an axis of the lattice of a stored level set


def region_from_record(
    record: Record,
    *,
    tables: Mapping[str, Table] | None = None,
    fields: Mapping[str, Evaluator] | None = None,
) -> AbstractRegion:
    """The region behind `region.record()`.

    Args:
        record: Plain JSON.
        tables: What `tables_in` gave of the region.
        fields: What evaluates the conditions of learned regions, by its digest; a region whose fields are not there
            knows its record, and nothing else.

    Raises:
        GeometryError: The type is not among the known ones, or the record is malformed.
    """
    if tables is not None or fields is not None:
        record = _with_data(record, tables or {}, fields or {})
    kind = record.get("type") if isinstance(record, Mapping) else None
    reader = READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        message = (
            f"A record of the type {kind!r} is no region; known are {', '.join(READERS)}. "
            "The file is damaged, or of a newer version of pinr."
        )
        raise GeometryError(message)
    try:
        return reader(record)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, GeometryError):
            raise
        message = f"The record of a {kind} is malformed ({error!r}). The file is damaged: write it again."
        raise GeometryError(message) from error


def _with_data(record: Any, tables: Mapping[str, Table], fields: Mapping[str, Evaluator]) -> Any:
    """A record with tables and fields in place of what refers to them, so that no reader has to hand them on."""
    if isinstance(record, list):
        return [_with_data(part, tables, fields) for part in record]
    if not isinstance(record, Mapping):
        return record
    if record.get("type") == Table.__name__:
        found = tables.get(str(record.get("sha256")))
        return record if found is None else Table(found.columns, str(record["name"]), _file(record))
    held = {key: _with_data(part, tables, fields) for key, part in record.items()}
    digest = str(record.get("sha256"))
    own: dict[str, dict[str, Any]] = {
        "Measurements": {"table": tables.get(digest)},
        "LevelSet": {"fields": fields.get(digest)},
    }
    return held | own.get(str(record.get("type")), {})


def _file(record: Record) -> str | None:
    return None if record["file"] is None else str(record["file"])


def _measurements(record: Record) -> Measurements:
    table = record.get("table")
    if not isinstance(table, Table):
        message = f"The file refers to the measurements {record['name']!r}, which it does not hold. It is damaged."
        raise GeometryError(message)
    coordinates, used = (tuple(map(str, record[key])) for key in ("coordinates", "used"))
    headers = tuple(table.columns)
    if table.digest != record["sha256"] or not coordinates or not {*coordinates, *used} <= {*headers}:
        message = f"The measurements {record['name']!r} are not those of the record. The file is damaged."
        raise GeometryError(message)
    table = Table(table.columns, str(record["name"]), _file(record))
    condition = None if record["condition"] is None else from_tree(record["condition"])
    whole = Measurements.of(table, coordinates, used)
    if condition is not None:
        check_condition(whole, condition, headers)
    return Measurements.of(table, coordinates, used, condition)


def _point_cloud(record: Record) -> PointCloud:
    rows, placed = region_from_record(record["rows"]), record["placement"]
    if not isinstance(rows, Measurements):
        message = "The record of a PointCloud is not of rows of points. The file is damaged: write it again."
        raise GeometryError(message)
    return PointCloud.of(rows, _placement(placed, len(rows.names)), str(record["written"]))


def _placement(record: Record | None, dimension: int) -> Placement | None:
    if record is None:
        return None
    centre, target = (tuple(map(float, record[key])) for key in ("centre", "target"))
    if len(centre) != dimension or len(target) != dimension:
        message = f"The record of a fitted shape was placed in {len(centre)} dimensions. The file is damaged."
        raise GeometryError(message)
    return Placement(centre, float(record["factor"]), target)


def _mesh(record: Record) -> TriangleMesh:
    vertices, faces, groups = record["vertices"], record["faces"], tuple(map(str, record["groups"]))
    if not isinstance(vertices, Table) or not isinstance(faces, Table):
        message = "The file refers to a triangle mesh that it does not hold. It is damaged."
        raise GeometryError(message)
    mesh = TriangleMesh(vertices, faces, groups)
    numbers = np.column_stack([faces.columns[key] for key in ("a", "b", "c", "group")])
    is_whole = np.array_equal(numbers, np.floor(numbers)) and len(vertices.columns) == 3
    is_known = is_whole and numbers[:, 3].min() >= 0 and numbers[:, 3].max() < max(1, len(groups))
    fault = mesh_fault(mesh.points, mesh.triangles) if is_known else "its numbers are none of vertices and groups."
    if fault:
        message = f"The file holds a triangle mesh that is none: {fault} The file is damaged."
        raise GeometryError(message)
    return mesh


def _solid(record: Record) -> Solid:
    name, placement = checked_name(record["name"], "Solid"), _placement(record["placement"], 3)
    return Solid.of(_mesh(record["mesh"]), str(record["written"]), name, placement)


def _surface(record: Record) -> Surface:
    return Surface.of(_mesh(record["mesh"]), str(record["written"]), _placement(record["placement"], 3))


def _level_set(record: Record) -> LevelSet:
    condition, box, resolution = from_tree(record["condition"]), region_from_record(record["box"]), record["resolution"]
    name, digest = record["name"], str(record["sha256"])
    is_sound = isinstance(condition, Boolean) and isinstance(box, Box) and type(resolution) is int
    if not is_sound or not 2 <= resolution <= LARGEST_RESOLUTION:
        message = "The record of a LevelSet is not of a condition in a box. The file is damaged."
        raise GeometryError(message)
    if not digest:
        return LevelSet(condition, cast(Box, box), resolution=resolution, name=name)
    evaluator = record.get("fields")
    if evaluator is None:
        return LevelSet.without_fields(condition, cast(Box, box), resolution, name, digest)
    return LevelSet.of(condition, cast(Box, box), evaluator, resolution=resolution, name=name)


def _signal(kind: type[AbstractSignal]) -> Callable[[Record], AbstractSignal]:
    """The reader of a kind of signals."""

    def read(record: Record) -> AbstractSignal:
        box, shape = region_from_record(record["box"]), tuple(map(int, record["shape"]))
        if not isinstance(box, Box):
            message = f"The record of {kind.__name__} {record['name']!r} is not of a box. The file is damaged."
            raise GeometryError(message)
        file = None if record["file"] is None else str(record["file"])
        return kind.without_values(box, shape, str(record["name"]), str(record["sha256"]), file)

    return read


def _box(record: Record) -> Box:
    bounds = {name: (number_from_record(low), number_from_record(high)) for name, low, high in record["intervals"]}
    return Box(name=record["name"], periodic=tuple(record.get("periodic", ())), **bounds)


def _slice(record: Record) -> AbstractRegion:
    return _box(record).at(**{name: number_from_record(value) for name, value in record["fixed"].items()})


def _product(record: Record) -> AbstractRegion:
    return multiplied([region_from_record(factor) for factor in record["factors"]])


def _where(record: Record) -> Where:
    return Where(region_from_record(record["region"]), from_tree(record["condition"]))


def _boundary(record: Record) -> Boundary:
    region, kept = region_from_record(record["region"]), record["kept"]
    if not set(record["roles"].values()) <= set(ROLES) or not set(region.names) <= set(record["roles"]):
        message = (
            f"The record of a Boundary has the roles {record['roles']}; there must be one for each of "
            f"{', '.join(region.names)}, known are {', '.join(ROLES)}."
        )
        raise GeometryError(message)
    return Boundary(
        region,
        roles=declared_roles(region.names, record["roles"]),
        kept=None if kept is None else tuple(kept),
        dropped=tuple(record["dropped"]),
    )


def _moved(record: Record) -> Moved:
    return Moved(region_from_record(record["region"]), MOTIONS[record["motion"]](record))


def _position(pairs: Any) -> Position:
    return tuple((str(name), number_from_record(value)) for name, value in pairs)


def _translation(record: Record) -> Translation:
    return Translation(_position(record["shift"]))


def _rotation(record: Record) -> Rotation:
    first, second = map(str, record["plane"])
    axis = None if record["axis"] is None else str(record["axis"])
    return Rotation(number_from_record(record["angle"]), (first, second), _position(record["about"]), axis)


def _scaling(record: Record) -> Scaling:
    factor = number_from_record(record["factor"])
    if not is_open(factor) and not factor.value > 0:
        message = f"The record of a Moved scales by {factor}, which is not positive. The file is damaged."
        raise GeometryError(message)
    return Scaling(factor, tuple(map(str, record["space"])), _position(record["about"]))


def _section(record: Record) -> AbstractRegion:
    fixed = {name: number_from_record(value) for name, value in record["fixed"].items()}
    return region_from_record(record["region"]).at(**fixed)


def _ball(record: Record) -> Ball:
    center = {name: number_from_record(value) for name, value in record["center"]}
    return Ball(radius=number_from_record(record["radius"]), name=record["name"], **center)


def _half_space(record: Record) -> HalfSpace:
    coefficients = {name: number_from_record(value) for name, value in record["coefficients"]}
    return HalfSpace(offset=number_from_record(record["offset"]), name=record["name"], **coefficients)


def _polygon(record: Record) -> Polygon:
    vertices = {name: [number_from_record(value) for value in values] for name, values in record["vertices"]}
    return Polygon(name=record["name"], **vertices)


def _combination(record: Record) -> AbstractRegion:
    first, second = (region_from_record(operand) for operand in record["operands"])
    if record["operator"] not in JOIN:
        message = f"The record of a Combination has the operator {record['operator']!r}; known are {', '.join(JOIN)}."
        raise GeometryError(message)
    return combined(record["operator"], first, second)


def _interface(record: Record) -> Interface:
    first, second = (region_from_record(record[key]) for key in ("first", "second"))
    if not (isinstance(first, Boundary) and isinstance(second, Boundary)):
        message = "The record of an Interface is not of two boundaries. The file is damaged: write it again."
        raise GeometryError(message)
    return Interface(first, second)


MOTIONS: dict[str, Callable[[Record], AbstractMotion]] = {
    "translate": _translation,
    "rotate": _rotation,
    "scale": _scaling,
}
READERS: dict[str, Callable[[Record], AbstractRegion]] = {
    Box.__name__: _box,
    Slice.__name__: _slice,
    Section.__name__: _section,
    Ball.__name__: _ball,
    HalfSpace.__name__: _half_space,
    Polygon.__name__: _polygon,
    Product.__name__: _product,
    Moved.__name__: _moved,
    Where.__name__: _where,
    Combination.__name__: _combination,
    Boundary.__name__: _boundary,
    Interface.__name__: _interface,
    Measurements.__name__: _measurements,
    **{kind.__name__: _signal(kind) for kind in (Image, Audio, Video, Volume)},
    PointCloud.__name__: _point_cloud,
    Solid.__name__: _solid,
    Surface.__name__: _surface,
    LevelSet.__name__: _level_set,
}
