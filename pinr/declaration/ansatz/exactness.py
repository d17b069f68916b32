"""Which conditions an ansatz meets exactly, and why not the others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, final

import sympy

from pinr.declaration.ansatz.conditions import Condition, conditions_of
from pinr.declaration.ansatz.construction import Construction, construct
from pinr.declaration.ansatz.fluxes import FluxCondition, flux_conditions_of
from pinr.declaration.ansatz.form import Ansatz
from pinr.declaration.ansatz.singular_terms import corners_of, with_terms
from pinr.declaration.checks.places import highest_order, names_of_role
from pinr.declaration.unknowns import UnknownField
from pinr.errors import DeclarationError, PinrError
from pinr.geometry.region import AbstractRegion
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.language.fields import Label
from pinr.language.parameters import Parameter

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem

POINTS = 256


STIFF = 4  # derivatives in space
RELIEF = sympy.Rational(1, 10)  # of the region's size: where residuals begin to count less towards a jump of values


@final
@dataclass(frozen=True)
class Exactness:
    """The ansätze of a problem, what they meet, and what stays in the loss.

    Attributes:
        ansaetze: By the component of an unknown.
        met: By constraint, the numbers of its components that hold whatever the networks give.
        reasons: By constraint, why the others of its conditions do not.
        jumps: By constraint, the squared distances to edges where values that its unknowns must have jump.
    """

    ansaetze: Mapping[Label, Ansatz] = field(default_factory=dict)
    met: Mapping[str, frozenset[int]] = field(default_factory=dict)
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    jumps: Mapping[str, tuple[sympy.Expr, ...]] = field(default_factory=dict)

    def relieved(self, name: str, components: Sequence[sympy.Expr]) -> tuple[sympy.Expr, ...]:
        """The residuals times `(r²/(r² + ℓ²))^{m/2}` for every edge where values jump, ℓ = 0.1 of the region.

        There derivatives of order m, the highest in the residual, grow like `1/r^m`. The square of that has no integral
        for m = 2: nothing would be small but what is far from the solution everywhere.
        """
        jumps = self.jumps.get(name)
        if not jumps:
            return tuple(components)
        ratio = sympy.Mul(*(r2 / (r2 + RELIEF**2) for r2 in jumps))
        orders = (max(highest_order(component, self.ansaetze), 0) for component in components)
        return tuple(c * ratio ** sympy.Rational(order, 2) for c, order in zip(components, orders, strict=True))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The trained factors of singular terms."""
        return tuple(c for ansatz in self.ansaetze.values() for c in ansatz.parameters)

    def without(self, labels: Collection[Label], reason: str, problem: "Problem") -> "Exactness":
        """The same without an ansatz for some components, for a reason.

        Raises:
            DeclarationError: `exact=True` was written at a condition on them.
        """
        left = {label: a for label, a in self.ansaetze.items() if label not in labels}
        if len(left) == len(self.ansaetze):
            return self
        lost: dict[str, set[int]] = {}
        both: list[Condition | FluxCondition] = [*conditions_of(problem), *flux_conditions_of(problem)]
        for condition in both:
            if condition.label in labels and condition.number in self.met.get(condition.constraint, ()):
                lost.setdefault(condition.constraint, set()).add(condition.number)
        met = {name: numbers - lost.get(name, set()) for name, numbers in self.met.items()}
        reasons = {**self.reasons, **{name: (*self.reasons.get(name, ()), reason) for name in lost}}
        found = replace(self, ansaetze=left, met={n: m for n, m in met.items() if m}, reasons=reasons, jumps={})
        check_demands(problem, found)
        return found


def exactness_of(problem: "Problem") -> Exactness:
    """Ansätze for all conditions that can be met exactly in a sound way.

    Raises:
        DeclarationError: `exact=True` was written at a condition of which that is not so.
    """
    conditions, fluxes = tuple(conditions_of(problem)), tuple(flux_conditions_of(problem))
    ansaetze: dict[Label, Ansatz] = {}
    met: dict[str, set[int]] = {}
    reasons: dict[str, dict[str, None]] = {}
    jumps: dict[str, dict[sympy.Expr, None]] = {}
    for unknown in problem.unknowns:
        for label in unknown.labels:
            own = [c for c in conditions if c.label == label]
            own_fluxes = [f for f in fluxes if f.label == label]
            found = _construction(problem, unknown, label, own, own_fluxes)
            if found.ansatz is not None:
                ansaetze[label] = found.ansatz
            for name in _inside(problem, unknown) if found.jumps else ():
                jumps.setdefault(name, {}).update(dict.fromkeys(found.jumps))
            prescribed = {(c.constraint, c.number) for c in own}
            for flux in own_fluxes:
                if found.meets(flux):
                    met.setdefault(flux.constraint, set()).add(flux.number)
                elif (flux.constraint, flux.number) not in prescribed:
                    reason = found.reason_of_flux(flux)
                    reasons.setdefault(flux.constraint, {})[f"{label.text}: {reason}"] = None
            for condition in own:
                if condition.number in met.get(condition.constraint, ()):
                    continue
                if condition in found.met:
                    met.setdefault(condition.constraint, set()).add(condition.number)
                else:
                    reason = found.reason_of(condition)
                    reasons.setdefault(condition.constraint, {})[f"{label.text}: {reason}"] = None
    exactness = Exactness(
        ansaetze,
        {name: frozenset(numbers) for name, numbers in met.items()},
        {name: tuple(found) for name, found in reasons.items()},
        {name: tuple(found) for name, found in jumps.items()},
    )
    check_demands(problem, exactness)
    return exactness


def check_demands(problem: "Problem", exactness: Exactness) -> None:
    """Refuse `exact=True` at constraints that are not met exactly.

    Raises:
        DeclarationError: There is such a one; the message has the reasons.
    """
    for name, constraint in problem.named_constraints.items():
        if constraint.exact and len(exactness.met.get(name, ())) < len(constraint.components):
            reasons = "; ".join(exactness.reasons.get(name, ())) or (
                "it is no condition on the value of an unknown on a whole side of its region"
            )
            message = (
                f"{constraint.described}: `exact=True`, and it cannot be met exactly: {reasons}. Leave `exact=` out, "
                "and it is trained."
            )
            raise DeclarationError(message)


def _construction(
    problem: "Problem",
    unknown: UnknownField,
    label: Label,
    conditions: list[Condition],
    fluxes: list[FluxCondition],
) -> Construction:
    region = _home(problem, unknown)
    if isinstance(region, str):
        return Construction(reason=region)
    names = {c.name for c in unknown.coordinates}
    conditions = [c for c in conditions if set(c.region.names) == names]
    is_wanted = any(problem.named_constraints[c.constraint].exact for c in conditions)
    if _is_stiff(problem, unknown) and not is_wanted:
        return Construction(reason="its equation has four derivatives in space and evolves, which trains better so")
    fluxes = [f for f in fluxes if set(f.region.names) == names] if _has_low_order(problem, unknown) else []
    found = construct(region, unknown.coordinates, conditions, fluxes, is_vector=unknown.size is not None)
    corners = corners_of(problem, label, region, unknown.coordinates, found.sides)
    if not corners:
        return found
    places = ", ".join(map(str, corners))
    reason = f"at {places} the solution is singular: it has terms for that, and its conditions stay in the loss"
    return Construction(with_terms(label, unknown.coordinates, corners, region), reason=reason)


def _has_low_order(problem: "Problem", unknown: UnknownField) -> bool:
    """Whether no derivative in space is above the second: an ansatz for fluxes raises them by one."""
    space = names_of_role(unknown, "space")
    expressions = (e for c in problem.constraints for e in c.components)
    return max((highest_order(e, unknown.labels, space) for e in expressions), default=-1) <= 2


def _is_stiff(problem: "Problem", unknown: UnknownField) -> bool:
    """Whether an unknown evolves by fourth derivatives: a beam was at 0.76 after 8 s, at 4e-4 with soft conditions."""
    space = names_of_role(unknown, "space")
    expressions = (e for c in problem.constraints for e in c.components)
    return bool(names_of_role(unknown, "time")) and (
        max((highest_order(e, unknown.labels, space) for e in expressions), default=-1) >= STIFF
    )


def _inside(problem: "Problem", unknown: UnknownField) -> list[str]:
    """The constraints on an unknown that are no conditions: in regions of all its dimensions."""
    return [
        name
        for name, c in problem.named_constraints.items()
        if any(f.label in unknown.labels for f in c.unknowns) and c.region.dimension == len(c.region.names)
    ]


def _home(problem: "Problem", unknown: UnknownField) -> AbstractRegion | str:
    """The region in which an unknown lives, or why there is none."""
    names = {c.name for c in unknown.coordinates}
    regions = [
        c.region
        for c in problem.constraints
        if any(f.label in unknown.labels for f in c.unknowns)
        and c.region.dimension == len(c.region.names)
        and set(c.region.names) == names
    ]
    distinct = list(dict.fromkeys(regions))
    if not distinct:
        return f"{unknown.name} has no equation on a region of its coordinates"
    try:
        points = [r.sample(POINTS, sampler=Sobol(), seed=0).points for r in distinct]
        whole = [r for r in distinct if all(bool(r.encloses(p).all()) for p in points)]
    except PinrError as error:
        return f"its region cannot be sampled ({error})"
    return whole[0] if whole else f"{unknown.name} lives on several regions"
