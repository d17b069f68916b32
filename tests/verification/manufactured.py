"""Problems with known solutions: the right-hand sides are made from the solution."""

from dataclasses import dataclass

import numpy as np
import sympy
from sympy import cos, exp, sin, tanh

from pinr import Box, Eq, Problem, coordinates, div, grad, laplacian, on, unknown
from pinr.geometry import Ball
from pinr.language.evaluation import evaluate

x, y, t = coordinates("x y", time="t")
line, plane = unknown("u", x), unknown("u", x, y)
line_in_time, plane_in_time = unknown("u", x, t), unknown("u", x, y, t)


@dataclass(frozen=True)
class Manufactured:
    problem: Problem
    exact: sympy.Expr

    def field(self, factor=1.0):
        """The exact solution times a factor: a solution with the relative error `factor − 1` in every norm."""
        return lambda **points: (
            factor * np.broadcast_to(evaluate(self.exact, points), np.shape(next(iter(points.values()))))
        )


def manufactured(region, unknown, exact, operator, *conditions, initial=None):
    """`operator(u) = operator(exact)` inside, and every condition `(part, operator)` with the exact value."""
    constraints = [on(region, Eq(operator(unknown), operator(exact).doit()))]
    constraints += [on(part, Eq(condition(unknown), condition(exact))) for part, condition in conditions]
    if initial is not None:
        constraints.append(on(initial, Eq(unknown, exact.subs(t, 0))))
    return Manufactured(Problem(*constraints), exact)


def value(u):
    return u


def outflow(region, *coordinates):
    """`n · ∇u`, of formulas too."""
    n = region.boundary.normal.along(coordinates)
    return lambda u: sum(m * u.diff(c) for m, c in zip(n, coordinates, strict=True))


def poisson():
    square = Box(x=(0, 1), y=(0, 2))
    return manufactured(square, plane, sin(3 * x) * exp(y), lambda u: -laplacian(u, x, y), (square.boundary, value))


def transport():
    """Variable diffusion, advection and reaction; Dirichlet, Neumann and two forms of Robin conditions."""
    square = Box(x=(0, 1), y=(0, 1))
    parts, flux = square.boundary.part, outflow(square, x, y)
    k = 1 + x * y / 2
    return manufactured(
        square,
        plane,
        sin(x + 2 * y) + x**2,
        lambda u: div(k * grad(u, x, y), x, y) - u.diff(x) - 2 * x * u.diff(y) - 3 * u,
        (parts("x-"), value),
        (parts("x+"), lambda u: u.diff(x)),
        (parts("y+"), lambda u: flux(u) + 2 * u),
        (parts("y-"), lambda u: 3 * u - k * u.diff(y)),
    )


def plate():
    """A curved hole with a Robin condition."""
    region = Box(x=(-1, 1), y=(-1, 1)) - Ball(x=0.3, y=0.0, radius=0.4, name="hole")
    flux = outflow(region, x, y)
    return manufactured(
        region,
        plane,
        sin(2 * x + y) + x * y + 1,
        lambda u: -laplacian(u, x, y),
        (region.boundary.part("hole"), lambda u: flux(u) + 2 * u),
        (region.boundary.without("hole"), value),
    )


def conduction():
    """Conductivity that depends on the temperature, and radiation at one end."""
    rod = Box(x=(-1, 1))
    return manufactured(
        rod,
        line,
        tanh(2 * x) + 2,
        lambda u: ((1 + u**2) * u.diff(x)).diff(x) - u**3,
        (rod.boundary.part("x-"), value),
        (rod.boundary.part("x+"), lambda u: u.diff(x) + u**4 / 10),
    )


def burgers():
    channel = Box(x=(0, 1)) * Box(t=(0, 1))
    return manufactured(
        channel,
        line_in_time,
        exp(-t) * sin(2 * x + t) + 1,
        lambda u: u.diff(t) + u * u.diff(x) - laplacian(u, x) / 20,
        (channel.boundary.part("x-"), value),
        (channel.boundary.part("x+"), outflow(channel, x)),
        initial=channel.at(t=0),
    )


def heat():
    """A disc that loses heat through its rim, with a source in time."""
    disc = Ball(x=0, y=0, radius=1) * Box(t=(0, 1))
    flux = outflow(disc, x, y)
    return manufactured(
        disc,
        plane_in_time,
        exp(-t) * sin(2 * x + t) + cos(y),
        lambda u: u.diff(t) - laplacian(u, x, y),
        (disc.boundary, lambda u: flux(u) + u),
        initial=disc.at(t=0),
    )


PROBLEMS = {make.__name__: make for make in (poisson, transport, plate, conduction, burgers, heat)}
