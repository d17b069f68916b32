"""Declarations with one mistake each, what is said of it, and their nearest neighbours without the mistake."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
import torch
import xarray
from sympy import Abs, Heaviside, Max, Piecewise, Symbol, cos, exp, log, pi, sin, sqrt

from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.geometry import Ball, Box, Measurements, PointCloud
from pinr.language.coefficients import coefficient
from pinr.language.coordinates import Coordinate, coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import div, dot, grad, laplacian, norm
from pinr.language.parameters import parameter
from pinr.language.quantities import quantity

x, y, z, t = coordinates("x y z", time="t")
u, v, s = unknown("u", x, y), unknown("v", x, y, size=2), unknown("s", x, y)
h, r, q = unknown("h", x, t), unknown("r", t), unknown("q", x, y, z)
a = parameter("a", 1.0)
mm, second = coordinates("x", time="t", units={"x": "mm", "t": "s"})
METRES = coordinates("x", unit="m")
T, c = unknown("T", mm, second, unit="K"), unknown("c", mm, second)
DIFFUSIVITY, WARM = quantity(4, "mm^2/s"), quantity(300, "K")
SQUARE, STRING = Box(x=(0, 1), y=(0, 1)), Box(x=(0, pi)) * Box(t=(0, 2))
EDGE, START = SQUARE.boundary, STRING.at(t=0)
PLATE = SQUARE - Ball(x=0.5, y=0.5, radius=0.2, name="hole")
CORE = Ball(x=0, y=0, radius=0.5)
LID, WALLS = EDGE.part("y+"), EDGE.without("y+")
NOTCHED = SQUARE - Box(x=(0.5, 1), y=(0, 0.5), name="notch")
ROUND = Box(x=(0, 1), y=(0, 1), periodic="x y")
INSIDE, HELD = on(SQUARE, Eq(-laplacian(u), 1)), on(EDGE, Eq(u, 0))
WAVE, FIXED = on(STRING, Eq(h.diff(t, 2), laplacian(h))), on(STRING.boundary, Eq(h, 0))
HEAT = on(STRING, Eq(h.diff(t), laplacian(h)))
GRIDDED = xarray.DataArray(np.ones((4, 5)), coords={"x": np.linspace(0, 0.8, 4), "y": np.linspace(0, 1, 5)})
ENOUGH = xarray.DataArray(np.ones((5, 5)), coords={"x": np.linspace(0, 1, 5), "y": np.linspace(0, 1, 5)})
on_abc = unknown("on_abc", *coordinates("a b c"))
BALL = np.random.default_rng(0).normal(size=(400, 3))
BALL /= np.linalg.norm(BALL, axis=1, keepdims=True)
Declared = Callable[[], Any]


@dataclass(frozen=True)
class Wrong:
    """A declaration with one mistake.

    Attributes:
        declare: Gives constraints, or a problem; or fails.
        right: The same without the mistake.
        words: What the message says: what was written, what is wrong, what to do.
        code: Of the finding; None where the declaration itself fails.
        places: Whether the message has the file and line; elsewhere it is raised on the very line that is wrong.
    """

    declare: Declared
    right: Declared
    words: tuple[str, ...]
    code: str | None = None
    places: bool = True


PROBES = Measurements(x=[0.1, 0.2, 0.3], y=[0.1, 0.3, 0.4], u=[0.0, 0.5, 1.0])
BESIDE = Box(x=(1, 2), y=(0, 1))
FAR = Measurements(x=[0.1, 0.2, 300.0], y=[0.1, 0.3, 0.4], u=[0.0, 0.5, 1.0], name="far")
SPARSE = Measurements(x=[0.1, 0.2, 0.3], y=[0.1, 0.3, 0.4], u=[0.0, np.nan, 1.0], w=[1, 2, 3])


def heated(*others):
    """A rod in mm, s and K, with what it takes to be well-posed."""
    return Problem(
        on(STRING, Eq(T.diff(second), DIFFUSIVITY * laplacian(T))),
        on(STRING.boundary, Eq(T, WARM)),
        on(START, Eq(T, WARM)),
        *others,
    )


def scanned(normals):
    scan = PointCloud(BALL, normals=normals)
    return Problem(on(scan, 1 - dot(grad(q), scan.normal), Eq(q, 0), name="odd"))


def scanned_half(normals):
    above = BALL[:, 2] > 0
    scan = PointCloud(BALL[above], normals=normals[above])
    return Problem(on(scan, 1 - dot(grad(q), scan.normal), Eq(q, 0), name="odd"))


def column_of(x, y):
    return (x + y)[:, None]


def numbers_of(x, y):
    return x + y


def nowhere(x, y):
    return torch.log(x - 0.5)


def source(function):
    return on(SQUARE, Eq(-laplacian(u), coefficient("f", function, x, y)), name="odd")


def poisson(*constraints, **options):
    return Problem(INSIDE, HELD, *constraints, **options)


FINDINGS: Mapping[str, Wrong] = {
    "equation without unknown": Wrong(
        lambda: poisson(on(SQUARE, Eq(x, y), name="odd")),
        lambda: poisson(on(SQUARE, Eq(u * x, u * y), name="odd")),
        ("`Eq(x, y)`", "has no unknown", "Remove it"),
        "no-unknown",
    ),
    "namesake symbol": Wrong(
        lambda: poisson(on(SQUARE, Eq(u, Symbol("x")), name="odd")),
        lambda: poisson(on(SQUARE, Eq(u, x), name="odd")),
        ("plain symbol `x`", "namesake of the coordinate", "Use the object that `coordinates(...)` returned"),
        "namesake",
    ),
    "unknown symbol": Wrong(
        lambda: poisson(on(SQUARE, Eq(u, Symbol("k")), name="odd")),
        lambda: poisson(on(SQUARE, Eq(u, parameter("k", 2.0)), name="odd")),
        ("`k`", "has no value", "parameter('k', value)"),
        "unknown-symbol",
    ),
    "misspelt symbol": Wrong(
        lambda: poisson(on(SQUARE, Eq(u, Symbol("xx")), name="odd")),
        lambda: poisson(on(SQUARE, Eq(u, x), name="odd")),
        ("`xx`", "Did you mean 'x'?"),
        "unknown-symbol",
    ),
    "coordinate that the region lacks": Wrong(
        lambda: poisson(on(Box(x=(0, 1)), Eq(u.subs(y, 0), y), name="odd")),
        lambda: poisson(on(Box(x=(0, 1)), Eq(u.subs(y, 0), x), name="odd")),
        ("coordinate `y`", "does not bind", "Add it to the region"),
        "unbound-coordinate",
    ),
    "scan whose columns have other names": Wrong(
        lambda: Problem(on(PointCloud(BALL), Eq(on_abc, 0), name="odd")),
        lambda: Problem(on(PointCloud(BALL, coordinates=("a", "b", "c")), Eq(on_abc, 0), name="odd")),
        ("coordinates `a`, `b`, `c`", "calls its columns x, y, z", "`PointCloud(…, coordinates=('a', 'b', 'c'))`"),
        "unbound-coordinate",
    ),
    "scan without a coordinate": Wrong(
        lambda: Problem(on(PointCloud(BALL[:, :2]), Eq(q, x), name="odd")),
        lambda: Problem(on(PointCloud(BALL[:, :2]), Eq(q.subs(z, 0), x), name="odd")),
        ("the coordinate `z`", "calls its columns x, y", "Use `.subs`"),
        "unbound-coordinate",
    ),
    "normals that point inwards": Wrong(
        lambda: scanned(-BALL),
        lambda: scanned(BALL),
        ("normals of `PointCloud(400 points)` point inwards", "volume is negative", "normals=-scan.normals"),
        "inward-normals",
    ),
    "unknown over a coordinate that no region binds": Wrong(
        lambda: Problem(on(SQUARE, Eq(q, x), name="odd")),
        lambda: Problem(on(SQUARE * Box(z=(0, 1)), Eq(q, x), name="odd")),
        ("coordinate `z`", "`Box(x=(0, 1), y=(0, 1))` does not bind", "Add it to the region"),
        "unbound-coordinate",
    ),
    "coordinate of two roles": Wrong(
        lambda: poisson(on(SQUARE, Eq(u * Coordinate("x", "time"), 0), name="odd")),
        lambda: poisson(on(SQUARE, Eq(u * Coordinate("x", "space"), 0), name="odd")),
        ("`x` is declared as space and as time", "Declare coordinates once"),
        "two-roles",
    ),
    "coordinate of two units": Wrong(
        lambda: heated(on(STRING, Eq(T * METRES, 0), name="odd")),
        lambda: heated(on(STRING, Eq(T * mm, 0), name="odd")),
        ("`x` is declared in m and in mm", "Declare coordinates once"),
        "two-units",
    ),
    "coordinate with and without a unit": Wrong(
        lambda: heated(on(STRING, Eq(T * x, 0), name="odd")),
        lambda: heated(on(STRING, Eq(Piecewise((T, STRING.inside), (0, True)), 0), name="odd")),
        ("`x` is declared in mm and in no unit", "same objects everywhere"),
        "two-units",
    ),
    "diffusivity forgotten": Wrong(
        lambda: heated(on(STRING, Eq(T.diff(second), laplacian(T)), name="odd")),
        lambda: heated(on(STRING, Eq(T.diff(second), DIFFUSIVITY * laplacian(T)), name="odd")),
        ("`T.diff(t)` has K/s", "`laplacian(T)` has K/mm²", "a factor of mm²/s missing in `laplacian(T)`"),
        "clashing-units",
    ),
    "bare number": Wrong(
        lambda: heated(on(STRING, Eq(T, 300), name="odd")),
        lambda: heated(on(STRING, Eq(T, quantity(300, "K")), name="odd")),
        ("`T` has K", "`300` has no unit", "`quantity(300, 'K')`"),
        "clashing-units",
    ),
    "sine of a length": Wrong(
        lambda: heated(on(STRING, Eq(T, WARM * sin(pi * mm)), name="odd")),
        lambda: heated(on(STRING, Eq(T, WARM * sin(pi * mm / quantity(1, "m"))), name="odd")),
        ("`pi*x` has mm", "the argument of `sin` must be a plain number"),
        "clashing-units",
    ),
    "unknown without a unit": Wrong(
        lambda: heated(on(STRING, Eq(T, c), Eq(c, 0), name="odd")),
        lambda: heated(on(STRING, Eq(T, c * WARM), Eq(c, 0), name="odd")),
        ("`c` has no unit", "`c` is declared without a unit"),
        "clashing-units",
    ),
    "two unknowns of one name": Wrong(
        lambda: poisson(on(SQUARE, Eq(unknown("u", x, y, size=2), 0), name="odd")),
        lambda: poisson(on(SQUARE, Eq(unknown("w", x, y, size=2), 0), name="odd")),
        ("two unknowns are called `u`", "with 2 components", "Rename one"),
        "two-unknowns",
    ),
    "two parameters of one name": Wrong(
        lambda: poisson(on(SQUARE, Eq(a * u, 1)), on(SQUARE, Eq(parameter("a", 2.0) * u, 1), name="odd")),
        lambda: poisson(on(SQUARE, Eq(a * u, 1)), on(SQUARE, Eq(parameter("a", 1.0) * u, 1), name="odd")),
        ("two parameters are called `a`", "rename one"),
        "two-parameters",
    ),
    "jumping coefficient under div": Wrong(
        lambda: Problem(HELD, on(SQUARE, Eq(div(Piecewise((1, x < 0.5), (2, True)) * grad(u)), 1), name="odd")),
        lambda: Problem(HELD, on(SQUARE, Eq(div(Max(1, x + 0.5) * grad(u)), 1), name="odd")),
        ("`Piecewise(", "under the divergence", "interface condition", "left.boundary & right.boundary"),
        "jump-under-divergence",
    ),
    "material by region.inside under div": Wrong(
        lambda: Problem(
            HELD, on(SQUARE, Eq(div(Piecewise((9, CORE.inside), (1, True)) * grad(u)), 1), name="odd")
        ),
        lambda: Problem(
            HELD, on(SQUARE, Eq(laplacian(u), Piecewise((9, CORE.inside), (1, True))), name="odd")
        ),
        ("`Piecewise(", "under the divergence", "interface condition"),
        "jump-under-divergence",
    ),
    "step under div": Wrong(
        lambda: Problem(HELD, on(SQUARE, Eq(div((1 + Heaviside(x - 0.5)) * grad(u)), 1), name="odd")),
        lambda: Problem(HELD, on(SQUARE, Eq(div((1 + Abs(x - 0.5)) * grad(u)), 1), name="odd")),
        ("`Heaviside(x - 0.5)`", "under the divergence", "interface condition"),
        "jump-under-divergence",
    ),
    "normal inside the region": Wrong(
        lambda: poisson(on(SQUARE, Eq(dot(grad(u), EDGE.normal), 0), name="odd")),
        lambda: poisson(on(EDGE, Eq(dot(grad(u), EDGE.normal), 0), name="odd")),
        ("normal of the boundary of `Box(x=(0, 1), y=(0, 1))`", "not known", "own boundary"),
        "foreign-normal",
    ),
    "empty region": Wrong(
        lambda: poisson(on(Box(x=(0, 1)).where(x < 1e-3) * Box(y=(0, 1)).where(y < 1e-3), Eq(u, 0), name="odd")),
        lambda: poisson(on(Box(x=(0, 1e-3)) * Box(y=(0, 1e-3)), Eq(u, 0), name="odd")),
        ("where(x < 0.001) * Box", "the region is empty, or almost", "Start from a region that fits more closely"),
        "empty-region",
    ),
    "function without a rule": Wrong(
        lambda: poisson(on(SQUARE, Eq(u, sympy.zeta(x + 2)), name="odd")),
        lambda: poisson(on(SQUARE, Eq(u, sympy.erf(x + 2)), name="odd")),
        ("`zeta(x + 2)`", "no numerical rule for zeta", "elementary functions"),
        "no-rule",
    ),
    "source that is no number": Wrong(
        lambda: poisson(on(SQUARE, Eq(u, log(x - 0.5)), name="odd")),
        lambda: poisson(on(SQUARE, Eq(u, log(x + 0.5)), name="odd")),
        ("`-log(x - 0.5)` is nan at x = 0.", "finite", "`Piecewise`"),
        "not-finite",
    ),
    "source that is infinite at one point": Wrong(
        lambda: poisson(on(Box(x=(-1, 1), y=(0, 1)), Eq(u, 1 / x), name="odd")),
        lambda: poisson(on(Box(x=(1, 2), y=(0, 1)), Eq(u, 1 / x), name="odd")),
        ("`-1/x` is -inf at x = 0", "finite", "`Piecewise`"),
        "not-finite",
    ),
    "coefficient that is no number": Wrong(
        lambda: Problem(HELD, source(nowhere)),
        lambda: Problem(HELD, source(numbers_of)),
        ("`f` is nan at x = 0.", "finite"),
        "not-finite",
    ),
    "coefficient of shape (N, 1)": Wrong(
        lambda: Problem(HELD, source(column_of)),
        lambda: Problem(HELD, source(numbers_of)),
        ("coefficient `f` returns the shape (513, 1) for 513 points", "nothing is broadcast", "flatten"),
        "coefficient-shape",
    ),
    "coefficient that is one number": Wrong(
        lambda: Problem(HELD, source(lambda x, y: 2.0)),
        lambda: Problem(HELD, source(lambda x, y: 2.0 + 0 * x)),
        ("coefficient `f` returns a float", "must return a tensor of shape (513,)", "Use torch"),
        "coefficient-shape",
    ),
    "gridded coefficient outside its data": Wrong(
        lambda: Problem(HELD, source(GRIDDED)),
        lambda: Problem(HELD, source(ENOUGH)),
        ("coefficient `f` is asked at x = ", "outside its data (0 to 0.8)", "Extend the data"),
        "coefficient-outside-data",
    ),
    "measured column elsewhere": Wrong(
        lambda: poisson(on(SQUARE, Eq(u, PROBES["u"]), name="odd")),
        lambda: poisson(on(PROBES, Eq(u, PROBES["u"]), name="odd")),
        ("measured column `measurements.u`", "not known on `Box(x=(0, 1), y=(0, 1))`", "its own measurements"),
        "foreign-column",
    ),
    "rows without values": Wrong(
        lambda: poisson(on(SPARSE, Eq(u, SPARSE["u"]), name="odd")),
        lambda: poisson(on(SPARSE, Eq(u, SPARSE["w"]), name="odd")),
        ("1 of the 3 rows of `measurements` are left out", "the first one row 2 without u", "Fill them in"),
        "missing-rows",
    ),
    "unknown without an equation": Wrong(
        lambda: Problem(INSIDE, on(EDGE, Eq(u, s), name="odd")),
        lambda: Problem(INSIDE, on(SQUARE, Eq(s, x)), on(EDGE, Eq(u, s), name="odd")),
        ("`s` occurs in no equation inside", "Add its equation"),
        "no-equation-inside",
    ),
    "inequality without equation": Wrong(
        lambda: Problem(on(SQUARE, u >= x, name="odd"), HELD),
        lambda: Problem(on(SQUARE, u >= x, name="odd"), INSIDE, HELD),
        ("`u` occurs inside the region in inequalities only", "`u >= x`", "Add its equation"),
        "inequalities-only",
    ),
    "no initial condition": Wrong(
        lambda: Problem(on(STRING, Eq(h.diff(t), laplacian(h)), name="odd"), FIXED),
        lambda: Problem(on(STRING, Eq(h.diff(t), laplacian(h)), name="odd"), FIXED, on(START, Eq(h, sin(x)))),
        ("of order 1 in t", "`h` is given on no initial slice", "on(region.at(t=0), Eq(h, …))"),
        "missing-initial-condition",
    ),
    "second initial condition of a wave": Wrong(
        lambda: Problem(on(STRING, Eq(h.diff(t, 2), laplacian(h)), name="odd"), FIXED, on(START, Eq(h, sin(x)))),
        lambda: Problem(
            on(STRING, Eq(h.diff(t, 2), laplacian(h)), name="odd"), FIXED, on(START, Eq(h, sin(x)), Eq(h.diff(t), 0))
        ),
        ("of order 2 in t", "`h.diff(t, 1)` is given on no initial slice", "Eq(h.diff(t, 1), …)"),
        "missing-initial-condition",
    ),
    "initial condition of one component": Wrong(
        lambda: spinning(lambda w: (Eq(w[0], 1),)),
        lambda: spinning(lambda w: (Eq(w, (1, 0)),)),
        ("the equation of `w[1]` is of order 1 in t", "on(region.at(t=0), Eq(w[1], …))"),
        "missing-initial-condition",
    ),
    "nothing but derivatives under an operator": Wrong(
        lambda: Problem(
            on(SQUARE, Eq(div(norm(grad(u)) * grad(u)), 1), name="odd"), on(EDGE, Eq(dot(grad(u), EDGE.normal), 0.25))
        ),
        lambda: Problem(on(SQUARE, Eq(div(u * grad(u)), 1), name="odd"), on(EDGE, Eq(dot(grad(u), EDGE.normal), 0.25))),
        ("`u` occurs through its derivatives only", "Fix it at a point"),
        "free-constant",
    ),
    "no boundary condition": Wrong(
        lambda: Problem(on(SQUARE, Eq(u - laplacian(u), 1), name="odd")),
        lambda: Problem(on(SQUARE, Eq(u - laplacian(u), 1), name="odd"), HELD),
        ("`u` is of second order or higher in space", "no condition on `u`", "Add `on(region.boundary, Eq(u, …))`"),
        "missing-boundary-condition",
    ),
    "a bare side": Wrong(
        lambda: Problem(on(SQUARE, Eq(-laplacian(u), 1), name="odd"), on(EDGE.without("y+"), Eq(u, 0))),
        lambda: Problem(
            on(SQUARE, Eq(-laplacian(u), 1), name="odd"),
            on(EDGE.without("y+"), Eq(u, 0)),
            on(EDGE.part("y+"), Eq(u.diff(y), 0)),
        ),
        ("no condition on `u` is given on a part of the boundary: 'y+'", "part('y+')", "a value or a flux"),
        "missing-boundary-condition",
    ),
    "a point far outside": Wrong(
        lambda: poisson(on(FAR, Eq(u, FAR["u"]), name="odd")),
        lambda: poisson(on(FAR.where(x < 1), Eq(u, FAR["u"]), name="odd")),
        ("about `u` at x = 300", "outside `Box(x=(0, 1), y=(0, 1))`", "units"),
        "outside-the-region",
    ),
    "no boundary condition in time": Wrong(
        lambda: Problem(on(STRING, Eq(h.diff(t), laplacian(h)), name="odd"), on(START, Eq(h, sin(x)))),
        lambda: Problem(on(STRING, Eq(h.diff(t), laplacian(h)), name="odd"), on(START, Eq(h, sin(x))), FIXED),
        ("`h` is of second order", "Add `on(region.boundary, Eq(h, …))`"),
        "missing-boundary-condition",
    ),
    "pure Neumann": Wrong(
        lambda: Problem(on(SQUARE, Eq(laplacian(u), 1), name="odd"), on(EDGE, Eq(dot(grad(u), EDGE.normal), 0.25))),
        lambda: Problem(on(SQUARE, Eq(laplacian(u), 1), name="odd"), on(EDGE, Eq(dot(grad(u), EDGE.normal) + u, 0))),
        ("`u` occurs through its derivatives only", "up to a constant", "Fix it at a point"),
        "free-constant",
    ),
    "gradient data alone": Wrong(
        lambda: Problem(on(SQUARE, Eq(grad(u), (x, y)), name="odd")),
        lambda: Problem(on(SQUARE, Eq(grad(u), (x, y)), name="odd"), on(SQUARE.at(x=0, y=0), Eq(u, 0))),
        ("`u` occurs through its derivatives only", "gradient data", "Fix it at a point"),
        "free-constant",
    ),
    "boundary conditions that clash at a corner": Wrong(
        lambda: Problem(INSIDE, on(LID, Eq(u, 1), name="odd"), on(WALLS, Eq(u, 0), name="rest")),
        lambda: Problem(
            INSIDE, on(LID, Eq(u, sin(pi * x)), name="odd"), on(WALLS, Eq(u, 0), name="rest")
        ),
        ("`u = 1`", "'rest' (wrong_declarations.py:", "`u = 0`", "where the two meet, at x = 0, y = 1", "ramp"),
        "clashing-conditions",
    ),
    "boundary conditions that clash where a face was cut": Wrong(
        lambda: Problem(
            on(NOTCHED, Eq(laplacian(u), 0)),
            on(NOTCHED.boundary.part("notch"), Eq(u, 0), name="odd"),
            on(NOTCHED.boundary.without("notch"), Eq(u, 1)),
        ),
        lambda: Problem(
            on(NOTCHED, Eq(laplacian(u), 0)),
            on(NOTCHED.boundary.part("notch"), Eq(u, 0), name="odd"),
            on(NOTCHED.boundary.without("notch"), Eq(u, Max(0.5 - x, 0) + Max(y - 0.5, 0))),
        ),
        ("`u = 0`", "`u = 1`", "where the two meet, at x = 0.5, y = 0"),
        "clashing-conditions",
    ),
    "initial values that clash with the boundary": Wrong(
        lambda: Problem(HEAT, on(STRING.boundary, Eq(h, 0), name="odd"), on(START, Eq(h, cos(x)))),
        lambda: Problem(HEAT, on(STRING.boundary, Eq(h, 0), name="odd"), on(START, Eq(h, sin(x)))),
        ("`h = 0`", "'t = 0'", "`h = cos(x)`", "where the two meet, at x = 0, t = 0", "agree"),
        "clashing-conditions",
    ),
}  # fmt: skip


def spinning(start):
    time = Box(t=(0, 1))
    w = unknown("w", t, size=2)
    return Problem(on(time, Eq(w.diff(t), (w[1], -w[0])), name="odd"), on(time.at(t=0), *start(w)))


REFUSED: Mapping[str, Wrong] = {
    "gridded coefficient with a gap": Wrong(
        lambda: coefficient("f", ENOUGH.where(ENOUGH.x + ENOUGH.y != 1.5), x, y),
        lambda: coefficient("f", ENOUGH.where(ENOUGH.x + ENOUGH.y != 1.5, 0.0), x, y),
        ("`coefficient('f', …)`", "the array is nan at x = ", "Fill it in"),
        places=False,
    ),
    "misspelt part": Wrong(
        lambda: PLATE.boundary.part("hoel"),
        lambda: PLATE.boundary.part("hole"),
        ("there is no part 'hoel'", "Did you mean 'hole'?", "The parts are"),
        places=False,
    ),
    "part by its side": Wrong(
        lambda: EDGE.part("left"),
        lambda: EDGE.part("x-"),
        ("there is no part 'left'", "Did you mean 'x-'?"),
        places=False,
    ),
    "part by its side in three dimensions": Wrong(
        lambda: (SQUARE * Box(z=(0, 1), name="slab")).boundary.part("slab.top"),
        lambda: (SQUARE * Box(z=(0, 1), name="slab")).boundary.part("slab.z+"),
        ("there is no part 'slab.top'", "Did you mean 'slab.z+'?"),
        places=False,
    ),
    "final time as a part": Wrong(
        lambda: STRING.boundary.part("t+"),
        lambda: STRING.boundary.part("x+"),
        ("there is no part 't+'", "t is time", ".at(t=0)"),
        places=False,
    ),
    "condition that holds nowhere": Wrong(
        lambda: SQUARE.where(x > 2),
        lambda: SQUARE.where(x > 0.2),
        ("where(x > 2)", "the region is empty", "Correct it"),
        places=False,
    ),
    "single coordinate unpacked": Wrong(
        lambda: tuple(coordinates("x")),
        lambda: tuple(coordinates("x y")),
        ("`x` is one symbol, not several", "without a comma"),
        places=False,
    ),
    "unknown over a plain symbol": Wrong(
        lambda: unknown("u", Symbol("x")),
        lambda: unknown("u", x),
        ("x is no coordinate", "Declare it with `coordinates(...)`"),
        places=False,
    ),
    "wrong number of components": Wrong(
        lambda: unknown("v", x, y, size=0),
        lambda: unknown("v", x, y, size=1),
        ("size=0", "a whole number of at least 1"),
        places=False,
    ),
    "number of components that is no integer": Wrong(
        lambda: unknown("v", x, y, size=2.0),
        lambda: unknown("v", x, y, size=2),
        ("size=2.0", "a whole number of at least 1"),
        places=False,
    ),
    "number of components that is a truth": Wrong(
        lambda: unknown("v", x, y, size=True),
        lambda: unknown("v", x, y, size=1),
        ("size=True", "a whole number of at least 1"),
        places=False,
    ),
    "vector against a longer tuple": Wrong(
        lambda: Eq(v, (1, 2, 3)),
        lambda: Eq(v, (1, 2)),
        ("the left side has the shape (2,), the right side (3,)", "Nothing is broadcast"),
        places=False,
    ),
    "vector against a scalar": Wrong(
        lambda: Eq(v, u),
        lambda: Eq(v, (u, u)),
        ("shape (2,), the right side ()", "Nothing is broadcast"),
        places=False,
    ),
    "derivative by a namesake": Wrong(
        lambda: u.diff(Symbol("x")),
        lambda: u.diff(x),
        ("`u` is differentiated by a symbol `x`", "only a namesake", "Use the object"),
        places=False,
    ),
    "divergence of a scalar": Wrong(
        lambda: div(u), lambda: div(v), ("`div(u)`", "of a scalar is not defined", "Did you mean `grad`?"), places=False
    ),
    "coefficient with other dimensions": Wrong(
        lambda: coefficient("f", GRIDDED.rename(x="lon"), x, y),
        lambda: coefficient("f", GRIDDED, x, y),
        ("dimensions (lon, y)", "coordinates (x, y)", "Rename the dimensions"),
        places=False,
    ),
    "coefficient that is a number": Wrong(
        lambda: coefficient("f", 2.0, x, y),
        lambda: coefficient("f", numbers_of, x, y),
        ("`coefficient('f', …)` got a float", "Give a callable"),
        places=False,
    ),
    "collapsed Eq": Wrong(
        lambda: on(SQUARE, sympy.Eq(v, 0), name="odd"),
        lambda: on(SQUARE, Eq(v, 0), name="odd"),
        ("collapsed to False", "SymPy's own `Eq`", "Use `from pinr import Eq`"),
    ),
    "combined conditions": Wrong(
        lambda: on(SQUARE, sympy.And(u >= 0, u <= 1), name="odd"),
        lambda: on(SQUARE, u >= 0, u <= 1, name="odd"),
        ("combines conditions", "one by one"),
    ),
    "array in an equation": Wrong(
        lambda: on(SQUARE, np.zeros(3), name="odd"),
        lambda: on(SQUARE, u, name="odd"),
        ("(ndarray) is not a SymPy expression", "coefficient(...)"),
    ),
    "no region": Wrong(
        lambda: on(u, Eq(u, 0), name="odd"),
        lambda: on(SQUARE, Eq(u, 0), name="odd"),
        ("`on(u, …)`", "must be a region", "not a Unknown"),
    ),
    "no equation": Wrong(
        lambda: on(SQUARE, name="odd"),
        lambda: on(SQUARE, u, name="odd"),
        ("The constraint 'odd'", "has no equation", "on(region, Eq(left, right))"),
    ),
    "negative weight": Wrong(
        lambda: on(SQUARE, u, weight=-1, name="odd"),
        lambda: on(SQUARE, u, weight=1, name="odd"),
        ("The constraint 'odd'", "the weight is -1.0", "must be positive"),
    ),
    "weight that is a word": Wrong(
        lambda: on(SQUARE, u, weight="high", name="odd"),
        lambda: on(SQUARE, u, weight=10, name="odd"),
        ("weight='high'", "positive number"),
    ),
    "misspelt loss": Wrong(
        lambda: on(SQUARE, u, loss="hubert", name="odd"),
        lambda: on(SQUARE, u, loss="huber", name="odd"),
        ("The constraint 'odd'", "loss='hubert'", "l2, l1, huber", "Did you mean 'huber'?"),
    ),
    "loss that is no word": Wrong(
        lambda: on(SQUARE, u, loss=None, name="odd"),
        lambda: on(SQUARE, u, loss="l1", name="odd"),
        ("The constraint 'odd'", "loss=None", "l2, l1, huber"),
    ),
    "fraction of a point": Wrong(
        lambda: on(SQUARE, u, points=0.5, name="odd"),
        lambda: on(SQUARE, u, points=5, name="odd"),
        ("The constraint 'odd'", "points=0.5", "a whole number"),
    ),
    "two constraints of one name": Wrong(
        lambda: Problem(on(SQUARE, u, name="odd"), on(EDGE, u, name="odd")),
        lambda: Problem(on(SQUARE, u, name="odd"), on(EDGE, u, name="even")),
        ("Two constraints have the name 'odd'", "a name of its own"),
    ),
    "no constraint": Wrong(
        lambda: Problem(Eq(u, 0)),
        lambda: Problem(on(SQUARE, Eq(u, 0))),
        ("takes constraints made by `on(...)`, not Eq(u, 0)",),
        places=False,
    ),
    "reference of another shape": Wrong(
        lambda: poisson(reference={u: (x, y)}),
        lambda: poisson(reference={u: x * y}),
        ("reference of `u` has the shape (2,)", "the unknown ()"),
        places=False,
    ),
    "reference of another dimension": Wrong(
        lambda: Problem(on(STRING, Eq(T, WARM)), reference={T: quantity(1, "m")}),
        lambda: Problem(on(STRING, Eq(T, WARM)), reference={T: quantity(1, "mK")}),
        ("`Problem(…, reference={T: …})`", "`1 m` has m", "K are wanted"),
        places=False,
    ),
    "no unit": Wrong(
        lambda: coordinates("x", unit="milimeter"),
        lambda: coordinates("x", unit="millimeter"),
        ("'milimeter' is no unit that pint knows", "Write for example 'mm'"),
        places=False,
    ),
    "unit with an offset": Wrong(
        lambda: unknown("T", mm, unit="degC"),
        lambda: unknown("T", mm, unit="K"),
        ("unit='degC'", "has an offset", "Use an absolute unit, such as 'K'"),
        places=False,
    ),
    "unit of a coordinate that is not there": Wrong(
        lambda: coordinates("x", units={"y": "mm"}),
        lambda: coordinates("x", units={"x": "mm"}),
        ("a unit for 'y', which is none of x",),
        places=False,
    ),
    "quantity that is no number": Wrong(
        lambda: quantity(x, "mm"),
        lambda: x * quantity(1, "mm"),
        ("must be a finite real number", "`x * quantity(1, 'mm')`"),
        places=False,
    ),
    "derivative by a namesake in another unit": Wrong(
        lambda: (T**2).diff(METRES),
        lambda: (T**2).diff(mm),
        ("a symbol `x` that is not its coordinate", "only a namesake"),
        places=False,
    ),
    "reference of no unknown": Wrong(
        lambda: poisson(reference={s: x}),
        lambda: poisson(reference={u: x}),
        ("`Problem(…, reference={s: …})`", "no unknown of the problem", "which has u"),
        places=False,
    ),
}

# Unusual, and right: nothing is said of them.
RIGHT: Mapping[str, Declared] = {
    "Robin": lambda: Problem(INSIDE, on(EDGE, Eq(dot(grad(u), EDGE.normal) + 2 * u, x))),
    "normals of half a ball": lambda: scanned_half(-BALL),
    "normals without order": lambda: scanned(BALL * np.where(np.arange(400) % 2, 1, -1)[:, None]),
    "wave": lambda: Problem(WAVE, FIXED, on(START, Eq(h, sin(x)), Eq(h.diff(t), 0))),
    "inverse": lambda: Problem(on(STRING, Eq(h.diff(t), a * laplacian(h)), Eq(h, exp(-t) * sin(x)))),
    "ordinary": lambda: Problem(on(Box(t=(0, 1)), Eq(r.diff(t), -r)), on(Box(t=(0, 1)).at(t=0), Eq(r, 1))),
    "elsewhere": lambda: poisson(on(Box(y=(0, 1)), Eq(u.diff(x).subs(x, 0), u.subs(x, 1)), name="seam")),
    "evaluated at its ends": lambda: Problem(INSIDE, on(SQUARE, Eq(u.subs(x, 0), u.subs(x, 1)), Eq(u.subs(y, 0), 0))),
    "prior": lambda: Problem(on(STRING, Eq(h, a * sin(x)), Eq(a, 1))),
    "vector": lambda: Problem(on(SQUARE, Eq(laplacian(v), 0)), on(EDGE, Eq(v, (x, y)))),
    "singular outside": lambda: Problem(
        on(BESIDE, Eq(laplacian(u), log(x) / x + y * u)), on(BESIDE.boundary, Eq(u, 0))
    ),
    "periodic in all directions": lambda: Problem(on(ROUND, Eq(u - laplacian(u), sin(2 * pi * x)))),
    "eikonal": lambda: Problem(on(SQUARE, Eq(norm(grad(u)), 1)), on(Ball(x=0.5, y=0.5, radius=0.2).boundary, Eq(u, 0))),
    "ansatz": lambda: Problem(on(SQUARE, Eq(laplacian(x * (1 - x) * y * (1 - y) * u), 1))),
    "constant felt through an operator": lambda: Problem(
        on(SQUARE, Eq(laplacian((1 + x**2) * u), 1)), on(EDGE, Eq(dot(grad(u), EDGE.normal), 0.25))
    ),
    "on a surface": lambda: Problem(on(Ball(x=0, y=0, z=0, radius=1).boundary, Eq(q - laplacian(q), z))),
    "fixed at points": lambda: Problem(INSIDE, on(SQUARE.at(x=0.5, y=0.5), Eq(u, 1))),
    "fields of other dimensions": lambda: Problem(
        HEAT, on(STRING.boundary, Eq(h, 0)), on(START, Eq(h, sin(x))), on(Box(t=(0, 2)), Eq(r.diff(t), h.subs(x, 1))),
        on(Box(t=(0, 2)).at(t=0), Eq(r, 0)),
    ),
    "agreement up to rounding": lambda: Problem(
        HEAT, on(STRING.boundary.part("x-"), Eq(h, 0)), on(STRING.boundary.part("x+"), Eq(h, sqrt(2) * exp(-t))),
        on(START, Eq(h, sqrt(2) * sin(x / 2))),
    ),
    "infinite where they meet": lambda: Problem(
        on(SQUARE, Eq(u - laplacian(u), 0)),
        on(SQUARE.boundary.part("x-"), Eq(u, log(x**2 + y**2))),
        on(SQUARE.boundary.without("x-"), Eq(u, log(x**2 + y**2) + x * y * (1 - x) * (1 - y))),
    ),
    "hole apart from the edge": lambda: Problem(
        on(PLATE, Eq(laplacian(u), 0)), on(PLATE.boundary.part("hole"), Eq(u, 1)), on(PLATE.boundary.without("hole"), u)
    ),
    "bounded solution": lambda: poisson(on(SQUARE, u >= 0)),
}  # fmt: skip
