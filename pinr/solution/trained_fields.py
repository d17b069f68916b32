"""What a solution has learned, as the evaluator of a region's condition."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, final

import numpy as np
import sympy
from numpy.typing import NDArray

from pinr.errors import GeometryError
from pinr.geometry.samples import Points
from pinr.language.digest import sha256_of
from pinr.solution.compiled import Compiled, compile_expression
from pinr.solution.evaluate import values_at

if TYPE_CHECKING:
    from pinr.solution.solution import Solution


@final
class TrainedFields:
    """Values of expressions in the unknowns of a solution, whose networks stay as they are.

    Args:
        solution: What is evaluated.
        digest: What the file calls it that it was read from; None computes it.
    """

    def __init__(self, solution: "Solution", digest: str | None = None) -> None:
        self.solution, self._digest = solution, digest
        self._compiled: dict[tuple[sympy.Expr, ...], Compiled] = {}

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all trained numbers and of the problem's text."""
        if self._digest is not None:
            return self._digest
        weights = {name: value.double().cpu().numpy() for name, value in self.solution.parameters.items()}
        letters = np.frombuffer(str(self.solution.problem).encode(), dtype=np.uint8)
        return sha256_of({"problem": letters, **weights})

    def __call__(self, expressions: Sequence[sympy.Expr], points: Points) -> NDArray[np.float64]:
        """The values `(N, expressions)`, in double precision."""
        key = tuple(expressions)
        if key not in self._compiled:
            self._compiled[key] = compile_expression(self.solution.program, sympy.ImmutableMatrix(key))
        count = len(next(iter(points.values())))
        values = values_at(self.solution, self._compiled[key], points, count=count)
        if values.dtype.kind == "c":
            message = f"`{key[0]}` is complex, and a region needs a sign. Take its real part, or its modulus."
            raise GeometryError(message)
        return values.reshape(count, len(key))
