"""Which conditions an ansatz meets exactly, and why not the others."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, final

from pinr.declaration.ansatz.conditions import Condition, conditions_of
from pinr.declaration.ansatz.construction import Construction, construct
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


@final
@dataclass(frozen=True)
class Exactness:
    """The ansätze of a problem, what they meet, and what stays in the loss.

    Attributes:
        ansaetze: By the component of an unknown.
        met: By constraint, the numbers of its components that hold whatever the networks give.
        reasons: By constraint, why the others of its conditions do not.
    """

    ansaetze: Mapping[Label, Ansatz] = field(default_factory=dict)
    met: Mapping[str, frozenset[int]] = field(default_factory=dict)
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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
        for condition in conditions_of(problem):
            if condition.label in labels and condition.number in self.met.get(condition.constraint, ()):
                lost.setdefault(condition.constraint, set()).add(condition.number)
        met = {name: numbers - lost.get(name, set()) for name, numbers in self.met.items()}
        reasons = {**self.reasons, **{name: (*self.reasons.get(name, ()), reason) for name in lost}}
        found = replace(self, ansaetze=left, met={n: m for n, m in met.items() if m}, reasons=reasons)
        check_demands(problem, found)
        return found


def exactness_of(problem: "Problem") -> Exactness:
    """Ansätze for all conditions that can be met exactly in a sound way.

    Raises:
        DeclarationError: `exact=True` was written at a condition of which that is not so.
    """
    conditions = tuple(conditions_of(problem))
    ansaetze: dict[Label, Ansatz] = {}
    met: dict[str, set[int]] = {}
    reasons: dict[str, dict[str, None]] = {}
    for unknown in problem.unknowns:
        for label in unknown.labels:
            own = [c for c in conditions if c.label == label]
            found = _construction(problem, unknown, label, own)
            if found.ansatz is not None:
                ansaetze[label] = found.ansatz
            for condition in own:
                if condition in found.met:
                    met.setdefault(condition.constraint, set()).add(condition.number)
                else:
                    reason = found.reason_of(condition)
                    reasons.setdefault(condition.constraint, {})[f"{label.text}: {reason}"] = None
    exactness = Exactness(
        ansaetze,
        {name: frozenset(numbers) for name, numbers in met.items()},
        {name: tuple(found) for name, found in reasons.items()},
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


def _construction(problem: "Problem", unknown: UnknownField, label: Label, conditions: list[Condition]) -> Construction:
    region = _home(problem, unknown)
    if isinstance(region, str):
        return Construction(reason=region)
    names = {c.name for c in unknown.coordinates}
    conditions = [c for c in conditions if set(c.region.names) == names]
    is_wanted = any(problem.named_constraints[c.constraint].exact for c in conditions)
    if _is_stiff(problem, unknown) and not is_wanted:
        return Construction(reason="its equation has four derivatives in space and evolves, which trains better so")
    found = construct(region, unknown.coordinates, conditions)
    corners = corners_of(problem, label, region, unknown.coordinates, found.sides)
    if not corners:
        return found
    places = ", ".join(map(str, corners))
    reason = f"at {places} the solution is singular: it has terms for that, and its conditions stay in the loss"
    return Construction(with_terms(label, unknown.coordinates, corners, region), reason=reason)


def _is_stiff(problem: "Problem", unknown: UnknownField) -> bool:
    """Whether an unknown evolves by fourth derivatives: a beam was at 0.76 after 8 s, at 4e-4 with soft conditions."""
    space = names_of_role(unknown, "space")
    expressions = (e for c in problem.constraints for e in c.components)
    return bool(names_of_role(unknown, "time")) and (
        max((highest_order(e, unknown.labels, space) for e in expressions), default=-1) >= STIFF
    )


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
