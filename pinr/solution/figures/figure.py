"""A figure of a solution without options."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from pinr.errors import DeclarationError
from pinr.geometry.suggestion import did_you_mean
from pinr.language.operators import as_expression
from pinr.solution.errors import error
from pinr.solution.figures.image import draw_images, image_size
from pinr.solution.figures.lines import draw_lines, line_size
from pinr.solution.figures.panel import Panel, panels_of
from pinr.solution.figures.snapshots import draw_snapshots, snapshot_size
from pinr.solution.labels import symbol, whole_unknown
from pinr.solution.named import named_expressions

if TYPE_CHECKING:
    from pinr.solution.solution import Solution

DRAWERS: dict[int, tuple[Callable[[Panel], tuple[float, float]], Callable[[Any, Panel], None]]] = {
    1: (line_size, draw_lines),
    2: (image_size, draw_images),
    3: (snapshot_size, draw_snapshots),
}
HEADING = 0.35  # inches


def plot(solution: "Solution", expression: Any, axes: Mapping[str, Any]) -> Figure:
    """Lines of what depends on one coordinate, images of two, snapshots of three; further ones are fixed.

    Where the problem has a reference it is shown as well, with the pointwise error.

    Args:
        solution: What is shown.
        expression: An expression, a mapping from names to expressions, or None for all unknowns.
        axes: As in `grid`; they select what is shown: `t=0.5` is a moment, `t=[0, 1, 2]` are snapshots.

    Raises:
        DeclarationError: The expression depends on no coordinate, or an axis is none of the problem's.
    """
    known = [c.name for c in solution.problem.coordinates]
    for name in axes:
        if name not in known:
            message = (
                f"`plot(…, {name}=…)`: the problem has no coordinate {name!r}.{did_you_mean(name, known)} "
                f"It has {', '.join(known)}."
            )
            raise DeclarationError(message)
    expressions = named_expressions(solution, expression)
    panels = panels_of(solution, expressions, axes)
    sizes = [_drawer(panel)[0](panel) for panel in panels]
    heading = _heading(solution, expressions)
    width, height = max(w for w, _ in sizes), sum(h for _, h in sizes) + (HEADING if heading else 0)
    figure = Figure(figsize=(width, height), layout="constrained")
    if heading:
        figure.suptitle(heading, fontsize="large")
    rows = figure.subfigures(len(panels), 1, squeeze=False, height_ratios=[h for _, h in sizes])[:, 0]
    for row, panel in zip(rows, panels, strict=True):
        _drawer(panel)[1](row, panel)
    return figure


def _drawer(panel: Panel) -> tuple[Callable[[Panel], tuple[float, float]], Callable[[Any, Panel], None]]:
    if panel.values.ndim not in DRAWERS:
        message = f"`plot({panel.label})`: it depends on no coordinate. Read its value with `evaluate`."
        raise DeclarationError(message)
    return DRAWERS[panel.values.ndim]


def _heading(solution: "Solution", expressions: Mapping[str, Any]) -> str:
    known = {whole_unknown(e): e for e in solution.problem.reference}
    wanted = [n for n in (whole_unknown(as_expression(e)) for e in expressions.values()) if n in known]
    found = ", ".join(f"{symbol(str(n))} {error(solution, n):.1e}" for n in wanted)
    name = solution.problem.name if solution.problem.name != "problem" else ""
    return " – ".join(part for part in (name, found and f"relative L² error of {found}") if part)
