"""What a flow in two dimensions is described by: energies, scales, fluxes and spectra."""

import numpy as np
import xarray
from numpy.typing import NDArray

from pinr.errors import DeclarationError
from pinr.superresolution.differences import STENCIL, derivative, difference_matrix
from pinr.superresolution.periodicity import periods_of
from pinr.superresolution.residuals import check_flow, diffusivities, walls_of

Array = NDArray[np.float64]

QUADRATURE = 5  # positions that the integral over a cell sees


def statistics(
    dataset: xarray.Dataset,
    *,
    Ra: float | None = None,
    Pr: float | None = None,
    plates: tuple[float, float] = (0.0, 1.0),
) -> xarray.Dataset:
    """Statistics of convection between plates for every frame, and its spectrum along x.

    Means `⟨·⟩` are over the area: along x, which is periodic, equal weights, along z polynomials of degree 4 through
    positions that need not be evenly spaced. At the plates `u = w = 0` and `b = ± ½`. Lengths are in heights
    and times in free-fall times, so that `κ = (Ra Pr)^−½` and `ν = (Ra/Pr)^−½`.

    - `kinetic_energy`: `E = ⟨u² + w²⟩/2`
    - `rms_velocity`: of one component, `U = √E`: there are two, not three
    - `dissipation`: `ε = 2 ν ⟨S : S⟩`, S the symmetric part of the velocity's gradient
    - `thermal_dissipation`: `κ ⟨|∇b|²⟩`
    - `enstrophy`: `⟨ω²⟩/2`; `ε = 2 ν · enstrophy` between plates
    - `taylor_scale`: `λ = U √(8 ν/ε)`, where three dimensions have 15; in isotropic flow `U²/⟨u_x²⟩ = λ²`,
      since a wave of any direction has `⟨u_x²⟩ = ⟨ω²⟩ sin²θ cos²θ`, on average ⅛
    - `taylor_reynolds`: `U λ/ν`
    - `kolmogorov_length`, `_time`, `_velocity`: `(ν³/ε)^¼`, `(ν/ε)^½`, `(ν ε)^¼`
    - `integral_scale`: `2π Σ E(k)/k / Σ E(k)` over `k > 0`: the mean wavelength, weighted by energy
    - `nusselt_volume`: `1 + ⟨w b⟩/κ`
    - `nusselt_bottom`, `nusselt_top`: the mean of `−b_z` at the plate
    - `nusselt_thermal`: `⟨|∇b|²⟩`
    - `nusselt_viscous`: `1 + ε/κ`
    - `energy_spectrum`: `E(k)`, mean over z; `Σ E(k) = E` over all wavenumbers, 0 too (Parseval)

    In a steady mean over time all five Nusselt numbers agree; how far they are apart tells about resolution and about
    how long the mean is. Kolmogorov's scales are those of the flow's dissipation; in two dimensions energy goes to
    larger scales, and they do not mark the end of an inertial range.

    Args:
        dataset: p, b, u, w over t, z and x, which is periodic.
        Ra: The Rayleigh number; None takes the attribute `Ra` of the dataset.
        Pr: The Prandtl number; None takes the attribute `Pr`.
        plates: Their heights.

    Raises:
        DeclarationError: A field, an axis or a number is missing, or x is not periodic.

    Reference: Siggia, Annu. Rev. Fluid Mech. 26, 1994 (the exact relations of Nusselt numbers and dissipations).
    """
    check_flow(dataset)
    diffusivity, viscosity = diffusivities(dataset, Ra, Pr)
    period = periods_of(dataset).get("x")
    if period is None:
        message = 'The dataset does not say that x is periodic. Say so: `dataset.assign_attrs(periodic="x")`.'
        raise DeclarationError(message)
    b, u, w = (dataset[name].astype(np.float64).transpose("t", "z", "x") for name in ("b", "u", "w"))

    def d(values: xarray.DataArray, axis: str) -> xarray.DataArray:
        walls = walls_of(values, plates) if axis == "z" else None
        # Of short columns the polynomial through all values.
        stencil = min(STENCIL, values.sizes["z"] + 2)
        return derivative(values, axis, period=period if axis == "x" else None, stencil=stencil, walls=walls)

    weights = xarray.DataArray(_shares(b["z"].values, plates), dims="z")

    def mean(values: xarray.DataArray) -> xarray.DataArray:
        return (values.mean("x") * weights).sum("z")

    u_x, u_z, w_x, w_z = d(u, "x"), d(u, "z"), d(w, "x"), d(w, "z")
    energy = mean(u**2 + w**2) / 2
    dissipation = 2 * viscosity * mean(u_x**2 + w_z**2 + (u_z + w_x) ** 2 / 2)
    gradient = mean(d(b, "x") ** 2 + d(b, "z") ** 2)
    spectrum = _spectrum(u, w, weights, period)
    waves = spectrum.isel(wavenumber=slice(1, None))
    with np.errstate(divide="ignore", invalid="ignore"):  # a flow at rest has no scales: NaN or infinity
        taylor = np.sqrt(energy * 8 * viscosity / dissipation)
        found = {
            "kinetic_energy": energy,
            "rms_velocity": np.sqrt(energy),
            "dissipation": dissipation,
            "thermal_dissipation": diffusivity * gradient,
            "enstrophy": mean((u_z - w_x) ** 2) / 2,
            "taylor_scale": taylor,
            "taylor_reynolds": np.sqrt(energy) * taylor / viscosity,
            "kolmogorov_length": (viscosity**3 / dissipation) ** 0.25,
            "kolmogorov_time": (viscosity / dissipation) ** 0.5,
            "kolmogorov_velocity": (viscosity * dissipation) ** 0.25,
            "integral_scale": 2 * np.pi * (waves / waves["wavenumber"]).sum("wavenumber") / waves.sum("wavenumber"),
        }
    found |= {
        "nusselt_volume": 1 + mean(w * b) / diffusivity,
        "nusselt_bottom": _slope(b, plates, 0),
        "nusselt_top": _slope(b, plates, 1),
        "nusselt_thermal": gradient,
        "nusselt_viscous": 1 + dissipation / diffusivity,
        "energy_spectrum": spectrum,
    }
    return xarray.Dataset(found, attrs=dataset.attrs)


def _shares(z: Array, plates: tuple[float, float]) -> Array:
    """The weight of each position in the mean over the height: every cell has the polynomial through the nearest ones.

    Squares of slopes are largest at the plates and change fast there; equal weights would be off by some per cent.
    """
    edges = np.concatenate([[plates[0]], (z[1:] + z[:-1]) / 2, [plates[1]]])
    count, shares = min(QUADRATURE, len(z)), np.zeros(len(z))
    for low, place, high in zip(edges[:-1], z, edges[1:], strict=True):
        near = np.sort(np.argsort(np.abs(z - place), kind="stable")[:count])
        size = np.abs(z[near] - place).max() or 1.0
        powers = np.arange(count)
        ends = [((end - place) / size) ** (powers + 1) for end in (low, high)]
        integrals = size * (ends[1] - ends[0]) / (powers + 1)
        shares[near] += np.linalg.solve(np.vander((z[near] - place) / size, increasing=True).T, integrals)
    return shares / (plates[1] - plates[0])


def _spectrum(u: xarray.DataArray, w: xarray.DataArray, weights: xarray.DataArray, period: float) -> xarray.DataArray:
    """`E(k) = ½ (|û|² + |ŵ|²)` with both signs of the wavenumber together, mean over z."""
    count = u.sizes["x"]
    both = np.full(count // 2 + 1, 2.0)
    both[0] = 1.0
    if count % 2 == 0:
        both[-1] = 1.0
    power = sum(np.abs(np.fft.rfft(part.values, axis=-1, norm="forward")) ** 2 for part in (u, w))
    energy = np.einsum("tzk,z,k->tk", power, weights.values, both / 2)
    waves = 2 * np.pi / period * np.arange(count // 2 + 1)
    coordinates = {"t": u["t"], "wavenumber": waves}
    return xarray.DataArray(energy, coordinates, ("t", "wavenumber"), name="energy_spectrum")


def _slope(b: xarray.DataArray, plates: tuple[float, float], which: int) -> xarray.DataArray:
    """The mean of `−b_z` at a plate, from the value there and the nearest positions, sixth order."""
    walls = walls_of(b, plates)
    assert walls is not None
    (low, below), (high, above) = walls
    nodes = np.concatenate([[low], b["z"].values, [high]])
    weights = difference_matrix(nodes, np.array([plates[which]]), stencil=min(STENCIL, len(nodes)))[0]
    inner = xarray.DataArray(weights[1:-1], dims="z")
    return -((b.mean("x") * inner).sum("z") + weights[0] * below + weights[-1] * above)
