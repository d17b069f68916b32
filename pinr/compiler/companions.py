"""Constraints on the same points: their networks are evaluated once for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sympy

from pinr.compiler.block import Block, PointSet
from pinr.compiler.plan import Output, Query, cheapest_engine
from pinr.declaration.constraint import Constraint
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.request import Request

Site = tuple[str, tuple[sympy.Expr, ...]]
"""A network and what it is evaluated at."""


def companions_of(constraints: Mapping[str, Constraint]) -> tuple[tuple[str, ...], ...]:
    """The names of constraints in groups of equal regions, which can have the same points."""
    groups: list[list[str]] = []
    for name, constraint in constraints.items():
        for group in groups:
            if constraints[group[0]].region == constraint.region:
                group.append(name)
                break
        else:
            groups.append([name])
    return tuple(map(tuple, groups))


def joined(blocks: Mapping[str, Block], outputs: Mapping[str, int]) -> dict[str, Block]:
    """The blocks, each asking every network for all that any of them needs, so that one answer serves them all.

    Queries with coefficients that change from point to point stay apart: their answers are of one constraint.

    Args:
        blocks: Of constraints on the same points.
        outputs: Number of outputs of every network.
    """
    by_site: dict[Site, list[Query]] = {}
    for block in blocks.values():
        for query in block.queries:
            if not query.weights:
                by_site.setdefault((query.network, query.arguments), []).append(query)
    wanted = {site: _union(queries, outputs[site[0]]) for site, queries in by_site.items() if len(queries) > 1}
    return {
        name: replace(block, queries=tuple(_widened(q, wanted.get((q.network, q.arguments))) for q in block.queries))
        for name, block in blocks.items()
    }


def _union(queries: Sequence[Query], outputs: int) -> Query:
    """The query that has the channels of all."""
    requests = [query.request for query in queries]
    partials = dict.fromkeys(index for request in requests for index in request.partials)
    groups = dict.fromkeys(group for request in requests for group in request.groups)
    request = Request(requests[0].inputs, tuple(partials), tuple(groups))
    engine, units = cheapest_engine(request, outputs)
    if any(isinstance(query.engine, NestedAutograd) for query in queries):
        engine = NestedAutograd()
    return replace(queries[0], request=request, engine=engine, units=units, outputs=(), text="")


def _widened(query: Query, union: Query | None) -> Query:
    """The query that asks for all of the union, and takes the same outputs from the answer."""
    if union is None or query.weights:
        return query
    own, wide = query.request, union.request

    def channel(number: int) -> int:
        if number < len(own.partials):
            return wide.partials.index(own.partials[number])
        return len(wide.partials) + wide.groups.index(own.groups[number - len(own.partials)])

    outputs = tuple(Output(o.symbol, channel(o.channel), o.component) for o in query.outputs)
    return replace(union, outputs=outputs, text=query.text)


def on_same_points(batch: Mapping[str, PointSet]) -> list[list[str]]:
    """The constraints of a batch in groups that have their points in common."""
    by_points: dict[int, list[str]] = {}
    for name, points in batch.items():
        by_points.setdefault(id(points.samples), []).append(name)
    return list(by_points.values())
