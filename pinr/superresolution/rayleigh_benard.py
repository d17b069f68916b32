"""The equations of convection between two plates."""

import numpy as np

from pinr.errors import DeclarationError
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import laplacian
from pinr.superresolution.equations import Equations
from pinr.superresolution.walls import Walls

AT_PLATES = {"b": (0.5, -0.5), "u": (0.0, 0.0), "w": (0.0, 0.0)}  # below, above


def rayleigh_benard(Ra: float = 1e6, Pr: float = 1.0, plates: tuple[float, float] = (0.0, 1.0)) -> Equations:
    """Rayleigh–Bénard convection in two dimensions, x along the plates and z upwards, in free-fall units.

    - `energy`: `b_t + u b_x + w b_z = κ Δb`
    - `momentum_x`: `u_t + u u_x + w u_z + p_x = ν Δu`
    - `momentum_z`: `w_t + u w_x + w w_z + p_z = ν Δw + b`
    - `continuity`: `u_x + w_z = 0`

    with `κ = (Ra Pr)^−½` and `ν = (Ra/Pr)^−½`: lengths are in heights H, temperatures in differences ΔT between the
    plates, velocities in `√(g α ΔT H)`, times in `√(H/(g α ΔT))`. Buoyancy that depends on z alone is held by p.

    At the plates `u = w = 0` and `b = ½`, below, or `b = −½`. Mirror images are flows, too: `x → −x` with `−u`, and
    `z → −z` with `−w` and `−b`.

    Args:
        Ra: The Rayleigh number, `g α ΔT H³/(ν κ)` of quantities with units.
        Pr: The Prandtl number, ν/κ.
        plates: Where they are.

    Raises:
        DeclarationError: A number is not positive, or the plates are not one height apart.
    """
    for name, number in (("Ra", Ra), ("Pr", Pr)):
        if not 0 < number < np.inf:
            message = f"`rayleigh_benard({name}={number!r})`: give a positive number."
            raise DeclarationError(message)
    low, high = plates
    if abs(high - low - 1) > 1e-6:
        message = f"`rayleigh_benard(plates={plates!r})`: lengths are in heights, so that plates are 1 apart."
        raise DeclarationError(message)
    diffusivity, viscosity = (Ra * Pr) ** -0.5, (Ra / Pr) ** -0.5
    x, z, t = coordinates("x z", time="t")
    p, b, u, w = (unknown(name, x, z, t) for name in ("p", "b", "u", "w"))
    equations = {
        "energy": Eq(b.diff(t) + u * b.diff(x) + w * b.diff(z), diffusivity * laplacian(b)),
        "momentum_x": Eq(u.diff(t) + u * u.diff(x) + w * u.diff(z) + p.diff(x), viscosity * laplacian(u)),
        "momentum_z": Eq(w.diff(t) + u * w.diff(x) + w * w.diff(z) + p.diff(z), viscosity * laplacian(w) + b),
        "continuity": Eq(u.diff(x) + w.diff(z), 0),
    }
    return Equations(
        equations,
        unknowns={"p": p, "b": b, "u": u, "w": w},
        coordinates={"x": x, "z": z, "t": t},
        mirrors={"x": ("u",), "z": ("b", "w")},
        walls={"z": Walls(low, high, AT_PLATES)},
    )
