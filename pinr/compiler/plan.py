"""Third pass: what every network is asked at every point set, and the engine that answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import sympy

from pinr.compiler.collapse import Collapsed, Site, site_of
from pinr.compiler.collect import Atom
from pinr.derivatives.engines.hessians import AdjointHessians
from pinr.derivatives.engines.interface import Engine
from pinr.derivatives.engines.jets import Jets
from pinr.derivatives.engines.reverse import Reverse
from pinr.derivatives.engines.values import Values
from pinr.derivatives.request import Group, MultiIndex, Request

# Time of a reverse sweep by that of a channel of a jet, in compiled kernels: its activations are computed once more.
# Measured at widths 32–256, 1–10 inputs and 1–4 outputs, see docs/decisions/0015-adjoint-hessians.md.
GRADIENT_SWEEP, HESSIAN_SWEEP = 1.35, 1.5


@final
@dataclass(frozen=True)
class Output:
    """Where an atom's values are in the answer of a network: channel, and component of the network."""

    symbol: sympy.Symbol
    channel: int
    component: int


@final
@dataclass(frozen=True)
class Query:
    """One evaluation of one network: its arguments, the request, and what becomes of the answer."""

    network: str
    arguments: tuple[sympy.Expr, ...]
    request: Request
    weights: tuple[sympy.Expr, ...]
    outputs: tuple[Output, ...]
    engine: Engine
    units: float
    text: str

    @property
    def needs(self) -> set[sympy.Symbol]:
        """Symbols that must be known before."""
        return {s for e in (*self.arguments, *self.weights) for s in e.free_symbols}


@final
@dataclass(frozen=True)
class Component:
    """Which output of which network a component of an unknown is."""

    network: str
    number: int
    outputs: int


def plan(collapsed: Collapsed, components: Mapping[str, Component]) -> tuple[Query, ...]:
    """One query per network and arguments, in an order in which each finds what it needs.

    Args:
        collapsed: The expressions with atoms and groups.
        components: By the name of a real component of an unknown, where the networks put it.
    """
    sites: dict[Site, None] = dict.fromkeys(site_of(a) for a in collapsed.atoms.values() if a.is_unknown)
    sites |= dict.fromkeys(site_of(g.owner) for g in collapsed.groups.values())
    networks: dict[tuple[str, Site], list[sympy.Symbol]] = {}
    for symbol, atom in _all_atoms(collapsed).items():
        component = components[atom.component]
        networks.setdefault((component.network, site_of(atom)), []).append(symbol)
    queries = [_query(network, site, symbols, collapsed, components) for (network, site), symbols in networks.items()]
    return _ordered(queries)


def _all_atoms(collapsed: Collapsed) -> dict[sympy.Symbol, Atom]:
    plain = {s: a for s, a in collapsed.atoms.items() if a.is_unknown}
    return plain | {s: g.owner for s, g in collapsed.groups.items()}


def _query(
    network: str,
    site: Site,
    symbols: Sequence[sympy.Symbol],
    collapsed: Collapsed,
    components: Mapping[str, Component],
) -> Query:
    partials: dict[MultiIndex, None] = {}
    groups: dict[tuple[tuple[MultiIndex, ...], tuple[sympy.Expr, ...]], Group] = {}
    for symbol in symbols:
        if symbol in collapsed.groups:
            found = collapsed.groups[symbol]
            groups[found.indices, found.weights] = found.group
        else:
            partials[collapsed.atoms[symbol].index] = None
    inputs = len(site[1])
    request = Request(inputs, tuple(partials), tuple(groups.values()))
    outputs = []
    for symbol in symbols:
        if symbol in collapsed.groups:
            found = collapsed.groups[symbol]
            channel = len(partials) + list(groups).index((found.indices, found.weights))
            component = components[found.owner.component]
        else:
            atom = collapsed.atoms[symbol]
            channel = list(partials).index(atom.index)
            component = components[atom.component]
        outputs.append(Output(symbol, channel, component.number))
    weights = tuple(w for _, ws in groups for w in ws if not w.is_number)
    engine, units = cheapest_engine(request, components[_component_name(symbols[0], collapsed)].outputs)
    texts = [str(collapsed.groups.get(s) or collapsed.atoms.get(s)) for s in symbols]
    return Query(network, site[1], request, weights, tuple(outputs), engine, units, ", ".join(texts))


def _component_name(symbol: sympy.Symbol, collapsed: Collapsed) -> str:
    if symbol in collapsed.groups:
        return collapsed.groups[symbol].owner.component
    return collapsed.atoms[symbol].component


def cheapest_engine(request: Request, outputs: int) -> tuple[Engine, float]:
    """The engine with the fewest matrix products, in units of one forward pass through the network.

    Forward jets cost `3 k` units for k channels, reverse mode `3 (1 + o)` for o outputs, adjoint Hessians
    `3 (1 + d + o)` for d inputs, values `3`; the factor 3 is the forward pass with the two products of its backward
    pass. The choice counts reverse sweeps by the time that they take.
    """
    if Values().can_answer(request):
        return Values(), 3.0
    candidates: list[tuple[float, float, Engine]] = [(request.size, request.size, Jets())]
    if Reverse().can_answer(request):
        candidates.append((1 + GRADIENT_SWEEP * outputs, 1 + outputs, Reverse()))
    if AdjointHessians().can_answer(request):
        directions = 1 + request.inputs
        candidates.append((directions + HESSIAN_SWEEP * outputs, directions + outputs, AdjointHessians()))
    _, channels, engine = min(candidates, key=lambda candidate: candidate[0])
    return engine, 3.0 * channels


def _ordered(queries: list[Query]) -> tuple[Query, ...]:
    """Queries whose arguments or weights need other queries' outputs come after those."""
    produced = {o.symbol: q for q in queries for o in q.outputs}
    ordered: list[Query] = []
    waiting = list(queries)
    while waiting:
        ready = [q for q in waiting if all(produced.get(s) is None or produced[s] in ordered for s in q.needs)]
        # Collapsed weights never contain the outputs of the network they belong to, so this terminates.
        ordered += ready
        waiting = [q for q in waiting if q not in ready]
        if not ready:
            raise AssertionError([q.text for q in waiting])
    return tuple(ordered)
