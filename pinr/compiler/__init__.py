"""The compiler: equations in, pure residual functions out.

Its passes, in order: `collect` (which derivatives of which field at which arguments), `collapse` (groups that are
used only as a whole), `plan` (the engine of every network and point set), `lower` (SymPy to torch).
"""
