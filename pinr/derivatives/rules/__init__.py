"""The rules by which jets pass through torch functions, one file per kind of function."""

from pinr.derivatives.rules import arithmetic, elementwise, matrices, shapes

__all__ = ["arithmetic", "elementwise", "matrices", "shapes"]
