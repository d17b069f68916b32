"""Second pass: derivatives that are used only as a whole become one group.

A residual depends on a set of derivatives `d_a` only through `G = Σ w_a d_a` exactly if its gradient with respect to
them is everywhere parallel to `w`. That is tested on the symbolic gradient: each `∂r/∂d_a` is split into a
factor that is free of network outputs (the weight) and the rest, which must be common to all members. So `u_t − kΔu`
is one group, and `Δu` in `u Δu` or `(Δu)²` is one as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

import sympy

from pinr.compiler.collect import Atom, Collected
from pinr.derivatives.request import Group, MultiIndex, Request, order_of

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
        parts = []
        for index, weight in zip(self.indices, self.weights, strict=True):
            derivative = replace(self.owner, index=index)
            parts.append(str(derivative) if weight == 1 else f"({weight})·{derivative}")
        return f"[{' + '.join(parts)}]" if len(parts) > 1 else parts[0]


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
    """A group with the symbols that it replaces; `base` is one of highest order, with a constant weight if any has."""

    atom: GroupAtom
    symbols: tuple[sympy.Symbol, ...]
    base: sympy.Symbol
    base_weight: sympy.Expr
    outputs: tuple[sympy.Symbol, ...]

    def substituted(self, component: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
        """The component in terms of the group; nan if it could only be had by dividing by what may vanish."""
        if not component.has(*self.symbols):
            return component
        silent: dict[sympy.Symbol, sympy.Expr] = dict.fromkeys(self.symbols, sympy.S.Zero)
        slope = component.diff(self.base)
        if not slope.has(*self.symbols):  # affine in the group
            weight, rest = _split(slope, self.outputs)
            ratio = _ratio(weight, self.base_weight)
            return component.xreplace(silent) + ratio * rest * symbol if _is_regular(ratio) else sympy.nan
        if not self.base_weight.is_number:
            return sympy.nan
        # The component depends on the members through the group only, so any members with the right
        # weighted sum will do: the base carries all of it.
        return component.xreplace({**silent, self.base: symbol / self.base_weight}).doit()


def _candidates(
    components: Sequence[sympy.Expr],
    at_site: Mapping[sympy.Symbol, Atom],
    atoms: Mapping[sympy.Symbol, Atom],
) -> list[_Candidate]:
    """At most one group per component of the unknown."""
    found = []
    for owner in dict.fromkeys((a.label, a.part) for a in at_site.values()):
        derivatives = {s: a for s, a in at_site.items() if (a.label, a.part) == owner and any(a.index)}
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
    if not inside:
        return None
    inside.sort(key=lambda c: _order(derivatives, (s for s in derivatives if c.has(s))), reverse=True)
    outputs = tuple(s for s, a in atoms.items() if a.is_unknown)
    weights = _parallel_weights(inside[0], derivatives, outputs)
    for component in inside[1:]:
        weights = _still_parallel(weights, component, derivatives, outputs)
    if _order(derivatives, weights) < 2:
        return None
    base = max(weights, key=lambda s: (weights[s].is_number, order_of(derivatives[s].index)))
    symbols = tuple(sorted(weights, key=lambda s: derivatives[s].index, reverse=True))
    group = GroupAtom(
        replace(derivatives[base], index=(0,) * len(derivatives[base].index)),
        tuple(derivatives[s].index for s in symbols),
        tuple(weights[s] for s in symbols),
    )
    candidate = _Candidate(group, symbols, base, weights[base], outputs)
    whole = (candidate.substituted(c, sympy.Dummy(real=True)) for c in inside)
    return None if any(c.has(sympy.nan, sympy.zoo) for c in whole) else candidate


def _order(derivatives: Mapping[sympy.Symbol, Atom], symbols: Iterable[sympy.Symbol]) -> int:
    """The highest order among them."""
    return max((order_of(derivatives[s].index) for s in symbols), default=0)


def _parallel_weights(
    component: sympy.Expr,
    derivatives: Mapping[sympy.Symbol, Atom],
    outputs: Sequence[sympy.Symbol],
) -> dict[sympy.Symbol, sympy.Expr]:
    """Weights of the derivatives whose gradient is parallel to that of one of highest order.

    First derivatives join with constant weights only: apart they cost a channel at most, and groups of
    constant weights are the fast ones.
    """
    split = {s: _split(component.diff(s), outputs) for s in derivatives if component.has(s)}
    base = max(split, key=lambda s: order_of(derivatives[s].index))
    first_weight, rest = split[base]
    ratios = {s: _ratio(w, first_weight) for s, (w, own) in split.items() if own == rest and w != 0}
    ratios = {s: r for s, r in ratios.items() if r.is_number or order_of(derivatives[s].index) > 1}
    if all(map(_is_regular, ratios.values())):
        return ratios
    return {s: split[s][0] for s in ratios if split[s][0].is_number or order_of(derivatives[s].index) > 1}


def _still_parallel(
    weights: dict[sympy.Symbol, sympy.Expr],
    component: sympy.Expr,
    derivatives: Mapping[sympy.Symbol, Atom],
    outputs: Sequence[sympy.Symbol],
) -> dict[sympy.Symbol, sympy.Expr]:
    """The members that a further component uses with the same weights, or those that it does not use."""
    here = {s: _split(component.diff(s), outputs) for s in derivatives if component.has(s)}
    unused = {s: w for s, w in weights.items() if s not in here}
    members = [s for s in weights if s in here]
    if not members:
        return unused
    base = max(members, key=lambda s: order_of(derivatives[s].index))
    base_weight, rest = here[base]
    parallel = {
        s: weights[s]
        for s in members
        if here[s][1] == rest and sympy.cancel(here[s][0] * weights[base] - base_weight * weights[s]) == 0
    }
    return max(parallel, unused, key=lambda part: _order(derivatives, part))


def _ratio(weight: sympy.Expr, other: sympy.Expr) -> sympy.Expr:
    return sympy.S.One if weight == other else sympy.cancel(weight / other)


def _is_regular(ratio: sympy.Expr) -> bool:
    """Whether no denominator of it can vanish: there is none but numbers."""
    return not sympy.fraction(sympy.together(ratio))[1].free_symbols


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
