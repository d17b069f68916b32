"""A block: expressions at one set of points as a pure function of the parameters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, final, get_args

import numpy as np
import sympy
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call

from pinr.compiler.branches import guarded_branches, masked_branches
from pinr.compiler.collapse import GroupAtom, collapse
from pinr.compiler.collect import Atom, Collected, IntegralAtom, Part, collect
from pinr.compiler.complex_parts import complex_parts
from pinr.compiler.integral_term import IntegralPoints, IntegralTerm, grouped, integrands_of
from pinr.compiler.known_values import known_values
from pinr.compiler.lower import Tape, lower, separate_known
from pinr.compiler.plan import Component, Query, plan
from pinr.declaration.ansatz import Ansatz
from pinr.derivatives.engines.interface import NetworkFunction
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.request import Request
from pinr.errors import DeclarationError
from pinr.geometry.samples import Samples
from pinr.language.fields import Label
from pinr.language.integrals import is_pointwise
from pinr.language.parameters import Parameter

Parameters = Mapping[str, Tensor]
Rows = Literal["independent", "coupled"]
Answer = Callable[[Query, Tensor, Sequence[Tensor]], Tensor]
"""A query with its inputs and weights to the channels of the answer."""
Answers = dict[tuple[str, tuple[sympy.Expr, ...], Request], Tensor]
"""Answers of networks at one set of points, by network, arguments and request."""
PARAMETER_PREFIX = "parameter."


@final
@dataclass(frozen=True)
class PointSet:
    """The points of one block, with what is known there: columns `(N,)` in the order of `Block.known`.

    Every integral term of the block has its own nodes. `factors` `(N,)`, if there are any, say how much each point
    counts in the mean loss.
    """

    samples: Samples
    columns: tuple[Tensor, ...]
    like: Tensor
    integrals: tuple[IntegralPoints, ...] = ()
    factors: Tensor | None = None

    @property
    def count(self) -> int:
        return self.samples.count

    def to(self, dtype: torch.dtype) -> "PointSet":
        """The same points in another precision."""
        columns = tuple(column.to(dtype) for column in self.columns)
        factors = None if self.factors is None else self.factors.to(dtype)
        nodes = tuple(i.to(dtype) for i in self.integrals)
        return PointSet(self.samples, columns, self.like.to(dtype), nodes, factors)


@final
@dataclass(frozen=True)
class Block:
    """Scalar expressions compiled: `values(parameters, points)` is `(N, components)`.

    `parts` says of every expression which column has its real part, and which its imaginary part if it is complex;
    `size` counts the columns. `rows` says whether row n depends on the points of row n alone; equations at points
    always do.
    """

    name: str
    tape: Tape
    argument_tapes: tuple[Tape, ...]
    queries: tuple[Query, ...]
    integrals: tuple[IntegralTerm, ...]
    known: Mapping[sympy.Symbol, sympy.Expr]
    atoms: Mapping[sympy.Symbol, Atom]
    groups: Mapping[sympy.Symbol, GroupAtom]
    parameters: tuple[Parameter, ...]
    parts: tuple[tuple[int, int | None], ...]
    size: int
    rows: Rows = "independent"

    def point_set(
        self,
        samples: Samples,
        *,
        dtype: torch.dtype,
        device: torch.device,
        seed: Sequence[int] = (0,),
        must_be_finite: bool = True,
    ) -> PointSet:
        """Evaluate what is known at the points, once, in double precision.

        Args:
            samples: The points.
            dtype: Precision of the columns.
            device: Where they lie.
            seed: Of the nodes of integrals, where these are quasi-random.
            must_be_finite: Whether to refuse known values that are not.

        Raises:
            DeclarationError: A value is not finite; the message has the first bad point.
        """
        values = known_values(tuple(self.known.values()), samples, self.atoms)
        if must_be_finite:
            for expression, column in zip(self.known.values(), values, strict=True):
                if not np.isfinite(column).all():  # asked first: the text for a message takes longer than the points
                    check_finite(self.name, self.readable(expression), column, samples)
        columns = tuple(torch.as_tensor(v, dtype=dtype, device=device) for v in values)
        like = torch.zeros(samples.count, dtype=dtype, device=device)
        options = {"dtype": dtype, "device": device, "must_be_finite": must_be_finite}
        nodes = (t.point_set(samples, (*seed, number), **options) for number, t in enumerate(self.integrals))
        return PointSet(samples, columns, like, tuple(nodes))

    def values(
        self,
        networks: Mapping[str, nn.Module],
        parameters: Parameters,
        points: PointSet,
        answers: Answers | None = None,
    ) -> Tensor:
        """The expressions at the points, differentiable in the parameters.

        Args:
            networks: The modules by name.
            parameters: Weights in use.
            points: Where.
            answers: Of networks at these points, to which those of this block are added.
        """
        known: dict[sympy.Symbol, Tensor] = dict(zip(self.known, points.columns, strict=True))
        for parameter in self.parameters:
            raw = parameters[PARAMETER_PREFIX + parameter.name]
            known[parameter] = parameter_value(parameter, raw)
        for term, nodes in zip(self.integrals, points.integrals, strict=True):
            known |= term.values(networks, parameters, nodes)

        def answer(query: Query, inputs: Tensor, weights: Sequence[Tensor]) -> Tensor:
            key = (query.network, query.arguments, query.request)
            if answers is not None and key in answers:
                return answers[key]
            function = bound_network(networks, query.network, parameters)
            found = query.engine.derivatives(function, inputs, query.request, weights)
            if answers is not None and not query.weights:
                answers[key] = found
            return found

        return self.evaluated(known, points, answer)

    def evaluated(self, known: dict[sympy.Symbol, Tensor], points: PointSet, answer: Answer) -> Tensor:
        """The expressions at the points, given what is known there and a way to answer queries."""
        for query, tape in zip(self.queries, self.argument_tapes, strict=True):
            arguments = tape.run(known, points.like)
            inputs = torch.stack(arguments[: len(query.arguments)], dim=1)
            channels = answer(query, inputs, arguments[len(query.arguments) :])
            for output in query.outputs:
                known[output.symbol] = channels[output.channel, :, output.component]
        return torch.stack(self.tape.run(known, points.like), dim=1)

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        """The trained numbers in the expressions, those in integrals included."""
        inner = (p for term in self.integrals for p in term.block.numbers)
        return tuple(dict.fromkeys((*self.parameters, *inner)))

    @property
    def coordinates(self) -> tuple[sympy.Symbol, ...]:
        """The symbols whose values the points must give."""
        inner = (a for atom in self.atoms.values() if not atom.is_unknown for a in atom.arguments)
        own = {s for e in (*self.known.values(), *inner) for s in e.free_symbols} - set(self.atoms)
        for term in self.integrals:
            own |= {s for s in term.block.coordinates if s.name not in term.domain.names}
        return tuple(sorted(own, key=str))

    def component_of(self, column: int) -> int:
        """The number of the expression that a column of the values belongs to."""
        return next(number for number, places in enumerate(self.parts) if column in places)

    def assembled(self, values: NDArray[np.float64]) -> NDArray[Any]:
        """Values `(N, size)` as those of the expressions, `(N, expressions)`, complex where one of them is."""
        columns = [values[:, a] if b is None else values[:, a] + 1j * values[:, b] for a, b in self.parts]
        return np.stack(columns, axis=1)

    def readable(self, expression: sympy.Expr) -> str:
        """An expression of this block with atoms by their names."""
        names = {s: sympy.Symbol(str(a)) for s, a in self.atoms.items()}
        names |= {s: sympy.Symbol(str(g)) for s, g in self.groups.items()}
        names |= {s: sympy.Symbol(f"∫ over {t.domain!r}") for t in self.integrals for s in t.outputs}
        return str(expression.xreplace(names))

    def without_rules(self, network: str) -> "Block":
        """The same block with nested autograd for a network that jets cannot pass."""
        queries = tuple(
            replace(q, engine=NestedAutograd()) if q.network == network and q.request.order else q for q in self.queries
        )
        terms = tuple(replace(t, block=t.block.without_rules(network)) for t in self.integrals)
        return replace(self, queries=queries, integrals=terms)


def compile_block(
    name: str,
    components: Sequence[sympy.Expr],
    fields: Mapping[str, Component],
    ansaetze: Mapping[Label, Ansatz] | None = None,
) -> Block:
    """Compile scalar expressions: collect, collapse, plan, lower.

    Args:
        name: What errors call it.
        components: Scalar expressions in coordinates, fields and parameters.
        fields: Where the networks put the components of the unknowns.
        ansaetze: The unknowns that are more than the output of a network.
    """
    collected, parts = _in_real_parts(collect(components, ansaetze))
    collapsed = collapse(collected)
    queries = plan(collapsed, fields)
    outputs = {o.symbol for q in queries for o in q.outputs}
    everything = [*collapsed.components]
    for query in queries:
        everything += [*query.arguments, *query.weights]
    everything = [e.xreplace(dict(collected.formulas)) for e in everything]
    parameters = tuple(
        dict.fromkeys(s for e in everything for s in sorted(e.free_symbols, key=str) if isinstance(s, Parameter))
    )
    dynamic = frozenset(outputs) | frozenset(parameters) | frozenset(collected.integrals)
    separated, known = separate_known(masked_branches(everything, dynamic), dynamic)
    separated = guarded_branches(separated, dynamic)
    start = len(collected.components)
    tape = lower(separated[:start])
    argument_tapes = []
    for query in queries:
        length = len(query.arguments) + len(query.weights)
        argument_tapes.append(lower(separated[start : start + length]))
        start += length
    terms = tuple(_term(name, group, fields, ansaetze) for group in grouped(collected.integrals))
    pointwise = any(map(is_pointwise, components))
    return Block(
        name,
        tape,
        tuple(argument_tapes),
        queries,
        terms,
        known.columns,
        {s: a for s, a in collected.atoms.items() if not a.is_unknown or s in outputs},
        collapsed.groups,
        parameters,
        parts,
        len(collected.components),
        "coupled" if pointwise and any(not term.free for term in terms) else "independent",
    )


def _term(
    name: str,
    group: Mapping[sympy.Symbol, IntegralAtom],
    fields: Mapping[str, Component],
    ansaetze: Mapping[Label, Ansatz] | None,
) -> IntegralTerm:
    """The integrals of a group with their integrands compiled together."""
    integrals = integrands_of(group)
    inner = compile_block(name, [i.integrand for i in integrals], fields, ansaetze)
    places = {
        (i, part): column
        for i, pair in zip(integrals, inner.parts, strict=True)
        for part, column in zip(get_args(Part), pair, strict=True)
    }
    outputs = {symbol: places[atom.integral, atom.part] for symbol, atom in group.items()}
    first = integrals[0]
    return IntegralTerm(inner, first.domain, first.nodes, tuple(c.name for c in first.free), outputs)


def _in_real_parts(collected: Collected) -> tuple[Collected, tuple[tuple[int, int | None], ...]]:
    """The same expressions with complex ones in two, and where their parts have gone."""
    components: list[sympy.Expr] = []
    parts: list[tuple[int, int | None]] = []
    for component in collected.components:
        real, imaginary = complex_parts(component)
        is_real = imaginary == 0
        parts.append((len(components), None if is_real else len(components) + 1))
        components += [real] if is_real else [real, imaginary]
    return replace(collected, components=tuple(components)), tuple(parts)


def initial_parameters(parameters: Sequence[Parameter]) -> dict[str, Tensor]:
    """What is trained for each number to identify, at its initial value; `parameter_value` is the way back."""
    found = {}
    for parameter in parameters:
        value = torch.tensor(parameter.value, dtype=torch.float64)
        start = torch.ones_like(value) if parameter.value else value
        raw = value.log() if parameter.is_forced_positive else start
        found[PARAMETER_PREFIX + parameter.name] = raw
    return found


def parameter_value(parameter: Parameter, raw: Tensor) -> Tensor:
    """The number behind what is trained: `eᶿ` if it stays positive, else `θ` times its initial value.

    So a step of an optimizer means the same for a viscosity of 1e-6 and a modulus of 210e9.
    """
    if parameter.is_forced_positive:
        return raw.exp()
    return raw * parameter.value if parameter.value else raw


def check_finite(name: str, text: str, values: NDArray[np.float64], samples: Samples) -> None:
    """Refuse a known value that is not finite at some point."""
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        place = ", ".join(f"{n} = {p[bad[0]]:g}" for n, p in samples.points.items())
        message = (
            f"In the constraint {name!r}, `{text}` is {values[bad[0]]} at {place} "
            f"({bad.size} of {samples.count} points). Rewrite it so that it is finite in the whole region, "
            "with `Piecewise` where needed."
        )
        raise DeclarationError(message)


def bound_network(networks: Mapping[str, nn.Module], name: str, parameters: Parameters) -> NetworkFunction:
    """A network with its parameters, as a function of the points."""
    prefix = name + "."
    own = {key[len(prefix) :]: value for key, value in parameters.items() if key.startswith(prefix)}
    return lambda points: functional_call(networks[name], own, (points,))
