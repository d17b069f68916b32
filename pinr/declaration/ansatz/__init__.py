"""Conditions met exactly: the ansatz of every unknown, found from the declaration alone."""

from pinr.declaration.ansatz.exactness import Exactness, exactness_of
from pinr.declaration.ansatz.form import Ansatz
from pinr.declaration.ansatz.partials import partial

__all__ = ["Ansatz", "Exactness", "exactness_of", "partial"]
