"""A rectilinear grid as an unstructured mesh of lines, quadrilaterals or hexahedra."""

from collections.abc import Sequence

import numpy as np

# Corners of a cell in VTK's order, as steps along the axes (slowest first).
_LINE = ((0,), (1,))
_QUAD = ((0, 0), (0, 1), (1, 1), (1, 0))
_HEXAHEDRON = tuple((level, *corner) for level in (0, 1) for corner in _QUAD)
_CELLS = {0: ("vertex", ((),)), 1: ("line", _LINE), 2: ("quad", _QUAD), 3: ("hexahedron", _HEXAHEDRON)}


def grid_points(axes: Sequence[np.ndarray]) -> np.ndarray:
    """Points `(N, 3)` of the grid, the first axis running fastest; missing axes are 0."""
    positions = [*axes, *([np.zeros(1)] * (3 - len(axes)))]
    z, y, x = np.meshgrid(*reversed(positions), indexing="ij")
    return np.stack([x.ravel(), y.ravel(), z.ravel()], axis=1)


def grid_cells(sizes: Sequence[int]) -> tuple[str, np.ndarray]:
    """The kind of the cells and their corners `(cells, corners)`. Axes with one position count for nothing."""
    extended = [size for size in reversed(sizes) if size > 1]
    index = np.arange(np.prod(extended, dtype=int)).reshape(extended)
    kind, steps = _CELLS[len(extended)]
    corners = [
        index[tuple(slice(step, size - 1 + step) for step, size in zip(corner, extended, strict=True))]
        for corner in steps
    ]
    return kind, np.stack([corner.ravel() for corner in corners], axis=1)


def without_points(cells: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """The cells all of whose corners are `kept`, numbered among the kept points."""
    # Corners are most of a file: four bytes each while they suffice.
    number = np.cumsum(kept, dtype=np.int32 if kept.size < 2**31 else np.int64) - 1
    return number[cells[kept[cells].all(axis=1)]]
