"""The rules of jets as Triton's Python: one kernel forward and one backward for an elementwise function of a jet.

The tables of the algebra are printed as straight-line code, as for C. A program of a kernel takes `BLOCK` numbers of
every channel, and a thread's jet stays in registers from load to store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from pinr.derivatives.algebra import Algebra
from pinr.derivatives.fused.activations import ACTIVATIONS, functions
from pinr.derivatives.printer import Channels, Printer

Place = tuple[int, int]
"""Channel c and power r of a term `f⁽ʳ⁾(y) R` of a composition."""

HEADER = """import triton
import triton.language as tl
from triton.language.extra import libdevice
"""


@final
@dataclass(frozen=True)
class Composition:
    """An elementwise function of a jet, for the channels wanted; `(channels, size)`, `width` numbers at each point."""

    function: str
    algebra: Algebra
    wanted: Channels

    def source(self, *, interpreted: bool) -> str:
        """A module with the kernels `forward` and `backward`."""
        printer = Printer(self.algebra, tuple(range(self.algebra.size)), repr)
        weights = [f"{name}_at" for name in printer.weights.values()]
        loads = ["y = tl.load(jet + e, mask=inside, other=0.0)"]
        loads += [f"y{c} = {_loaded('jet', c)}" for c in range(1, self.algebra.size)]
        loads += [f"{w} = tl.load({w}_at + e // width, mask=inside, other=0.0)" for w in printer.weights.values()]
        levels, order = ACTIVATIONS[self.function], self.algebra.order
        forward = [*loads, *levels(order)]
        forward += [_stored("out", row, printer.composed(c)) for row, c in enumerate(self.wanted)]
        backward = [*loads, *(f"g{c} = {_loaded('cotangent', row)}" for row, c in enumerate(self.wanted))]
        backward += levels(order + 1)
        backward += [f"F{c} = {printer.composed(c, shift=1)}" for c in range(self.algebra.size)]
        backward += [_stored("out", c, text) for c, text in printer.transposed_slopes(self.wanted).items()]
        return (
            HEADER
            + functions(interpreted=interpreted)
            + _elementwise("forward", ["jet", "out", *weights], forward)
            + _elementwise("backward", ["jet", "cotangent", "out", *weights], backward)
        )


@final
@dataclass(frozen=True)
class AffineComposition:
    """`h_c = Σ_r f⁽ʳ⁾(y) R_{c,r}` with rows R that are the same at every point, `h_0 = f(y)`: the first layer.

    Backward, the rows' gradients are sums over the points: every program sums over `POINTS` of them and writes its
    part, so that the result does not depend on the order in which programs run.
    """

    function: str
    order: int
    places: tuple[Place, ...]
    size: int

    def source(self, *, interpreted: bool) -> str:
        """A module with the kernels `forward` and `backward`."""
        numbered = list(enumerate(self.places))
        levels = ACTIVATIONS[self.function]
        parts = {c: [f"f{r}*R{n}" for n, (channel, r) in numbered if channel == c] for c in range(1, self.size)}
        jet = {0: "f0"} | {c: " + ".join(terms) or "0.0" for c, terms in parts.items()}
        forward = [*levels(self.order), *(_stored("out", c, text) for c, text in jet.items())]
        backward = [f"g{c} = {_loaded('cotangent', c)}" for c in {0: None} | dict(self.places)]
        backward += levels(self.order + 1)
        slopes = ["g0*f1", *(f"g{c}*f{r + 1}*R{n}" for n, (c, r) in numbered)]
        backward.append(_stored("out", 0, " + ".join(slopes)))
        backward += [f"S{n} += g{c}*f{r}" for n, (c, r) in numbered]
        zeros = [f"S{n} = tl.full([BLOCK], 0.0, value.dtype.element_ty)" for n, _ in numbered]
        place = f"(part * {len(numbered)} + {{n}}) * width + j"
        sums = [f"tl.store(sums + {place.format(n=n)}, S{n}, mask=j < width)" for n, _ in numbered]
        return (
            HEADER
            + functions(interpreted=interpreted)
            + self._loop("forward", ["value", "rows", "out"], forward)
            + self._loop("backward", ["value", "rows", "cotangent", "out", "sums"], backward, before=zeros, after=sums)
        )

    def _loop(
        self,
        name: str,
        arguments: Sequence[str],
        body: Sequence[str],
        *,
        before: Sequence[str] = (),
        after: Sequence[str] = (),
    ) -> str:
        rows = [f"R{n} = tl.load(rows + {n}*width + j, mask=j < width, other=0.0)" for n in range(len(self.places))]
        return f"""

@triton.jit
def {name}({", ".join(arguments)}, width, size: tl.int64, POINTS: tl.constexpr, BLOCK: tl.constexpr):
    j = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    part = tl.program_id(0).to(tl.int64)
{_indented([*rows, *before], 1)}
    for n in range(POINTS):
        e = (part * POINTS + n) * width + j
        inside = (j < width) & (e < size)
        y = tl.load(value + e, mask=inside, other=0.0)
{_indented(body, 2)}
{_indented(after, 1)}
"""


Kernel = Composition | AffineComposition


def _elementwise(name: str, arguments: Sequence[str], body: Sequence[str]) -> str:
    return f"""

@triton.jit
def {name}({", ".join(arguments)}, width, size: tl.int64, BLOCK: tl.constexpr):
    e = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = e < size
{_indented(body, 1)}
"""


def _loaded(tensor: str, row: int) -> str:
    return f"tl.load({tensor} + {row}*size + e, mask=inside, other=0.0)"


def _stored(tensor: str, row: int, text: str) -> str:
    return f"tl.store({tensor} + {row}*size + e, {text}, mask=inside)"


def _indented(lines: Sequence[str], depth: int) -> str:
    return "\n".join("    " * depth + line for line in lines)
