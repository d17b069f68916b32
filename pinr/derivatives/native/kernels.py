"""The rules of jets as C: one loop over points and units for an elementwise function or a product of jets.

The tables of the algebra (`pinr/derivatives/algebra.py`) are printed as straight-line code, so that a unit's jet stays
in registers from load to store. Channels lie `stride` apart, `[channel][point][unit]`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from pinr.derivatives.algebra import Algebra
from pinr.derivatives.native.activations import ACTIVATIONS
from pinr.derivatives.native.mathematics import number
from pinr.derivatives.printer import Channels, Printer


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
        living = algebra.living if self.is_affine else tuple(range(algebra.size))
        printer = Printer(algebra, living, number, first_level=self.derivative)
        levels, highest = ACTIVATIONS[self.function], algebra.order + self.derivative
        forward = [levels(highest), *_jet(printer, self.wanted, "out")]
        slopes = [f"T F{c} = {printer.composed(c, shift=1)};" for c in range(algebra.size)]
        backward = [levels(highest + 1), *slopes, *_jet(printer, self.wanted, "h")]
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
        printer = Printer(algebra, tuple(range(algebra.size)), number)
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
    {_point_weights(printer)}
    _Pragma("omp simd")
    for (long j = 0; j < H; j++) {{
      {" ".join(body)}
    }}
  }}
}}
"""
            for direction, body in bodies.items()
        )


@final
@dataclass(frozen=True)
class Factor:
    """A number times a derivative of an elementwise function, of values alone; one number for each unit if so given."""

    function: str
    derivative: int
    is_per_unit: bool

    def source(self, algebra: Algebra, name: str) -> str:
        levels, n = ACTIVATIONS[self.function], self.derivative
        step = "" if self.is_per_unit else " + p * H"
        adds = "+=" if self.is_per_unit else "="  # the gradient of what is the same at all points is a sum
        bodies = {
            "forward": f"{levels(n)} out[j] = a[j]*f{n};",
            "backward": (
                f"{levels(n + 1)} T k = a[j], i = g[j]; h[j] = k*f{n}; sums[j] {adds} i*f{n}; out[j] = i*k*f{n + 1};"
            ),
        }
        return "".join(
            f"""
static void {name}_{direction}(const Call *call) {{
  const long B = call->count, H = call->width;
  for (long p = 0; p < B; p++) {{
    const T *z = call->z + p * H, *a = call->factor{step}, *g = call->g + p * H;
    T *out = call->out + p * H, *h = call->h + p * H, *sums = call->sums{step};
    _Pragma("omp simd")
    for (long j = 0; j < H; j++) {{
      T y = z[j];
      {body}
    }}
  }}
}}
"""
            for direction, body in bodies.items()
        )


@final
@dataclass(frozen=True)
class Bilinear:
    """Sums over units of products of two first derivatives of a jet, with weights `g f⁽ʳ⁾(y)`; see `Curvature`."""

    function: str
    derivative: int
    pairs: tuple[tuple[int, int], ...]
    is_affine: bool
    is_per_unit: bool

    def source(self, algebra: Algebra, name: str) -> str:
        levels, n = ACTIVATIONS[self.function], self.derivative
        used = sorted({axis for pair in self.pairs for axis in pair})
        loads = " ".join(f"T y{i} = zt[{i}*call->channel_stride + j];" for i in used)
        numbers, step = range(len(self.pairs)), "" if self.is_per_unit else " + p * H"
        scaled = " ".join(f"T k{i} = k*y{i};" for i in used)
        sums = " ".join(f"r{m} += k{a}*y{b};" for m, (a, b) in enumerate(self.pairs))
        slopes = {axis: self._slope(axis) for axis in used}
        if self.is_affine:
            results = [f"sums[{i}*H + j] += k*c{i};" for i in used]
        else:
            results = [
                f"out[{1 + i}*stride + j] = {f'k*c{i}' if i in slopes else number(0.0)};"
                for i in range(algebra.size - 1)
            ]
        gradients = (
            " ".join(f"T c{i} = {text};" for i, text in slopes.items())
            + f" T q = {number(0.5)}*({' + '.join(f'c{i}*y{i}' for i in used)});"
            + f" h[j] {'+=' if self.is_per_unit else '='} f{n}*q; out[j] = f{n + 1}*a[j]*q; "
            + " ".join(results)
        )
        return f"""
static void {name}_forward(const Call *call) {{
  const long B = call->count, H = call->width;
  for (long p = 0; p < B; p++) {{
    const T *z = call->z + p * H, *zt = call->zt + p * call->row_stride, *a = call->factor{step};
    T *out = call->out + p * {len(self.pairs)};
    T {", ".join(f"r{m} = 0" for m in numbers)};
    _Pragma("omp simd reduction(+:{",".join(f"r{m}" for m in numbers)})")
    for (long j = 0; j < H; j++) {{
      T y = z[j]; {loads} {levels(n)} T k = f{n}*a[j]; {scaled} {sums}
    }}
    {" ".join(f"out[{m}] = r{m};" for m in numbers)}
  }}
}}

static void {name}_backward(const Call *call) {{
  const long B = call->count, H = call->width, stride = B * H;
  T *sums = call->sums;
  for (long p = 0; p < B; p++) {{
    const T *z = call->z + p * H, *zt = call->zt + p * call->row_stride, *a = call->factor{step};
    const T *g = call->g + p * {len(self.pairs)};
    T *out = call->out + p * H, *h = call->h{step};
    const T {", ".join(f"g{m} = g[{m}]" for m in numbers)};
    _Pragma("omp simd")
    for (long j = 0; j < H; j++) {{
      T y = z[j]; {loads} {levels(n + 1)} T k = f{n}*a[j]; {gradients}
    }}
  }}
}}
"""

    def _slope(self, axis: int) -> str:
        """The derivative of `Σ g y y` by one of its factors."""
        terms = [f"g{m}*y{b}" for m, (a, b) in enumerate(self.pairs) if a == axis]
        return " + ".join(terms + [f"g{m}*y{a}" for m, (a, b) in enumerate(self.pairs) if b == axis])


Kernel = Composition | Product | Factor | Bilinear


def _jet(printer: Printer, wanted: Channels, target: str) -> list[str]:
    return [f"{target}[{row}*stride + j] = {printer.composed(c)};" for row, c in enumerate(wanted)]


def _point_weights(printer: Printer) -> str:
    return " ".join(f"const T {name} = call->weights[{n}][p];" for n, name in enumerate(printer.weights.values()))


def _loop(name: str, printer: Printer, body: Sequence[str]) -> str:
    # Channels of a jet before the first nonlinearity are the same at every point: their rows have stride 0.
    loads = [f"T y{c} = zt[{n}*call->channel_stride + j];" for n, c in enumerate(printer.living[1:])]
    return f"""
static void {name}(const Call *call) {{
  const long B = call->count, H = call->width, stride = B * H;
  T *sums = call->sums;
  for (long p = 0; p < B; p++) {{
    const T *z = call->z + p * H, *zt = call->zt + p * call->row_stride, *g = call->g + p * H;
    T *out = call->out + p * H, *h = call->h + p * H;
    {_point_weights(printer)}
    _Pragma("omp simd")
    for (long j = 0; j < H; j++) {{
      T y = z[j]; {" ".join(loads)}
      {" ".join(body)}
    }}
  }}
}}
"""
