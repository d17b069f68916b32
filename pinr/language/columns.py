"""Measured columns: values that are known at the rows of a table and nowhere else."""

import sympy

from pinr.errors import DeclarationError
from pinr.language.coordinates import namesakes
from pinr.language.fields import Field, Label


class MeasuredColumn(Field):
    """A column of measurements in an equation, `probes["u"]`.

    It has no arguments: which columns are coordinates is not known before a constraint says so. All symbols that are
    called like a column of the table count as free, so that a derivative is refused instead of being 0.
    """

    kind_of_field = "column"

    @property
    def key(self) -> str:
        """The column of the samples that holds the values."""
        return column_key(self.label)

    @property
    def is_at_home(self) -> bool:
        return True

    @property
    def free_symbols(self) -> set[sympy.Basic]:
        return set().union(*(namesakes(name) for name in self.label.coordinates))

    def diff(self, *symbols: object, **assumptions: object) -> sympy.Expr:
        # Also by what is no column of the table, of which SymPy would not ask.
        raise DeclarationError(self._no_derivative(", ".join(map(_written, symbols))))

    def _eval_derivative(self, symbol: sympy.Symbol) -> sympy.Expr:
        raise DeclarationError(self._no_derivative(str(symbol)))

    def _eval_subs(self, old: sympy.Basic, new: sympy.Basic) -> None:
        if old in self.free_symbols:
            message = (
                f"`{self.label.name}` is evaluated at {old} = {new}: a measured column is known at its own rows only. "
                "Evaluate the unknown elsewhere, and subtract the column afterwards."
            )
            raise DeclarationError(message)

    def _no_derivative(self, symbols: str) -> str:
        return (
            f"`{self.label.name}` is differentiated by `{symbols}`: a measured column is known at its own rows only. "
            "Differentiate the unknown, or interpolate the data to a grid and make them a `coefficient(...)`."
        )


def _written(symbol: object) -> str:
    return str(symbol[0]) if isinstance(symbol, sympy.Tuple | tuple) else str(symbol)


def column_key(label: Label) -> str:
    """The key of a measured column among the columns of samples: of its own table alone."""
    return f"{label.name} of {label.payload}"


def measured_column(name: str, others: tuple[str, ...], *, table: str, digest: str) -> MeasuredColumn:
    """A column as it stands in equations.

    Args:
        name: Its header.
        others: The headers of the table, its own among them.
        table: What the table is called.
        digest: The SHA-256 of the table.
    """
    return MeasuredColumn(Label(f"{table}.{name}", others, payload=digest))
