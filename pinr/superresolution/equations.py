"""Equations with names, of which any may be taken with any weight."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, final

import numpy as np
import sympy

from pinr.errors import DeclarationError
from pinr.superresolution.standardisation import Standardisation
from pinr.superresolution.walls import Walls


@final
@dataclass(frozen=True)
class Equations(Mapping[str, sympy.Eq]):
    """What fields obey: ordinary equations by name, and how much each counts.

    `equations.take("continuity", "energy")` leaves the others out, `equations.weighted(continuity=10)` sets weights.
    `on(region, *equations.values())` makes a constraint of them.

    Attributes:
        equations: By name.
        unknowns: The unknowns by the names of the fields.
        coordinates: By the names of the axes.
        weights: By name; 1 where nothing else is said.
        mirrors: By the name of an axis, the fields that change their sign in a mirror image along it: of a solution
            that is one, too.
        walls: By the name of an axis, where solutions are known.
    """

    equations: Mapping[str, sympy.Eq]
    unknowns: Mapping[str, Any]
    coordinates: Mapping[str, Any]
    weights: Mapping[str, float] = field(default_factory=dict)
    mirrors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    walls: Mapping[str, Walls] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", {name: float(self.weights.get(name, 1.0)) for name in self.equations})

    def take(self, *names: str) -> Self:
        """Only these, in this order, with their weights.

        Raises:
            DeclarationError: There is no such equation, or none is named.
        """
        if not names:
            message = f"`take()` leaves no equation. Name some of {', '.join(self)}."
            raise DeclarationError(message)
        self._check(names, "take")
        return replace(self, equations={name: self.equations[name] for name in names})

    def weighted(self, **weights: float) -> Self:
        """The same equations with other weights; 0 leaves an equation without effect.

        Raises:
            DeclarationError: There is no such equation, or a weight is negative or not finite.
        """
        self._check(tuple(weights), "weighted")
        for name, weight in weights.items():
            if not 0 <= weight < np.inf:
                message = f"`weighted({name}={weight!r})`: weights are numbers that are 0 or larger."
                raise DeclarationError(message)
        return replace(self, weights={**self.weights, **weights})

    def standardised(self, standardisation: Standardisation) -> Self:
        """The equations of standardised fields: every unknown f is replaced by `mean + scale · f`.

        Coordinates stay those of the data, so that no derivative needs a factor. Residuals have the units of the
        equations as before.

        Raises:
            DeclarationError: An unknown has no mean and scale.
        """
        for name in self.unknowns:
            if name not in standardisation.scale:
                known = ", ".join(standardisation.scale)
                message = (
                    f"The equations have the unknown `{name}`, and the data have {known}. Read this field as well."
                )
                raise DeclarationError(message)
        mean, scale = standardisation.mean, standardisation.scale
        changes = {symbol: mean[name] + scale[name] * symbol for name, symbol in self.unknowns.items()}
        changed = {
            name: sympy.Eq(*(side.subs(changes, simultaneous=True).doit() for side in equation.args), evaluate=False)
            for name, equation in self.equations.items()
        }
        return replace(self, equations=changed)

    def __getitem__(self, name: str) -> sympy.Eq:
        return self.equations[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.equations)

    def __len__(self) -> int:
        return len(self.equations)

    def __str__(self) -> str:
        width = max(map(len, self))
        return "\n".join(f"{n:{width}}  {self.weights[n]:<8g}  {e.lhs} = {e.rhs}" for n, e in self.items())

    def _check(self, names: tuple[str, ...], what: str) -> None:
        for name in names:
            if name not in self.equations:
                message = f"`{what}({name!r})`: there is no such equation. There are {', '.join(self)}."
                raise DeclarationError(message)
