"""Equations with their residuals written out by hand: the table that the properties of the compiler run through."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import xarray
from sympy import Abs, Heaviside, Max, Min, Piecewise, besselj, cos, erf, exp, pi, sin, sinc, sqrt, tanh

from pinr.geometry import Box
from pinr.language.coefficients import coefficient
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import div, dot, grad, hessian, laplacian, norm
from pinr.language.parameters import parameter
from tests.compiler.reference import ByHand, d

x, y, t = coordinates("x y", time="t")
u, w, k, n = (unknown(name, x, y) for name in "uwkn")
v = unknown("v", x, y, size=2)
h = unknown("h", x, t)
b, p = unknown("b", x, y, t, size=2), unknown("p", x, y, t)
g = unknown("g", x)
nu, a = parameter("nu", 0.3, positive=True), parameter("a", -0.7)
speed = coefficient("speed", lambda x, y: 1 + x**2 * torch.sin(y), x, y)
AXIS = np.linspace(-0.5, 2.5, 9)
data = xarray.DataArray(1 + AXIS[:, None] ** 2 * AXIS**3, dims=("y", "x"), coords={"x": AXIS, "y": AXIS})
gridded = coefficient("gridded", data, x, y)  # cubic along each axis, so that the spline through it is exact
SQUARE = Box(x=(0, 1), y=(0.5, 1.5))
STRIP = Box(x=(-1, 1)) * Box(t=(0, 2))
DUCT = SQUARE * Box(t=(0, 1))


@dataclass(frozen=True)
class Case:
    """Equations on a region, their residual by hand, and the indices of the groups that should be found."""

    text: str
    equations: tuple
    residual: Callable[[ByHand], tuple]
    groups: tuple[tuple[str, ...], ...] = ()
    region: object = SQUARE


def lap(f: ByHand, values):
    return d(values, f.x, f.x) + d(values, f.y, f.y)


def navier_stokes(f: ByHand):
    b0, b1 = f.b0(), f.b1()
    return (
        d(b0, f.t) + b0 * d(b0, f.x) + b1 * d(b0, f.y) + d(f.p(), f.x) - f.nu * lap(f, b0),
        d(b1, f.t) + b0 * d(b1, f.x) + b1 * d(b1, f.y) + d(f.p(), f.y) - f.nu * lap(f, b1),
        d(b0, f.x) + d(b1, f.y),
    )


def p_laplacian(f: ByHand):
    ux, uy = d(f.u(), f.x), d(f.u(), f.y)
    size = torch.sqrt(ux**2 + uy**2)
    return (d(size * ux, f.x) + d(size * uy, f.y) + 1,)


def flux(f: ByHand, conductivity):
    return (d(conductivity * d(f.u(), f.x), f.x) + d(conductivity * d(f.u(), f.y), f.y),)


def monge_ampere(f: ByHand):
    u = f.u()
    return (d(u, f.x, f.x) * d(u, f.y, f.y) - d(u, f.x, f.y) ** 2 - f.x,)


LAPLACE = (("xx", "yy"),)
CASES = [
    Case("Poisson", (Eq(-laplacian(u), sin(pi * x) * y),),
         lambda f: (-lap(f, f.u()) - torch.sin(torch.pi * f.x) * f.y,), LAPLACE),
    Case("reaction", (Eq(laplacian(u), u**3 - x),), lambda f: (lap(f, f.u()) - f.u() ** 3 + f.x,), LAPLACE),
    Case("heat", (Eq(h.diff(t), laplacian(h)),),
         lambda f: (d(f.h(), f.t) - d(f.h(), f.x, f.x),), (("xx", "t"),), STRIP),
    Case("heat with a number to identify", (Eq(h.diff(t), nu * laplacian(h)),),
         lambda f: (d(f.h(), f.t) - f.nu * d(f.h(), f.x, f.x),), (), STRIP),
    Case("wave", (Eq(h.diff(t, 2), a**2 * laplacian(h)), Eq(h, 0)),
         lambda f: (d(f.h(), f.t, f.t) - f.a**2 * d(f.h(), f.x, f.x), f.h()), (("xx", "tt"),), STRIP),
    Case("Burgers", (Eq(h.diff(t) + h * h.diff(x), 0.01 * h.diff(x, 2)),),
         lambda f: (d(f.h(), f.t) + f.h() * d(f.h(), f.x) - 0.01 * d(f.h(), f.x, f.x),), (("xx", "t"),), STRIP),
    Case("Kuramoto–Sivashinsky", (Eq(h.diff(t) + h * h.diff(x) + h.diff(x, 2) + h.diff(x, 4), 0),),
         lambda f: (d(f.h(), f.t) + f.h() * d(f.h(), f.x) + d(f.h(), f.x, f.x) + d(f.h(), *[f.x] * 4),),
         (("xxxx", "xx", "t"),), STRIP),
    Case("biharmonic", (Eq(laplacian(laplacian(u)), x),), lambda f: (lap(f, lap(f, f.u())) - f.x,),
         (("xxxx", "xxyy", "yyyy"),)),
    Case("Navier–Stokes", (Eq(b.diff(t) + grad(b) * b + grad(p), nu * laplacian(b)), Eq(div(b), 0)), navier_stokes,
         LAPLACE * 2, DUCT),
    Case("p-Laplacian", (Eq(div(norm(grad(u)) * grad(u)), -1),), p_laplacian),
    Case("Monge–Ampère", (Eq(hessian(u).det(), x),), monge_ampere),
    Case("u Δu", (Eq(u * laplacian(u), 1),), lambda f: (f.u() * lap(f, f.u()) - 1,), LAPLACE),
    Case("(Δu)²", (Eq(laplacian(u) ** 2, x),), lambda f: (lap(f, f.u()) ** 2 - f.x,), LAPLACE),
    Case("exp(Δu)", (Eq(exp(laplacian(u) / 10) - Abs(laplacian(u)), 0),),
         lambda f: (torch.exp(lap(f, f.u()) / 10) - lap(f, f.u()).abs(),), LAPLACE),
    Case("anisotropic", (Eq((1 + x**2) * u.diff(x, 2) + y * u.diff(y, 2) + u.diff(x), 0),),
         lambda f: ((1 + f.x**2) * d(f.u(), f.x, f.x) + f.y * d(f.u(), f.y, f.y) + d(f.u(), f.x),), LAPLACE),
    Case("degenerate", (Eq((x - 0.5) * u.diff(x, 2) + (y - 1) * u.diff(y, 2), 0),),
         lambda f: ((f.x - 0.5) * d(f.u(), f.x, f.x) + (f.y - 1) * d(f.u(), f.y, f.y),), LAPLACE),
    Case("anisotropic with a number", (Eq(a * u.diff(x, 2) + u.diff(y, 2), 0),),
         lambda f: (f.a * d(f.u(), f.x, f.x) + d(f.u(), f.y, f.y),), LAPLACE),
    Case("a quotient of derivatives", (Eq(u.diff(y, 2) * (1 + u.diff(x, 2) / u.diff(y, 2)), 0),),
         lambda f: (lap(f, f.u()),)),
    Case("two equations, one operator", (Eq(u.diff(x), w), Eq(laplacian(u), w)),
         lambda f: (d(f.u(), f.x) - f.w(), lap(f, f.u()) - f.w()), LAPLACE),
    Case("two equations that share a part", (Eq(laplacian(u) + u.diff(x), 0), Eq(u.diff(x), 1)),
         lambda f: (lap(f, f.u()) + d(f.u(), f.x), d(f.u(), f.x) - 1), LAPLACE),
    Case("operator and a part of it", (Eq(laplacian(u), 0), Eq(u.diff(x, 2), 1)),
         lambda f: (lap(f, f.u()), d(f.u(), f.x, f.x) - 1)),
    Case("flux of a known k", (Eq(div(exp(x) * grad(u)), 0),), lambda f: flux(f, torch.exp(f.x)), (("x", "xx", "yy"),)),
    Case("flux of a callable k", (Eq(div(speed * grad(u)), 0),),
         lambda f: flux(f, 1 + f.x**2 * torch.sin(f.y)), LAPLACE),
    Case("flux of a gridded k", (Eq(div(gridded * grad(u)), 0),), lambda f: flux(f, 1 + f.y**2 * f.x**3), LAPLACE),
    Case("flux of an unknown k", (Eq(div(k * grad(u)), 0),), lambda f: flux(f, f.k()), LAPLACE),
    Case("flux of an identified k", (Eq(div(nu * grad(u)), a),),
         lambda f: (f.nu * lap(f, f.u()) - f.a,), LAPLACE),
    Case("flux of k(u)", (Eq(div((1 + u**2) * grad(u)), 0),), lambda f: flux(f, 1 + f.u() ** 2), LAPLACE),
    Case("ansatz", (Eq(laplacian(x * (1 - x) * n), n),),
         lambda f: (lap(f, f.x * (1 - f.x) * f.n()) - f.n(),), LAPLACE),
    Case("linear arguments", (Eq(u.subs({x: x + y, y: 2 * y}, simultaneous=True).diff(x, y), u),),
         lambda f: (d(f.u(f.x + f.y, 2 * f.y), f.x, f.y) - f.u(),), (("xx", "xy"),)),
    Case("a network in a network", (Eq(u.subs(x, w), u),), lambda f: (f.u(f.w(), f.y) - f.u(),)),
    Case("slopes where a number says", (Eq(sum(grad(u.subs(x, nu * x), x, y)), 0),),
         lambda f: (d(f.u(f.nu * f.x, f.y), f.x) + d(f.u(f.nu * f.x, f.y), f.y),)),
    Case("slopes where a network says", (Eq(sum(grad(u.subs(x, w), x, y)), 0),),
         lambda f: (d(f.u(f.w(), f.y), f.x) + d(f.u(f.w(), f.y), f.y),)),
    Case("itself in itself", (Eq(u.subs(x, u), 1),), lambda f: (f.u(f.u(), f.y) - 1,)),
    Case("Laplacian of a composition", (Eq(laplacian(u.subs(x, w), x, y), 1),),
         lambda f: (lap(f, f.u(f.w(), f.y)) - 1,), LAPLACE),
    Case("value elsewhere", (Eq(u.subs(x, 0) - u.subs(x, 0.5), g),),
         lambda f: (f.u(0.0, f.y) - f.u(0.5, f.y) - f.g(),)),
    Case("piecewise", (Eq(Piecewise((laplacian(u), x < 0.5), (u - y, True)), 0),),
         lambda f: (torch.where(f.x < 0.5, lap(f, f.u()), f.u() - f.y),), LAPLACE),
    Case("piecewise in the unknown", (Eq(Piecewise((u, u > 0.1), (u**2, True)), 0),),
         lambda f: (torch.where(f.u() > 0.1, f.u(), f.u() ** 2),)),
    Case("extrema", (Eq(Max(u, 0, x / 5) + Min(w, y), 0),),
         lambda f: (torch.maximum(f.u().clamp(min=0), f.x / 5) + torch.minimum(f.w(), f.y),)),
    Case("inequality", (u >= x,), lambda f: ((f.x - f.u()).clamp(min=0),)),
    Case("absolute slope", (Eq(Abs(u.diff(x)).diff(x), 0),),
         lambda f: (d(f.u(), f.x).sign() * d(f.u(), f.x, f.x),)),
    Case("Heaviside", (Eq(Heaviside(u) * u + Heaviside(x - 0.5), 0),),
         lambda f: (f.u().clamp(min=0) + (f.x > 0.5).double(),)),
    Case("eikonal", (Eq(norm(grad(u)), speed),),
         lambda f: (torch.hypot(d(f.u(), f.x), d(f.u(), f.y)) - 1 - f.x**2 * torch.sin(f.y),)),
    Case("norm of a derivative", (Eq(norm(grad(u)).diff(x), 0),),
         lambda f: (d(torch.hypot(d(f.u(), f.x), d(f.u(), f.y)), f.x),)),
    Case("known Bessel function", (Eq(u, besselj(0, 4 * x)),),
         lambda f: (f.u() - j0(4 * f.x),)),
    Case("Bessel function of an unknown", (Eq(besselj(0, u) + besselj(1, u).diff(x), 0),),
         lambda f: (j0(f.u()) + j1_slope(f.u()) * d(f.u(), f.x),)),
    Case("other functions", (Eq(sinc(u) + erf(u) + tanh(w) * cos(u) + sqrt(1 + u**2) + sinc(x), 0),),
         lambda f: (torch.sin(f.u()) / f.u() + torch.erf(f.u()) + torch.tanh(f.w()) * torch.cos(f.u())
                    + torch.sqrt(1 + f.u() ** 2) + torch.sin(f.x) / f.x,)),
    Case("Robin", (Eq(dot(grad(u), SQUARE.boundary.normal) + 2 * u, x),),
         lambda f: (d(f.u(), f.x) * f.columns["normal.x"] + d(f.u(), f.y) * f.columns["normal.y"] + 2 * f.u() - f.x,),
         (), SQUARE.boundary),
    Case("vector", (Eq(laplacian(v) - grad(div(v)), (x, y)),),
         lambda f: (
             lap(f, f.v0()) - d(f.v0(), f.x, f.x) - d(f.v1(), f.x, f.y) - f.x,
             lap(f, f.v1()) - d(f.v0(), f.x, f.y) - d(f.v1(), f.y, f.y) - f.y,
         )),
]  # fmt: skip


def j0(z):
    return torch.cos(z[:, None] * torch.sin(ANGLES)).mean(dim=1)


def j1_slope(z):
    slope = torch.cos(ANGLES - z[:, None] * torch.sin(ANGLES) - torch.pi / 2) * torch.sin(ANGLES)
    return slope.mean(dim=1)


# Bessel's integral, J_n(z) = (1/2π) ∫ cos(nθ − z sin θ) dθ, exact by the trapezoidal rule.
ANGLES = torch.arange(64, dtype=torch.float64) * (2 * torch.pi / 64)
