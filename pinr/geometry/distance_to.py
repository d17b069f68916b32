"""The distance to a cloud, surface or solid, as a function of its coordinates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, final

import numpy as np
from typing_extensions import override

from pinr.errors import DeclarationError
from pinr.language.known import AbstractKnown, Array

if TYPE_CHECKING:
    from pinr.geometry.placed import AbstractPlaced


@final
@dataclass(frozen=True, eq=False)
class DistanceTo(AbstractKnown):
    """The distance to a region of data, of a solid the signed one, and its gradient; both are exact.

    The gradient points away from the nearest place; on a cloud or surface itself, where there is none, it is 0.
    """

    region: "AbstractPlaced"

    @cached_property
    @override
    def digest(self) -> str:
        # The record has the SHA-256 of all numbers.
        return sha256(json.dumps(self.region.record(), sort_keys=True).encode()).hexdigest()

    @override
    def at(self, places: Mapping[str, Array], orders: Mapping[str, int], *, name: str) -> Array:
        names = self.region.names
        by = [along for along in names for _ in range(orders[along])]
        if len(by) > 1:
            message = (
                f"`{name}` is differentiated by {', '.join(by)}: of a distance to data the gradient is known, and no "
                "second derivatives. Write the equation with the first ones."
            )
            raise DeclarationError(message)
        distances, gradients = self.region.distances(np.column_stack([places[along] for along in names]))
        return gradients[:, names.index(by[0])] if by else distances
