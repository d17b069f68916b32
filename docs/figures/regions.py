"""The pictures of `regions.md`."""

from pathlib import Path

from matplotlib.figure import Figure

from pinr import Ball, Box, Grid, HalfSpace, Polygon, Sobol, Uniform

PLATE = Box(x=(-1, 1), y=(-1, 1)) - Ball(x=0.3, y=0.0, radius=0.4, name="hole")
REGIONS = {
    'Box − Ball(name="hole")': PLATE,
    'Box − Box(name="step")': Box(x=(0, 4), y=(0, 2)) - Box(x=(0, 1), y=(0, 1), name="step"),
    "Ball & Ball": Ball(x=0, y=0, radius=1, name="left") & Ball(x=1, y=0, radius=1, name="right"),
    'Box & HalfSpace(name="bevel")': Box(x=(0, 1), y=(0, 1)) & HalfSpace(x=1, y=1, offset=1.5, name="bevel"),
    "Polygon": Polygon(x=[0, 2, 2, 1, 0], y=[0, 0, 2, 1, 2]),
}
COLORS = ("#1f6f8b", "#c8553d", "#588157", "#8d5a97", "#b08900", "#3d5a80")
GREY = "#9aa3ab"


def draw(folder: Path) -> None:
    """Write the pictures into a folder."""
    folder.mkdir(exist_ok=True)
    combinations().savefig(folder / "combinations.png", dpi=130)
    samplers().savefig(folder / "samplers.png", dpi=130)


def combinations() -> Figure:
    """Points inside, and every part of the boundary in a colour of its own, with some normals."""
    figure = Figure(figsize=(13, 3.1), layout="constrained")
    for axes, (title, region) in zip(figure.subplots(1, len(REGIONS)), REGIONS.items(), strict=True):
        inside = region.sample(300, sampler=Sobol(), seed=0).points
        axes.plot(inside["x"], inside["y"], ".", color=GREY, markersize=2.5)
        for part, color in zip(region.boundary.parts, COLORS * 2, strict=False):
            rim = region.boundary.part(part)
            dense = rim.sample(400, sampler=Sobol(), seed=0).points
            axes.plot(dense["x"], dense["y"], ".", color=color, markersize=1.5, label=part)
            few = rim.sample(6, sampler=Grid(), seed=0)
            n = few.columns
            axes.quiver(few.points["x"], few.points["y"], n["normal.x"], n["normal.y"], color=color, width=0.007)
        axes.set_title(title, fontsize=9)
        axes.set_aspect("equal")
        axes.margins(0.16)
        axes.axis("off")
        axes.legend(fontsize=6.5, markerscale=6, ncols=3, loc="upper center", bbox_to_anchor=(0.5, 0.03), frameon=False)
    return figure


def samplers() -> Figure:
    """256 points of a square by each sampler."""
    figure = Figure(figsize=(9, 3.1), layout="constrained")
    for axes, sampler in zip(figure.subplots(1, 3), (Sobol(), Uniform(), Grid()), strict=True):
        points = Box(x=(0, 1), y=(0, 1)).sample(256, sampler=sampler, seed=0).points
        axes.plot(points["x"], points["y"], ".", color=COLORS[0], markersize=4)
        axes.set_title(f"{type(sampler).__name__}()", fontsize=10)
        axes.set_aspect("equal")
        axes.set_xticks([])
        axes.set_yticks([])
    return figure
