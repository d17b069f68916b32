"""Every region, with what is known of it in closed form: the table that the properties run through."""

import math
from dataclasses import dataclass

import numpy as np
import sympy
from sympy import pi

from pinr import coordinates
from pinr.geometry import (
    AbstractRegion,
    Audio,
    Ball,
    Box,
    Cylinder,
    HalfSpace,
    Image,
    LevelSet,
    Measurements,
    PointCloud,
    Polygon,
    Solid,
    Surface,
    Video,
    Volume,
)
from tests.geometry.meshes import block, octasphere

x, y, z, t = sympy.symbols("x y z t")
r, s = coordinates(varying="r s")
when = coordinates(time="t")
VARYING = ("r", "s", "p", "q")


@dataclass(frozen=True)
class Case:
    """A region, its text, dimension and measure."""

    region: AbstractRegion
    text: str
    dimension: int
    measure: float
    is_estimate: bool = False

    @property
    def roles(self) -> dict[str, str]:
        """What the coordinates of the table are, by their names."""
        return {n: "time" if n == "t" else "varying" if n in VARYING else "space" for n in self.region.names}

    @property
    def space(self) -> list[str]:
        return [name for name, role in self.roles.items() if role == "space"]


INTERVAL = Box(x=(-1, 2))
SQUARE = Box(x=(-1, 1), y=(-1, 1))
BRICK = Box(x=(0, 1), y=(0, 2), z=(-1, 2))
STRING = Box(x=(0, pi)) * Box(t=(0, 10))
NOTCH = Box(x=(0, sympy.Rational(1, 3)), y=(0.5, 2.5), name="notch")
DISK = SQUARE.where(x**2 + y**2 < 1)

DISC = Ball(x=0.3, y=0.0, radius=0.4, name="hole")
PLATE = SQUARE - DISC
CUBE = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
STEP = Box(x=(0, 4), y=(0, 2)) - Box(x=(0, 1), y=(0, 1), name="step")
ARROW = Polygon(x=[0, 2, 2, 1, 0], y=[0, 0, 2, 1, 2])
BORED = CUBE - Cylinder(x=0, y=0, radius=0.5, z=(-1, 1), name="bore")
LENS = Ball(x=0, y=0, radius=1) & Ball(x=1, y=0, radius=1, name="right")
LENS_AREA = 2 * math.pi / 3 - math.sqrt(3) / 2
PAIR = Box(x=(0, 1), y=(0, 1), name="left") | Box(x=(1, 2), y=(0, 1), name="right")
CAP = Ball(x=0, y=0, z=0, radius=1) & HalfSpace(z=-1, offset=-0.5, name="cut")
RING = Box(x=(0, 2), y=(0, 1), periodic="x")
PLATE_TEXT = 'Box(x=(-1, 1), y=(-1, 1)) - Ball(x=0.3, y=0.0, radius=0.4, name="hole")'

PICTURE = Image(np.linspace(0, 1, 12).reshape(3, 4), extent={"x": (0, pi), "y": (-1, 1)})
SOUND = Audio(np.sin(np.arange(49)), extent={"x": (0, 2)})
FILM = Video(np.arange(60, dtype=np.uint8).reshape(3, 4, 5))
DENSITY = Volume(np.arange(60.0).reshape(3, 4, 5), extent={"x": (0, 1), "y": (0, 2), "z": (-1, 1)})
ROWS = np.linspace(-1, 2, 900)
PROBES = Measurements(x=ROWS, y=ROWS**2).resolve({"x": "space", "y": "space"})
SPARSE = Measurements(x=ROWS, u=np.where(ROWS > 1, np.nan, ROWS), name="sparse").resolve({"x": "space"})
ANGLES = 2 * np.pi * (np.arange(600) + 0.5) / 600
CIRCLE = np.column_stack([np.cos(ANGLES), 2 + np.sin(ANGLES)])
SCAN = PointCloud(CIRCLE, CIRCLE - (0, 2), name="scan")
TWISTED = PointCloud(np.column_stack([CIRCLE, np.sin(ANGLES)]), coordinates="x z y")
SIDES = {"left": [0, 1], "right": [2, 3]}
BLOCK = Solid(*block((1, 2, 3)), groups=SIDES, name="block")
BLOCK_TEXT = 'Solid(8 vertices, 12 faces, name="block")'
OCTAHEDRON = Solid(*octasphere(0), coordinates="z x y")
SKIN = Surface(*block((1, 2, 3)), groups=SIDES)
GROWING = Ball(x=0, y=0, radius=r, name="rim") * Box(r=(0.5, 1))
HOLED = (SQUARE - Ball(x=0.3, y=0.0, radius=r, name="hole")) * Box(r=(0.1, 0.4))
HOLED_TEXT = '(Box(x=(-1, 1), y=(-1, 1)) - Ball(x=0.3, y=0.0, radius=r, name="hole")) * Box(r=(0.1, 0.4))'
MOVING = Ball(x=sympy.sin(when), y=0, radius=0.5) * Box(t=(0, pi))
STRETCHED = Box(x=(0, r), y=(-r, 1)) * Box(r=(1, 2))
TUBE = (CUBE - Cylinder(x=0, y=0, radius=r, z=(-1, 1), name="bore")) * Box(r=(0.2, 0.8))
TUBE_TEXT = f'({CUBE} - Ball(x=0, y=0, radius=r, name="bore.side") * Box(z=(-1, 1), name="bore")) * Box(r=(0.2, 0.8))'
SHAVED = (SQUARE & HalfSpace(x=1, y=1, offset=r, name="cut")) * Box(r=(0, 1))
TURNED = ARROW.rotate(r) * Box(r=(0, 3))
SWOLLEN = PLATE.scale(r) * Box(r=(1, 2))
CONE = Box(r=(0, 1)) * Box(s=(0, r)) * Ball(x=s, y=0, z=0, radius=r)
SLID = PLATE.translate(x=r, y=-s) * Ball(r=0, s=0, radius=1)

ROOM = Box(x=(-1.5, 1.25), y=(-1.25, 1.5))
BLOB = LevelSet(x**2 / 4 + y**2 < 0.25, ROOM)
BLOB_TEXT = f"LevelSet(x**2/4 + y**2 < 0.25, {ROOM})"
DOME = LevelSet(x**2 + y**2 + z**2 < 1, Box(x=(0, 1.5), y=(-1.25, 1.25), z=(-1.5, 1.5)), name="dome")
DOME_TEXT = 'LevelSet(x**2 + y**2 + z**2 < 1, Box(x=(0, 1.5), y=(-1.25, 1.25), z=(-1.5, 1.5)), name="dome")'
ELLIPSE_LENGTH = 4 * float(sympy.elliptic_e(0.75))
BITTEN = BLOB - Ball(x=0, y=0, radius=0.25, name="bite")

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
    Case(Ball(x=1, radius=2), "Ball(x=1, radius=2)", 1, 4),
    Case(DISC, 'Ball(x=0.3, y=0.0, radius=0.4, name="hole")', 2, 0.16 * math.pi),
    Case(Ball(x=0, y=1, z=0, radius=pi), "Ball(x=0, y=1, z=0, radius=pi)", 3, 4 / 3 * math.pi**4),
    Case(Ball(a=0, b=0, c=0, d=1, radius=1), "Ball(a=0, b=0, c=0, d=1, radius=1)", 4, math.pi**2 / 2),
    Case(ARROW, "Polygon(x=[0, 2, 2, 1, 0], y=[0, 0, 2, 1, 2])", 2, 3),
    Case(
        BORED,
        f'{CUBE} - Ball(x=0, y=0, radius=0.5, name="bore.side") * Box(z=(-1, 1), name="bore")',
        3,
        8 - math.pi / 2,
    ),
    Case(PLATE, PLATE_TEXT, 2, 4 - 0.16 * math.pi),
    Case(PLATE * Box(t=(0, 3)), f"({PLATE_TEXT}) * Box(t=(0, 3))", 3, 12 - 0.48 * math.pi),
    Case(PLATE.at(y=0), f"({PLATE_TEXT}).at(y=0)", 1, 1.2),
    Case(STEP, 'Box(x=(0, 4), y=(0, 2)) - Box(x=(0, 1), y=(0, 1), name="step")', 2, 7),
    Case(PAIR, 'Box(x=(0, 1), y=(0, 1), name="left") | Box(x=(1, 2), y=(0, 1), name="right")', 2, 2),
    Case(LENS, 'Ball(x=0, y=0, radius=1) & Ball(x=1, y=0, radius=1, name="right")', 2, LENS_AREA),
    Case(CAP, 'Ball(x=0, y=0, z=0, radius=1) & HalfSpace(z=-1, offset=-0.5, name="cut")', 3, 5 * math.pi / 24),
    Case(RING, 'Box(x=(0, 2), y=(0, 1), periodic="x")', 2, 2),
    Case(RING.at(y=0), 'Box(x=(0, 2), y=(0, 1), periodic="x").at(y=0)', 1, 2),
    Case(SQUARE.rotate(pi / 6, about={"x": 1}), f'{SQUARE}.rotate(pi/6, about={{"x": 1}})', 2, 4),
    Case(PLATE.scale(2).translate(x=1), f"({PLATE_TEXT}).scale(2).translate(x=1)", 2, 16 - 0.64 * math.pi),
    Case(PICTURE, 'Image(3×4, extent={"x": (0, pi), "y": (-1, 1)})', 2, 2 * math.pi),
    Case(SOUND, 'Audio(49, extent={"x": (0, 2)})', 1, 2),
    Case(FILM, "Video(3×4×5)", 3, 8),
    Case(DENSITY, 'Volume(3×4×5, extent={"x": (0, 1), "y": (0, 2), "z": (-1, 1)})', 3, 4),
    Case(PLATE.extrude(z=(0, 1)), f"({PLATE_TEXT}) * Box(z=(0, 1))", 3, 4 - 0.16 * math.pi),
    Case(GROWING, 'Ball(x=0, y=0, radius=r, name="rim") * Box(r=(0.5, 1))', 3, 7 * math.pi / 24),
    Case(Ball(x=0, radius=r) * Box(r=(0, 1)), "Ball(x=0, radius=r) * Box(r=(0, 1))", 2, 1),
    Case(HOLED, HOLED_TEXT, 3, 1.2 - 0.021 * math.pi),
    Case(HOLED.at(r=0.4), f"({PLATE_TEXT}) * Box(r=(0.1, 0.4)).at(r=0.4)", 2, 4 - 0.16 * math.pi),
    Case(MOVING, "Ball(x=sin(t), y=0, radius=0.5) * Box(t=(0, pi))", 3, math.pi**2 / 4),
    Case(STRETCHED, "Box(x=(0, r), y=(-r, 1)) * Box(r=(1, 2))", 3, 23 / 6),
    Case(TUBE, TUBE_TEXT, 4, 4.8 - 0.336 * math.pi),
    Case(TURNED, f"{ARROW}.rotate(r) * Box(r=(0, 3))", 3, 9),
    Case(CONE, "Box(r=(0, 1)) * Box(s=(0, r)) * Ball(x=s, y=0, z=0, radius=r)", 5, 4 * math.pi / 15),
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
    Case(
        SQUARE - Ball(x=1, y=1, radius=1),
        "Box(x=(-1, 1), y=(-1, 1)) - Ball(x=1, y=1, radius=1)",
        2,
        4 - math.pi / 4,
        is_estimate=True,
    ),
    Case(
        SQUARE | HalfSpace(x=1, y=1, offset=1) & Box(x=(0, 3), y=(-2, 0)),
        "Box(x=(-1, 1), y=(-1, 1)) | HalfSpace(x=1, y=1, offset=1) & Box(x=(0, 3), y=(-2, 0))",
        2,
        7,
        is_estimate=True,
    ),
    Case(
        CUBE.rotate(pi / 4, axis="z") - CUBE,
        'Box(x=(-1, 1), y=(-1, 1), z=(-1, 1)).rotate(pi/4, axis="z") - Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))',
        3,
        8 * (math.sqrt(2) - 1) ** 2,
        is_estimate=True,
    ),
    Case(
        SHAVED,
        '(Box(x=(-1, 1), y=(-1, 1)) & HalfSpace(x=1, y=1, offset=r, name="cut")) * Box(r=(0, 1))',
        3,
        17 / 6,
        is_estimate=True,
    ),
    Case(SWOLLEN, f"({PLATE_TEXT}).scale(r) * Box(r=(1, 2))", 3, 7 / 3 * (4 - 0.16 * math.pi), is_estimate=True),
    Case(
        SLID,
        f"({PLATE_TEXT}).translate(x=r, y=-s) * Ball(r=0, s=0, radius=1)",
        4,
        math.pi * (4 - 0.16 * math.pi),
        is_estimate=True,
    ),
    Case(
        (SQUARE | Ball(x=1, y=0, radius=r)) * Box(r=(0.2, 0.6)),
        "(Box(x=(-1, 1), y=(-1, 1)) | Ball(x=1, y=0, radius=r)) * Box(r=(0.2, 0.6))",
        3,
        1.6 + math.pi / 6 * (0.6**3 - 0.2**3),
        is_estimate=True,
    ),
]
MESHES = [
    Case(BLOCK, BLOCK_TEXT, 3, 6),
    Case(OCTAHEDRON, "Solid(6 vertices, 8 faces)", 3, 4 / 3),
    Case(BLOCK * Box(t=(0, 2)), f"{BLOCK_TEXT} * Box(t=(0, 2))", 4, 12),
    Case(
        OCTAHEDRON.rotate(pi / 6, axis="z").scale(2),
        'Solid(6 vertices, 8 faces).rotate(pi/6, axis="z").scale(2)',
        3,
        32 / 3,
    ),
    Case(BRICK.scale(2) - BLOCK.translate(x=0.5), f"{BRICK}.scale(2) - {BLOCK_TEXT}.translate(x=0.5)", 3, 42),
]
SURFACES = [
    Case(SKIN, "Surface(8 vertices, 12 faces)", 2, 22),
    Case(SKIN.part("right"), 'Surface(8 vertices, 12 faces).part("right")', 2, 6),
    Case(SKIN * Box(t=(0, 2)), "Surface(8 vertices, 12 faces) * Box(t=(0, 2))", 3, 44),
    Case(SKIN.where(x < 0.5), "Surface(8 vertices, 12 faces).where(x < 0.5)", 2, 11, is_estimate=True),
]
CUT += [
    Case(BLOB, BLOB_TEXT, 2, math.pi / 2, is_estimate=True),
    Case(DOME, DOME_TEXT, 3, 2 * math.pi / 3, is_estimate=True),
    Case(BLOB * Box(t=(0, 2)), f"{BLOB_TEXT} * Box(t=(0, 2))", 3, math.pi, is_estimate=True),
    Case(BITTEN, f'{BLOB_TEXT} - Ball(x=0, y=0, radius=0.25, name="bite")', 2, 7 * math.pi / 16, is_estimate=True),
    Case(BLOB.scale(2).rotate(1), f"{BLOB_TEXT}.scale(2).rotate(1)", 2, 2 * math.pi, is_estimate=True),
]
PROBES_TEXT = "Measurements(x=…, y=…)"
POINTS = [
    Case(PROBES, PROBES_TEXT, 0, 900),
    Case(PROBES.where(x < 0), f"{PROBES_TEXT}.where(x < 0)", 0, 300),
    Case(SPARSE.knowing(frozenset({SPARSE["u"].key})), 'Measurements(x=…, u=…, name="sparse")', 0, 600),
    Case(SCAN, 'PointCloud(600 points, name="scan")', 0, 600),
    Case(SCAN.where(x < 0), 'PointCloud(600 points, name="scan").where(x < 0)', 0, 300),
    Case(TWISTED, "PointCloud(600 points)", 0, 600),
    Case(SCAN.normalized(), 'PointCloud(600 points, name="scan").normalized()', 0, 600),
    Case(INTERVAL.at(x=0.5), "Box(x=(-1, 2)).at(x=0.5)", 0, 1),
    Case(SQUARE.at(x=0, y=1), "Box(x=(-1, 1), y=(-1, 1)).at(x=0, y=1)", 0, 1),
]
LINES = [
    Case(PROBES * Box(t=(0, 2)), f"{PROBES_TEXT} * Box(t=(0, 2))", 1, 1800),
    Case(SCAN * Box(t=(0, 2)), 'PointCloud(600 points, name="scan") * Box(t=(0, 2))', 1, 1200),
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
    Case(Ball(x=1, radius=2).boundary, "Ball(x=1, radius=2).boundary", 0, 2),
    Case(DISC.boundary, f"{DISC}.boundary", 1, 0.8 * math.pi),
    Case(Ball(a=0, b=0, c=0, radius=2).boundary, "Ball(a=0, b=0, c=0, radius=2).boundary", 2, 16 * math.pi),
    Case(Ball(a=0, b=0, c=0, d=1, radius=1).boundary, "Ball(a=0, b=0, c=0, d=1, radius=1).boundary", 3, 2 * math.pi**2),
    Case(ARROW.boundary, "Polygon(x=[0, 2, 2, 1, 0], y=[0, 0, 2, 1, 2]).boundary", 1, 6 + 2 * math.sqrt(2)),
    Case(PLATE.boundary, f"({PLATE_TEXT}).boundary", 1, 8 + 0.8 * math.pi),
    Case(PLATE.boundary.without("hole"), f'({PLATE_TEXT}).boundary.without("hole")', 1, 8),
    Case((PLATE * Box(t=(0, 3))).boundary, f"(({PLATE_TEXT}) * Box(t=(0, 3))).boundary", 2, 24 + 2.4 * math.pi),
    Case(PLATE.at(y=0).boundary, f"({PLATE_TEXT}).at(y=0).boundary", 0, 4),
    Case(BORED.boundary, f"({BORED}).boundary", 2, 24 + 1.5 * math.pi, is_estimate=True),
    Case(STEP.boundary, f"({STEP}).boundary", 1, 12, is_estimate=True),
    Case(PAIR.boundary, f"({PAIR}).boundary", 1, 6, is_estimate=True),
    Case(LENS.boundary, f"({LENS}).boundary", 1, 4 * math.pi / 3, is_estimate=True),
    Case(CAP.boundary, f"({CAP}).boundary", 2, 1.75 * math.pi, is_estimate=True),
    Case(RING.boundary, f"{RING}.boundary", 1, 4),
    Case(SQUARE.rotate(1).boundary, f"{SQUARE}.rotate(1).boundary", 1, 8),
    Case(
        PLATE.scale(2).translate(x=1).boundary,
        f"({PLATE_TEXT}).scale(2).translate(x=1).boundary",
        1,
        16 + 1.6 * math.pi,
    ),
    Case((SQUARE * Box(t=(0, 3))).scale(2).boundary, f"({SQUARE} * Box(t=(0, 3))).scale(2).boundary", 2, 48),
    Case(GROWING.boundary, f"({GROWING}).boundary", 2, 0.75 * math.pi),
    Case(HOLED.boundary, f"({HOLED_TEXT}).boundary", 2, 2.4 + 0.15 * math.pi),
    Case(HOLED.boundary.part("hole"), f'({HOLED_TEXT}).boundary.part("hole")', 2, 0.15 * math.pi),
    Case(MOVING.boundary, f"({MOVING}).boundary", 2, math.pi**2),
    Case(STRETCHED.boundary.part("y-", "x+"), f'({STRETCHED}).boundary.part("x+", "y-")', 2, 4),
    Case(TUBE.boundary, f"({TUBE_TEXT}).boundary", 3, 0.6 * 24 + 4 * 0.3 * math.pi - 0.336 * math.pi, is_estimate=True),
    Case(TURNED.boundary, f"({TURNED}).boundary", 2, 3 * (6 + 2 * math.sqrt(2))),
    Case(SHAVED.boundary, f"({SHAVED}).boundary", 2, 5 + 1.5 * math.sqrt(2), is_estimate=True),
    Case(SWOLLEN.boundary, f"({SWOLLEN}).boundary", 2, 1.5 * (8 + 0.8 * math.pi), is_estimate=True),
    Case(BLOCK.boundary, f"{BLOCK_TEXT}.boundary", 2, 22),
    Case(BLOCK.boundary.part("block.left"), f'{BLOCK_TEXT}.boundary.part("block.left")', 2, 6),
    Case(OCTAHEDRON.boundary, "Solid(6 vertices, 8 faces).boundary", 2, 4 * math.sqrt(3)),
    Case((BLOCK * Box(t=(0, 2))).boundary, f"({BLOCK_TEXT} * Box(t=(0, 2))).boundary", 3, 44),
]
BOUNDARIES += [
    Case(BLOB.boundary, f"{BLOB_TEXT}.boundary", 1, ELLIPSE_LENGTH, is_estimate=True),
    Case(DOME.boundary, f"{DOME_TEXT}.boundary", 2, 3 * math.pi, is_estimate=True),
    Case(DOME.boundary.part("dome.x-"), f'{DOME_TEXT}.boundary.part("dome.x-")', 2, math.pi, is_estimate=True),
    Case(
        (BLOB * Box(t=(0, 2))).boundary,
        f"({BLOB_TEXT} * Box(t=(0, 2))).boundary",
        2,
        2 * ELLIPSE_LENGTH,
        is_estimate=True,
    ),
    Case(BITTEN.boundary, f"({BITTEN}).boundary", 1, ELLIPSE_LENGTH + math.pi / 2, is_estimate=True),
]
EVERY = [*SOLIDS, *CUT, *MESHES, *SURFACES, *POINTS, *LINES, *BOUNDARIES]
