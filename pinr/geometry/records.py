"""Regions from their records: a whitelist, so that reading a file runs nothing that the file says."""

from collections.abc import Callable, Mapping
from typing import Any

from pinr.errors import GeometryError
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
from pinr.geometry.measurements import Measurements
from pinr.geometry.motion import AbstractMotion, Position, Rotation, Scaling, Translation
from pinr.geometry.moved import Moved
from pinr.geometry.number import is_open, number_from_record
from pinr.geometry.polygon import Polygon
from pinr.geometry.product import Product
from pinr.geometry.region import AbstractRegion
from pinr.geometry.roles import declared_roles
from pinr.geometry.section import Section
from pinr.geometry.signal import AbstractSignal
from pinr.geometry.slice import Slice
from pinr.geometry.table import Table
from pinr.geometry.video import Video
from pinr.geometry.volume import Volume
from pinr.geometry.where import Where
from pinr.language.coordinates import ROLES
from pinr.language.tree import from_tree

Record = Mapping[str, Any]


def region_from_record(record: Record, *, tables: Mapping[str, Table] | None = None) -> AbstractRegion:
    """The region behind `region.record()`.

    Args:
        record: Plain JSON.
        tables: Those of the measurements in the region, by their SHA-256.

    Raises:
        GeometryError: The type is not among the known ones, or the record is malformed.
    """
    if tables is not None:
        record = _with_tables(record, tables)
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


def _with_tables(record: Any, tables: Mapping[str, Table]) -> Any:
    """A record in which that of every measurement holds its table, so that no reader has to hand them on."""
    if isinstance(record, list):
        return [_with_tables(part, tables) for part in record]
    if not isinstance(record, Mapping):
        return record
    held = {key: _with_tables(part, tables) for key, part in record.items()}
    return {**held, "table": tables.get(str(record.get("sha256")))} if record.get("type") == "Measurements" else held


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
    table = Table(table.columns, str(record["name"]), None if record["file"] is None else str(record["file"]))
    condition = None if record["condition"] is None else from_tree(record["condition"])
    whole = Measurements.of(table, coordinates, used)
    if condition is not None:
        check_condition(whole, condition, headers)
    return Measurements.of(table, coordinates, used, condition)


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
}
