"""Coefficients: known functions of the coordinates, given by a callable or by gridded data."""

from collections.abc import Callable, Mapping
from typing import Any

from pinr.language.coordinates import Coordinate
from pinr.language.fields import Field, Label, axis_units, check_field
from pinr.language.gridded import payload_of
from pinr.language.units import unit_text


class Coefficient(Field):
    """A known function of the coordinates, given by data. Its derivatives are those of the data."""

    kind_of_field = "coefficient"


def coefficient(
    name: str,
    values: Callable[..., Any] | Any,
    *coordinates: Coordinate,
    extent: Mapping[str, tuple[float, float]] | None = None,
    unit: str | None = None,
) -> Coefficient:
    """Declare a known coefficient: `c = coefficient("c", velocity_model, x, y)`.

    Args:
        name: What the coefficient is called in prints and files.
        values: A torch callable of one `(N,)` tensor per coordinate that returns an `(N,)` tensor,
            or an `xarray.DataArray` whose dimensions carry these coordinates' names (interpolated
            by cubic splines; points outside its extent are an error), or an array with an extent.
        coordinates: The coordinates that it depends on, in the callable's or array's order of arguments.
        extent: The first and last position along every axis of a bare array, `{"x": (0, 1), "y": (0, 2)}`.
        unit: The unit of the values; positions are in the units of the coordinates.

    Raises:
        DeclarationError: The values are none of these, the dimensions have other names, a value is missing,
            positions are not monotone, or the unit is none.
        ImportError: A unit is given and pint is not installed.
    """
    check_field("coefficient", name, coordinates)
    names = tuple(c.name for c in coordinates)
    payload = payload_of(values, names, written=f"`coefficient({name!r}, …)`", extent=extent)
    text = unit_text(unit, written=f"coefficient({name!r}, …, unit={unit!r})")
    return Coefficient(Label(name, names, payload=payload, unit=text, axes=axis_units(coordinates)), *coordinates)
