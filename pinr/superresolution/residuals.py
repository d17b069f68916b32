"""How well fields on a grid obey the equations of convection, by operators that know nothing of networks."""

import numpy as np
import xarray

from pinr.errors import DeclarationError
from pinr.superresolution.differences import STENCIL, Walls, derivative
from pinr.superresolution.periodicity import periods_of
from pinr.superresolution.rayleigh_benard import AT_PLATES

FIELDS = ("p", "b", "u", "w")
AXES = ("t", "z", "x")


def residuals(
    dataset: xarray.Dataset,
    *,
    Ra: float | None = None,
    Pr: float | None = None,
    plates: tuple[float, float] | None = None,
    stencil: int = STENCIL,
) -> xarray.Dataset:
    """The residuals `energy`, `momentum_x`, `momentum_z` and `continuity` on the grid.

    `b_t + u b_x + w b_z − κ Δb`, `u_t + u u_x + w u_z + p_x − ν Δu`, `w_t + u w_x + w w_z + p_z − b − ν Δw` and
    `u_x + w_z`, with `κ = (Ra Pr)^−½` and `ν = (Ra/Pr)^−½`. Derivatives go along named axes: Fourier series along those
    that are periodic, finite differences of sixth order along others, and central ones in time; frames at the ends that
    have none are left out. The attribute `relative` of each is its root mean square by that of its largest term.

    Args:
        dataset: p, b, u, w over t, z and x, in any order.
        Ra: The Rayleigh number; None takes the attribute `Ra` of the dataset.
        Pr: The Prandtl number; None takes the attribute `Pr`.
        plates: The heights of plates, at which `u = w = 0` and `b = ½`, below, or `b = −½`; differences along z then
            use these values. In data that are resolved on their grid, most of what is left without them is the error of
            one-sided differences in the layers at the plates.
        stencil: Positions of a finite difference, odd.

    Raises:
        DeclarationError: A field, an axis or a number is missing, or there are too few positions.
    """
    check_flow(dataset)
    diffusivity, viscosity = diffusivities(dataset, Ra, Pr)
    if stencil < 3 or stencil % 2 == 0:
        message = f"`stencil={stencil!r}`: give an odd number, 3 or more."
        raise DeclarationError(message)
    periods = periods_of(dataset)
    p, b, u, w = (dataset[name].astype(np.float64) for name in FIELDS)

    def d(values: xarray.DataArray, axis: str, order: int = 1) -> xarray.DataArray:
        walls = walls_of(values, plates) if axis == "z" else None
        return derivative(values, axis, order=order, period=periods.get(axis), stencil=stencil, walls=walls)

    def terms(values: xarray.DataArray, diffusion: float) -> list[xarray.DataArray]:
        laplacian = d(values, "x", 2) + d(values, "z", 2)
        return [d(values, "t"), u * d(values, "x"), w * d(values, "z"), -diffusion * laplacian]

    equations = {
        "energy": terms(b, diffusivity),
        "momentum_x": [*terms(u, viscosity), d(p, "x")],
        "momentum_z": [*terms(w, viscosity), d(p, "z"), -b],
        "continuity": [d(u, "x"), d(w, "z")],
    }
    inside = slice(stencil // 2, dataset.sizes["t"] - stencil // 2)
    found = {}
    for name, parts in equations.items():
        kept = [part.isel(t=inside) for part in parts]
        residual = sum(kept[1:], kept[0])
        largest = max(float((part**2).mean()) for part in kept) ** 0.5
        relative = float((residual**2).mean()) ** 0.5 / largest if largest else 0.0
        found[name] = residual.transpose(*dataset["p"].dims).assign_attrs(relative=relative)
    return xarray.Dataset(found, attrs=dataset.attrs)


def walls_of(values: xarray.DataArray, plates: tuple[float, float] | None) -> Walls | None:
    """The plates with the value of a field on them, None where there are none or it is not known, as that of p is not.

    Raises:
        DeclarationError: The plates are not outside the positions.
    """
    if plates is None or values.name not in AT_PLATES:
        return None
    low, high = plates
    z = values["z"].values
    if not low < z.min() <= z.max() < high:
        message = f"`plates={plates!r}`: plates lie below and above all z, which go from {z.min():g} to {z.max():g}."
        raise DeclarationError(message)
    below, above = AT_PLATES[str(values.name)]
    return (low, below), (high, above)


def check_flow(dataset: xarray.Dataset) -> None:
    """Refuse what is no flow: p, b, u, w over t, z and x.

    Raises:
        DeclarationError: So it is.
    """
    if not isinstance(dataset, xarray.Dataset):
        message = f"`{type(dataset).__name__}`: give an xarray.Dataset with {', '.join(FIELDS)}, such as `data.fine()`."
        raise DeclarationError(message)
    for name in FIELDS:
        if name not in dataset.data_vars:
            message = f"The dataset has no field `{name}`. It has {', '.join(map(str, dataset.data_vars)) or 'none'}."
            raise DeclarationError(message)
        if set(dataset[name].dims) != set(AXES):
            message = f"`{name}` has the axes {dataset[name].dims}. The axes of a flow are t, z and x."
            raise DeclarationError(message)


def diffusivities(dataset: xarray.Dataset, Ra: float | None, Pr: float | None) -> tuple[float, float]:
    """`κ = (Ra Pr)^−½` and `ν = (Ra/Pr)^−½` of a dataset, or of the numbers that are given.

    Raises:
        DeclarationError: A number is neither given nor an attribute of the dataset, or is not positive.
    """
    numbers = []
    for name, given in (("Ra", Ra), ("Pr", Pr)):
        value = dataset.attrs.get(name) if given is None else given
        if value is None:
            message = f"The dataset has no attribute `{name}`. Give the number, `{name}=…`."
            raise DeclarationError(message)
        if not 0 < float(value) < np.inf:
            message = f"`{name}={value!r}`: give a positive number."
            raise DeclarationError(message)
        numbers.append(float(value))
    rayleigh, prandtl = numbers
    return (rayleigh * prandtl) ** -0.5, (rayleigh / prandtl) ** -0.5
