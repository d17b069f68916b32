"""The rules of jets as C: one loop over points and units for an elementwise function or a product of jets.

The tables of the algebra (`pinr/derivatives/algebra.py`) are printed as straight-line code, so that a unit's jet stays
in registers from load to store. Channels lie `stride` apart, `[channel][point][unit]`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import final

from pinr.derivatives.algebra import Algebra, Term
from pinr.derivatives.native.activations import ACTIVATIONS
from pinr.derivatives.native.mathematics import number
from pinr.derivatives.request import order_of

Channels = tuple[int, ...]


@final
@dataclass(frozen=True)
class Composition:
    """An elementwise function of a jet, for the channels wanted; of a jet before the first nonlinearity if affine."""

    function: str
    wanted: Channels
    is_affine: bool
    derivative: int = 0

    def source(self, algebra: Algebra, name: str) -> str:
        """Two functions: forward, and backward with the jet itself written once more."""
        living = living_channels(algebra) if self.is_affine else tuple(range(algebra.size))
        printer = _Printer(algebra, living, first_level=self.derivative)
        levels, highest = ACTIVATIONS[self.function], algebra.order + self.derivative
        forward = [levels(highest), *printer.jet(self.wanted, "out")]
        backward = [levels(highest + 1), *printer.slopes(), *printer.jet(self.wanted, "h")]
        gradients = printer.transposed_slopes(self.wanted)
        if self.is_affine:
            places = {0: "out[j] ="} | {c: f"sums[{n}*H + j] +=" for n, c in enumerate(printer.living[1:])}
        else:
            places = {c: f"out[{c}*stride + j] =" for c in gradients}
        backward += [f"{places[c]} {text};" for c, text in gradients.items()]
        incoming = [f"T g{c} = g[{row}*stride + j];" for row, c in enumerate(self.wanted)]
        return _loop(f"{name}_forward", printer, forward) + _loop(f"{name}_backward", printer, incoming + backward)


@final
@dataclass(frozen=True)
class Product:
    """The product of two jets, for the channels wanted."""

    wanted: Channels

    def source(self, algebra: Algebra, name: str) -> str:
        printer = _Printer(algebra, tuple(range(algebra.size)))
        loads = [f"T y{c} = a[{c}*stride + j], x{c} = b[{c}*stride + j];" for c in range(algebra.size)]
        forward = [*loads, *(f"out[{row}*stride + j] = {printer.leibniz(c)};" for row, c in enumerate(self.wanted))]
        incoming = [f"T g{c} = g[{row}*stride + j];" for row, c in enumerate(self.wanted)]
        first, second = printer.transposed_products(self.wanted)
        backward = [*loads, *incoming]
        backward += [f"out[{c}*stride + j] = {text};" for c, text in enumerate(first)]
        backward += [f"h[{c}*stride + j] = {text};" for c, text in enumerate(second)]
        bodies = {"forward": forward, "backward": backward}
        return "".join(
            f"""
static void {name}_{direction}(const Call *call) {{
  const long B = call->count, H = call->width, stride = B * H;
  for (long p = 0; p < B; p++) {{
    const T *a = call->z + p * H, *b = call->zt + p * H, *g = call->g + p * H;
    T *out = call->out + p * H, *h = call->h + p * H;
    {printer.point_weights()}
    _Pragma("omp simd")
    for (long j = 0; j < H; j++) {{
      {" ".join(body)}
    }}
  }}
}}
"""
            for direction, body in bodies.items()
        )


Kernel = Composition | Product


def living_channels(algebra: Algebra) -> Channels:
    """The channels that do not vanish before the first nonlinearity: the value and what has first derivatives."""
    first = [c for c, index in enumerate(algebra.channels) if order_of(index) <= 1]
    grouped = [
        len(algebra.channels) + n
        for n, group in enumerate(algebra.groups)
        if any(order_of(index) == 1 for index in group.indices)
    ]
    return (*first, *grouped)


def point_weight_places(algebra: Algebra) -> list[tuple[int, int]]:
    """Group and member of the weights that differ from point to point, in the order in which kernels get them."""
    return [(n, m) for n, group in enumerate(algebra.groups) for m, w in enumerate(group.weights) if w is None]


def _loop(name: str, printer: "_Printer", body: Sequence[str]) -> str:
    # Channels of a jet before the first nonlinearity are the same at every point: their rows have stride 0.
    loads = [f"T y{c} = zt[{n}*call->channel_stride + j];" for n, c in enumerate(printer.living[1:])]
    return f"""
static void {name}(const Call *call) {{
  const long B = call->count, H = call->width, stride = B * H;
  T *sums = call->sums;
  for (long p = 0; p < B; p++) {{
    const T *z = call->z + p * H, *zt = call->zt + p * call->row_stride, *g = call->g + p * H;
    T *out = call->out + p * H, *h = call->h + p * H;
    {printer.point_weights()}
    _Pragma("omp simd")
    for (long j = 0; j < H; j++) {{
      T y = z[j]; {" ".join(loads)}
      {" ".join(body)}
    }}
  }}
}}
"""


@final
class _Printer:
    """Polynomials in the channels `y1, y2, …`, in the levels `f0, f1, …` and in point weights `w0, w1, …`."""

    def __init__(self, algebra: Algebra, living: Channels, first_level: int = 0) -> None:
        self.algebra, self.living, self.first_level = algebra, living, first_level
        self.weights = {place: f"w{number}" for number, place in enumerate(point_weight_places(algebra))}

    def point_weights(self) -> str:
        return " ".join(f"const T {name} = call->weights[{n}][p];" for n, name in enumerate(self.weights.values()))

    def jet(self, wanted: Channels, target: str) -> list[str]:
        """`h_c = f'(y) y_c + Σ_r f⁽ʳ⁾(y) P_{c,r}`."""
        return [f"{target}[{row}*stride + j] = {self._composed(c, shift=0)};" for row, c in enumerate(wanted)]

    def slopes(self) -> list[str]:
        """The jet F of f', whose product with a tangent is the derivative of the composition."""
        return [f"T F{c} = {self._composed(c, shift=1)};" for c in range(self.algebra.size)]

    def transposed_slopes(self, wanted: Channels) -> dict[int, str]:
        """`ȳ_b = Σ_{c = a + b} C(c, b) F_a h̄_c` for the living channels b."""
        sums: dict[int, list[str]] = {c: [] for c in self.living}
        for channel in wanted:
            for term in self.algebra.products[channel]:
                a, b = term.channels
                if b in sums:
                    sums[b].append(f"{self._factor(term, channel)}F{a}*g{channel}")
        return {c: _sum(terms) for c, terms in sums.items()}

    def leibniz(self, channel: int) -> str:
        terms = self.algebra.products[channel]
        return _sum(f"{self._factor(t, channel)}y{t.channels[0]}*x{t.channels[1]}" for t in terms)

    def transposed_products(self, wanted: Channels) -> tuple[list[str], list[str]]:
        first: list[list[str]] = [[] for _ in range(self.algebra.size)]
        second: list[list[str]] = [[] for _ in range(self.algebra.size)]
        for channel in wanted:
            for term in self.algebra.products[channel]:
                a, b = term.channels
                first[a].append(f"{self._factor(term, channel)}g{channel}*x{b}")
                second[b].append(f"{self._factor(term, channel)}g{channel}*y{a}")
        return [_sum(terms) for terms in first], [_sum(terms) for terms in second]

    def _composed(self, channel: int, shift: int) -> str:
        shift += self.first_level
        if channel == 0:
            return f"f{shift}"
        parts = [f"f{1 + shift}*y{channel}"] if channel in self.living else []
        for power, terms in enumerate(self.algebra.compositions[channel]):
            living = [t for t in terms if all(c in self.living for c in t.channels)]
            if living:
                inner = _sum(self._factor(t, channel) + "*".join(f"y{c}" for c in t.channels) for t in living)
                parts.append(f"f{power + shift}*({inner})")
        return _sum(parts)

    def _factor(self, term: Term, channel: int) -> str:
        """The coefficient and the weight of a group's member, with a sign of multiplication after them."""
        value, symbol = term.coefficient, ""
        if term.member is not None:
            group = channel - len(self.algebra.channels)
            weight = self.algebra.groups[group].weights[term.member]
            if weight is None:
                symbol = self.weights[group, term.member] + "*"
            else:
                value *= weight
        return (f"{number(value)}*" if value != 1.0 else "") + symbol


def _sum(terms: Iterable[str]) -> str:
    return " + ".join(terms) or "(T)0"
