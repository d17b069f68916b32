"""What a cell has inside it, by the signs at its corners: a table that is computed, not typed.

On each face of a cube the surface leaves segments between the edges that change their sign. Where two opposite corners
of a face are inside and the others are not, two pairings are possible; always the one that parts the two inside
corners is taken. That depends on nothing but the face, so the cubes on both sides of it agree and the surface has no
holes, which the original table of marching cubes does not guarantee.

References: Lorensen, Cline, Marching cubes, SIGGRAPH 1987; Dürst, Additional reference to marching cubes, Computer
Graphics 22 (1988), on its holes.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Edge = tuple[int, int]
"""Two corners of a cell, the lower first; corner `c` has its position along axis `k` in bit `k`."""
Loop = tuple[Edge, ...]


@cache
def cell_edges(dimension: int) -> tuple[Edge, ...]:
    """The edges of a cell: 4 of a square, 12 of a cube, axis by axis."""
    corners = range(2**dimension)
    return tuple((c, c | (1 << k)) for k in range(dimension) for c in corners if not c >> k & 1)


@cache
def facet_table(dimension: int) -> NDArray[np.int64]:
    """`(2^2^d, facets, d)`: numbers of the edges on which the corners of each facet lie; −1 where there are no more.

    The configuration is the number whose bit `c` says whether corner `c` is inside. Facets are segments with the
    inside to the left, or triangles counterclockwise as seen from outside.
    """
    number = {edge: k for k, edge in enumerate(cell_edges(dimension))}
    rows = [_segments(c) if dimension == 2 else _triangles(c) for c in range(2 ** (2**dimension))]
    table = np.full((len(rows), max(map(len, rows)), dimension), -1)
    for row, facets in enumerate(rows):
        for k, facet in enumerate(facets):
            table[row, k] = [number[edge] for edge in facet]
    return table


def _segments(configuration: int) -> list[tuple[Edge, Edge]]:
    return [(leave, enter) for enter, leave in _runs((0, 1, 3, 2), configuration)]


def _triangles(configuration: int) -> list[tuple[Edge, Edge, Edge]]:
    following = {enter: leave for face in _FACES for enter, leave in _runs(face, configuration)}
    found: list[tuple[Edge, Edge, Edge]] = []
    while following:
        edge, loop = next(iter(following)), []
        while edge in following:
            loop.append(edge)
            edge = following.pop(edge)
        found += _fan(tuple(loop))
    return found


def _runs(cycle: tuple[int, ...], configuration: int) -> list[tuple[Edge, Edge]]:
    """Where a walk around a face comes inside, and where it leaves again, for every stay inside."""
    inside = [bool(configuration >> corner & 1) for corner in cycle]
    if all(inside):
        return []
    found = []
    for start in range(len(cycle)):
        if inside[start] and not inside[start - 1]:
            last = start
            while inside[(last + 1) % len(cycle)]:
                last += 1
            enter = _edge(cycle[start - 1], cycle[start])
            found.append((enter, _edge(cycle[last % len(cycle)], cycle[(last + 1) % len(cycle)])))
    return found


def _fan(loop: Loop) -> list[tuple[Edge, Edge, Edge]]:
    """Triangles of a loop without a diagonal in a face of the cube, which the neighbour might have as well."""
    for start in range(len(loop)):
        turned = loop[start:] + loop[:start]
        if not any(_share_a_face(turned[0], other) for other in turned[2:-1]):
            return [(turned[0], turned[k], turned[k + 1]) for k in range(1, len(turned) - 1)]
    message = f"no fan of {loop}"
    raise AssertionError(message)


def _share_a_face(first: Edge, second: Edge) -> bool:
    corners = (*first, *second)
    return any(len({c >> k & 1 for c in corners}) == 1 for k in range(3))


def _edge(a: int, b: int) -> Edge:
    return (a, b) if a < b else (b, a)


def _face(axis: int, side: int) -> tuple[int, ...]:
    """The corners of a face of the cube, counterclockwise as seen from outside."""
    u, v = 1 << (axis + 1) % 3, 1 << (axis + 2) % 3
    base = side << axis
    cycle = (base, base | u, base | u | v, base | v)
    return cycle if side else cycle[::-1]


_FACES = tuple(_face(axis, side) for axis in range(3) for side in (0, 1))
