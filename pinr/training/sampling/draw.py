"""The points of one draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from pinr.compiler.program import Batch
from pinr.geometry.samples import Samples

Kept = Mapping[str, Samples]
"""By constraint, the points that a rule takes over from one draw to the next."""


@final
@dataclass(frozen=True)
class Draw:
    """The points of all constraints.

    Attributes:
        batch: The points, with what is known there.
        fresh: By constraint, how many of its points, the first ones, are new and spread without regard to residuals:
            the mean loss over them, before they are trained on, is unbiased. Measured points are never new, and are
            not listed.
    """

    batch: Batch
    fresh: Mapping[str, int]
