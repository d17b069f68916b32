"""Coefficients: known functions of the coordinates, given by a callable or by gridded data."""

from collections.abc import Callable
from typing import Any

from pinr.errors import DeclarationError
from pinr.language.coordinates import Coordinate
from pinr.language.fields import Field, Label, check_field


class Coefficient(Field):
    """A known function of the coordinates, given by data. Its derivatives are those of the data."""

    kind_of_field = "coefficient"


def coefficient(name: str, values: Callable[..., Any] | Any, *coordinates: Coordinate) -> Coefficient:
    """Declare a known coefficient: `c = coefficient("c", velocity_model, x, y)`.

    Args:
        name: What the coefficient is called in prints and files.
        values: A torch callable of one `(N,)` tensor per coordinate that returns an `(N,)` tensor,
            or an `xarray.DataArray` whose dimensions carry these coordinates' names (interpolated
            by cubic splines; points outside its extent are an error).
        coordinates: The coordinates that it depends on, in the callable's argument order.

    Raises:
        DeclarationError: The values are neither, or the dimensions have other names.
    """
    check_field("coefficient", name, coordinates)
    if not callable(values) and not hasattr(values, "dims"):
        message = (
            f"`coefficient({name!r}, …)` got a {type(values).__name__}. Give a callable of tensors or an "
            "xarray.DataArray; a formula needs no coefficient, write it as an expression."
        )
        raise DeclarationError(message)
    names = tuple(c.name for c in coordinates)
    dims = getattr(values, "dims", None)
    if dims is not None and set(dims) != set(names):
        message = (
            f"`coefficient({name!r}, …)`: the array has the dimensions ({', '.join(map(str, dims))}), the "
            f"coefficient the coordinates ({', '.join(names)}). Rename the dimensions to match."
        )
        raise DeclarationError(message)
    return Coefficient(Label(name, names, payload=values), *coordinates)
