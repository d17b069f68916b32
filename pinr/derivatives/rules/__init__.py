"""The rules by which jets pass through torch functions, one file per kind of function."""

from pinr.derivatives.rules import arithmetic, contractions, elementwise, matrices, normalizations, shapes

__all__ = ["arithmetic", "contractions", "elementwise", "matrices", "normalizations", "shapes"]
