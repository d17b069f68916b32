"""The words of an equation: coordinates, fields, operators; ordinary SymPy expressions throughout."""
