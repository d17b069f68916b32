"""Equations as residuals of splines: every derivative that they ask for is one of the spline's."""

from collections.abc import Mapping, Sequence
from typing import final

import numpy as np
import sympy
import torch
from torch import Tensor

from pinr.compiler.block import Block, compile_block
from pinr.compiler.collect import collect
from pinr.compiler.plan import Component, Query
from pinr.derivatives.request import MultiIndex
from pinr.errors import DeclarationError
from pinr.geometry.samples import Samples
from pinr.superresolution.equations import Equations
from pinr.superresolution.standardisation import Standardisation

NETWORK = "grid"


@final
class EquationRows:
    """The residuals of equations, compiled once.

    Args:
        equations: About the fields in the units of the data.
        standardisation: Of the splines.
        fields: Their components.
        axes: The names of their axes.

    Attributes:
        indices: The derivatives that are needed, by axis.

    Raises:
        DeclarationError: An equation asks for a field at another place than the point itself.
    """

    def __init__(
        self, equations: Equations, standardisation: Standardisation, fields: Sequence[str], axes: Sequence[str]
    ) -> None:
        self.equations, self.axes = equations, tuple(axes)
        missing = [name for name in equations.coordinates if name not in axes]
        if missing:
            message = (
                f"The equations have the axis `{missing[0]}`, the data {', '.join(axes)}. Rename that of the data, "
                f'`dataset.rename(…="{missing[0]}")`.'
            )
            raise DeclarationError(message)
        for name, equation in equations.items():
            (rest,) = collect((equation.lhs - equation.rhs,)).components
            if rest.free_symbols & set(equations.coordinates.values()):
                message = (
                    f"The equation `{name}` depends on the coordinates themselves, whose origin crops do not keep."
                )
                raise DeclarationError(message)
        components = {name: Component(NETWORK, number, len(fields)) for number, name in enumerate(fields)}
        written = equations.standardised(standardisation)
        self.blocks = {name: compile_block(name, [e.lhs - e.rhs], components) for name, e in written.items()}
        self._terms = {
            name: compile_block(name, list(sympy.Add.make_args(sympy.expand(e.lhs - e.rhs))), components)
            for name, e in written.items()
        }
        queries = [query for block in (*self.blocks.values(), *self._terms.values()) for query in block.queries]
        for query in queries:
            if not set(query.arguments) <= set(equations.coordinates.values()):
                message = f"`{query.text}`: equations of grids are about fields at the point itself, not elsewhere."
                raise DeclarationError(message)
        wanted = (i for q in queries for i in (*q.request.partials, *(j for g in q.request.groups for j in g.indices)))
        self.indices = tuple(
            dict.fromkeys(self._by_axis(q, i) for q, i in zip(_repeated(queries), wanted, strict=True))
        )

    def residuals(self, derivatives: Mapping[MultiIndex, Tensor]) -> dict[str, Tensor]:
        """The residual of every equation at every point, `(N,)`.

        Args:
            derivatives: Of the standardised fields, `(N, fields)`, by multi-index.
        """
        return {name: self._values(block, derivatives)[:, 0] for name, block in self.blocks.items()}

    def sizes(self, derivatives: Mapping[MultiIndex, Tensor]) -> dict[str, float]:
        """The root mean square of the largest term of every equation: what its residual is small beside.

        Args:
            derivatives: As in `residuals`.
        """
        return {
            name: float(self._values(block, derivatives).square().mean(dim=0).max().sqrt())
            for name, block in self._terms.items()
        }

    def _values(self, block: Block, derivatives: Mapping[MultiIndex, Tensor]) -> Tensor:
        like = next(iter(derivatives.values()))
        samples = Samples(dict.fromkeys(self.axes, np.zeros(len(like))))  # no equation depends on where they are
        points = block.point_set(samples, dtype=like.dtype, device=like.device)

        def answer(query: Query, inputs: Tensor, weights: Sequence[Tensor]) -> Tensor:
            del inputs  # the derivatives are those at the points
            channels = [derivatives[self._by_axis(query, index)] for index in query.request.partials]
            given = iter(weights)
            for group in query.request.groups:
                total = torch.zeros_like(like)
                for index, weight in zip(group.indices, group.weights, strict=True):
                    factor = next(given)[..., None] if weight is None else weight
                    total = total + factor * derivatives[self._by_axis(query, index)]
                channels.append(total)
            return torch.stack(channels)

        return block.evaluated(dict(zip(block.known, points.columns, strict=True)), points, answer)

    def _by_axis(self, query: Query, index: MultiIndex) -> MultiIndex:
        orders = {str(argument): order for argument, order in zip(query.arguments, index, strict=True)}
        return tuple(orders.get(axis, 0) for axis in self.axes)


def rows_of(derivatives: Mapping[MultiIndex, Tensor]) -> dict[MultiIndex, Tensor]:
    """`(batch, fields, *places)` with all points in one row, `(N, fields)`."""
    return {index: values.movedim(1, -1).reshape(-1, values.shape[1]) for index, values in derivatives.items()}


def _repeated(queries: Sequence[Query]) -> list[Query]:
    """Every query as often as it asks for a derivative."""
    return [q for q in queries for _ in range(len(q.request.partials) + sum(len(g.indices) for g in q.request.groups))]
