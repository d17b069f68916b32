"""Every region, with what is known of it in closed form: the table that the properties run through."""

import math
from dataclasses import dataclass

import sympy
from sympy import pi

from pinr.geometry import AbstractRegion, Box

x, y, z, t = sympy.symbols("x y z t")


@dataclass(frozen=True)
class Case:
    """A region, its text, dimension and measure."""

    region: AbstractRegion
    text: str
    dimension: int
    measure: float
    is_estimate: bool = False


INTERVAL = Box(x=(-1, 2))
SQUARE = Box(x=(-1, 1), y=(-1, 1))
BRICK = Box(x=(0, 1), y=(0, 2), z=(-1, 2))
STRING = Box(x=(0, pi)) * Box(t=(0, 10))
NOTCH = Box(x=(0, sympy.Rational(1, 3)), y=(0.5, 2.5), name="notch")
DISK = SQUARE.where(x**2 + y**2 < 1)

SOLIDS = [
    Case(INTERVAL, "Box(x=(-1, 2))", 1, 3),
    Case(SQUARE, "Box(x=(-1, 1), y=(-1, 1))", 2, 4),
    Case(BRICK, "Box(x=(0, 1), y=(0, 2), z=(-1, 2))", 3, 6),
    Case(NOTCH, 'Box(x=(0, 1/3), y=(0.5, 2.5), name="notch")', 2, 2 / 3),
    Case(STRING, "Box(x=(0, pi)) * Box(t=(0, 10))", 2, 10 * math.pi),
    Case(SQUARE * Box(mu=(1, 2)), "Box(x=(-1, 1), y=(-1, 1)) * Box(mu=(1, 2))", 3, 4),
    Case(Box(x=(0, 1), t=(0, 3)), "Box(x=(0, 1), t=(0, 3))", 2, 3),
    Case(SQUARE.at(y=0), "Box(x=(-1, 1), y=(-1, 1)).at(y=0)", 1, 2),
    Case(BRICK.at(z=pi / 2, x=1), "Box(x=(0, 1), y=(0, 2), z=(-1, 2)).at(x=1, z=pi/2)", 1, 2),
    Case(STRING.at(t=0), "Box(x=(0, pi)) * Box(t=(0, 10)).at(t=0)", 1, math.pi),
]
CUT = [
    Case(DISK, "Box(x=(-1, 1), y=(-1, 1)).where(x**2 + y**2 < 1)", 2, math.pi, is_estimate=True),
    Case(
        STRING.where((x < pi / 2) & (t > 5)),
        "(Box(x=(0, pi)) * Box(t=(0, 10))).where((t > 5) & (x < pi/2))",
        2,
        2.5 * math.pi,
        is_estimate=True,
    ),
    Case(
        DISK * Box(t=(0, 2)),
        "Box(x=(-1, 1), y=(-1, 1)).where(x**2 + y**2 < 1) * Box(t=(0, 2))",
        3,
        2 * math.pi,
        is_estimate=True,
    ),
]
POINTS = [
    Case(INTERVAL.at(x=0.5), "Box(x=(-1, 2)).at(x=0.5)", 0, 1),
    Case(SQUARE.at(x=0, y=1), "Box(x=(-1, 1), y=(-1, 1)).at(x=0, y=1)", 0, 1),
]
BOUNDARIES = [
    Case(INTERVAL.boundary, "Box(x=(-1, 2)).boundary", 0, 2),
    Case(SQUARE.boundary, "Box(x=(-1, 1), y=(-1, 1)).boundary", 1, 8),
    Case(BRICK.boundary, "Box(x=(0, 1), y=(0, 2), z=(-1, 2)).boundary", 2, 22),
    Case(SQUARE.boundary.part("x+", "y-"), 'Box(x=(-1, 1), y=(-1, 1)).boundary.part("x+", "y-")', 1, 4),
    Case(NOTCH.boundary.without("notch.y+"), f'{NOTCH}.boundary.without("notch.y+")', 1, 4 + 1 / 3),
    Case(STRING.boundary, "(Box(x=(0, pi)) * Box(t=(0, 10))).boundary", 1, 20),
    Case(Box(x=(0, 1), t=(0, 3)).boundary, "Box(x=(0, 1), t=(0, 3)).boundary", 1, 6),
    Case((SQUARE * Box(t=(0, 3))).boundary, f"({SQUARE} * Box(t=(0, 3))).boundary", 2, 24),
    Case((INTERVAL * Box(y=(0, 1))).boundary, f"({INTERVAL} * Box(y=(0, 1))).boundary", 1, 8),
    Case(BRICK.at(z=0).boundary, "Box(x=(0, 1), y=(0, 2), z=(-1, 2)).at(z=0).boundary", 1, 6),
    Case(STRING.boundary.at(t=0), "(Box(x=(0, pi)) * Box(t=(0, 10)).at(t=0)).boundary", 0, 2),
    Case(
        SQUARE.boundary.where(y > 0),
        "Box(x=(-1, 1), y=(-1, 1)).boundary.where(y > 0)",
        1,
        4,
        is_estimate=True,
    ),
]
EVERY = [*SOLIDS, *CUT, *POINTS, *BOUNDARIES]
