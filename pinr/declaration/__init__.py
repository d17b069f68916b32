"""Declarations: constraints and problems, immutable, checked before anything is trained."""
