"""Second pass: derivatives that are used only as a whole become one group.

A residual depends on a set of derivatives `d_a` only through `G = Σ w_a d_a` exactly if its gradient with respect to
them is everywhere parallel to `w`. That is tested on the symbolic gradient: each `∂r/∂d_a` is split into a
factor that is free of network outputs (the weight) and the rest, which must be common to all members. So `u_t − kΔu`
is one group, and `Δu` in `u Δu` or `(Δu)²` is one as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

import sympy

from pinr.compiler.collect import Atom, Collected
from pinr.derivatives.request import Group, MultiIndex, Request, order_of
from pinr.language.parameters import Parameter

Site = tuple[tuple[str, ...], tuple[sympy.Expr, ...]]
"""Where a network is evaluated: the coordinate names of its unknowns and the arguments."""


@final
@dataclass(frozen=True)
class GroupAtom:
    """A group of derivatives of one component at some arguments; weights may be expressions."""

    owner: Atom
    indices: tuple[MultiIndex, ...]
    weights: tuple[sympy.Expr, ...]

    @property
    def group(self) -> Group:
        """The group for the engine; weights that are not numbers are given at each evaluation."""
        return Group(self.indices, tuple(float(w) if w.is_number else None for w in self.weights))

    def __str__(self) -> str:
        label = self.owner.label
        parts = []
        for index, weight in zip(self.indices, self.weights, strict=True):
            derivative = replace(self.owner, index=index)
            parts.append(str(derivative) if weight == 1 else f"({weight})·{derivative}")
        return f"[{' + '.join(parts)}]" if len(parts) > 1 else parts[0] or label.text


@final
@dataclass(frozen=True)
class Collapsed:
    """Expressions in symbols of atoms and of groups."""

    components: tuple[sympy.Expr, ...]
    atoms: Mapping[sympy.Symbol, Atom]
    groups: Mapping[sympy.Symbol, GroupAtom]


def site_of(atom: Atom) -> Site:
    """Coordinate names and arguments: the atoms of one site come from one evaluation."""
    return (atom.label.coordinates, atom.arguments)


def collapse(collected: Collected) -> Collapsed:
    """Replace derivatives by groups wherever that carries fewer channels through the network."""
    components = collected.components
    groups: dict[sympy.Symbol, GroupAtom] = {}
    for site in dict.fromkeys(site_of(a) for a in collected.atoms.values() if a.is_unknown):
        at_site = {s: a for s, a in collected.atoms.items() if a.is_unknown and site_of(a) == site}
        candidates = _candidates(components, at_site, collected.atoms)
        if candidates and _size(at_site, candidates) < _size(at_site, []):
            for candidate in candidates:
                symbol = sympy.Dummy("G", real=True)
                groups[symbol] = candidate.atom
                components = tuple(candidate.substituted(c, symbol) for c in components)
    used = {s for c in components for s in c.free_symbols}
    used |= {s for a in collected.atoms.values() for e in a.arguments for s in e.free_symbols}
    used |= {s for g in groups.values() for w in g.weights for s in w.free_symbols}
    atoms = {s: a for s, a in collected.atoms.items() if s in used}
    return Collapsed(components, atoms, groups)


@final
@dataclass(frozen=True)
class _Candidate:
    """A group with the symbols that it replaces; `base` has a weight that is a nonzero number."""

    atom: GroupAtom
    symbols: tuple[sympy.Symbol, ...]
    base: sympy.Symbol
    base_weight: sympy.Expr

    def substituted(self, component: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
        # The component depends on the members through the group only, so any members with the right
        # weighted sum will do: the base carries all of it.
        values = dict.fromkeys(self.symbols, sympy.S.Zero)
        values[self.base] = symbol / self.base_weight
        return component.xreplace(values).doit() if component.has(*self.symbols) else component


def _candidates(
    components: Sequence[sympy.Expr],
    at_site: Mapping[sympy.Symbol, Atom],
    atoms: Mapping[sympy.Symbol, Atom],
) -> list[_Candidate]:
    """At most one group per component of the unknown."""
    found = []
    for label in dict.fromkeys(a.label for a in at_site.values()):
        derivatives = {s: a for s, a in at_site.items() if a.label == label and any(a.index)}
        candidate = _candidate(components, derivatives, atoms)
        if candidate is not None:
            found.append(candidate)
    return found


def _candidate(
    components: Sequence[sympy.Expr],
    derivatives: Mapping[sympy.Symbol, Atom],
    atoms: Mapping[sympy.Symbol, Atom],
) -> _Candidate | None:
    inside = [c for c in components if c.has(*derivatives)] if derivatives else []
    if not inside or max(order_of(a.index) for a in derivatives.values()) < 2:
        return None
    outputs = [s for s, a in atoms.items() if a.is_unknown]
    weights = _parallel_weights(inside[0], derivatives, outputs)
    for component in inside[1:]:
        weights = _still_parallel(weights, component, derivatives, outputs)
    members = {s: w for s, w in weights.items() if w != 0}
    if not members:
        return None
    order = max(order_of(derivatives[s].index) for s in members)
    if order < 2:
        return None
    base = max(members, key=lambda s: (members[s].is_number, order_of(derivatives[s].index)))
    if not members[base].is_number:
        return None
    owner = derivatives[base]
    symbols = tuple(sorted(members, key=lambda s: derivatives[s].index, reverse=True))
    group = GroupAtom(
        replace(owner, index=(0,) * len(owner.index)),
        tuple(derivatives[s].index for s in symbols),
        tuple(members[s] for s in symbols),
    )
    return _Candidate(group, symbols, base, members[base])


def _parallel_weights(
    component: sympy.Expr,
    derivatives: Mapping[sympy.Symbol, Atom],
    outputs: Sequence[sympy.Symbol],
) -> dict[sympy.Symbol, sympy.Expr]:
    """Weights, relative to a derivative of highest order, of those whose gradient is parallel to its."""
    split = {s: _split(component.diff(s), outputs) for s in derivatives if component.has(s)}
    base = max(split, key=lambda s: order_of(derivatives[s].index))
    first_weight, rest = split[base]
    weights = {}
    for symbol, (weight, own_rest) in split.items():
        if own_rest != rest:
            continue
        ratio = sympy.cancel(weight / first_weight)
        trainable = any(isinstance(s, Parameter) for s in ratio.free_symbols)
        if not (trainable and order_of(derivatives[symbol].index) == 1):
            weights[symbol] = ratio
    return weights


def _still_parallel(
    weights: dict[sympy.Symbol, sympy.Expr],
    component: sympy.Expr,
    derivatives: Mapping[sympy.Symbol, Atom],
    outputs: Sequence[sympy.Symbol],
) -> dict[sympy.Symbol, sympy.Expr]:
    """The members that a further component uses with the same weights, or not at all as a set."""
    here = {s: _split(component.diff(s), outputs) for s in derivatives if component.has(s)}
    members = [s for s in weights if s in here]
    if not members:
        return {s: w for s, w in weights.items() if s not in here}
    base = max(members, key=lambda s: order_of(derivatives[s].index))
    base_weight, rest = here[base]
    return {
        s: w
        for s, w in weights.items()
        if s in here and here[s][1] == rest and sympy.cancel(here[s][0] * weights[base] - base_weight * w) == 0
    }


def _split(gradient: sympy.Expr, outputs: Sequence[sympy.Symbol]) -> tuple[sympy.Expr, sympy.Expr]:
    """A factor free of network outputs, and the rest; numbers go with the factor."""
    factored = sympy.factor_terms(gradient)
    weight, rest = factored.as_independent(*outputs, as_Add=False)
    if rest.is_Add:
        content, rest = rest.primitive()
        weight = weight * content
        if rest.could_extract_minus_sign():
            weight, rest = -weight, -rest
    return weight, rest


def _size(at_site: Mapping[sympy.Symbol, Atom], candidates: Sequence[_Candidate]) -> int:
    """Channels of the jet at a site."""
    replaced = {s for candidate in candidates for s in candidate.symbols}
    partials = tuple(dict.fromkeys(a.index for s, a in at_site.items() if s not in replaced))
    groups = tuple(dict.fromkeys((c.atom.indices, c.atom.weights) for c in candidates))
    inputs = len(next(iter(at_site.values())).index)
    request = Request(inputs, partials, tuple(Group(i, (1.0,) * len(i)) for i, _ in groups))
    return request.size
