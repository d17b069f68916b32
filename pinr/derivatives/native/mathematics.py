"""Elementary functions in C that compilers turn into vector instructions: no branches, no calls, no tables.

Written as loops' bodies for one element; `T` is the type of the numbers and `I` an integer of its size. Polynomials
are Taylor's where the argument has been reduced, and Chebyshev fits to SciPy's functions elsewhere, made when the
source is printed. Sine and cosine lose digits like `ε |x|`: in single precision they are for arguments up to about 10⁴.
Rounding to whole numbers is by adding `1.5·2^m`, whose low bits then hold the number.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import scipy.special

from pinr.derivatives import printer

Precision = Literal["float32", "float64"]
HEADERS: dict[Precision, str] = {
    "float32": """
typedef float T;
typedef int32_t I;
#define MANTISSA 23
#define BIAS 127
#define MAGIC 12582912.0f
#define LARGEST_EXPONENT 87.0f
#define FABS __builtin_fabsf
#define FMAX __builtin_fmaxf
#define FMIN __builtin_fminf
#define SQRT __builtin_sqrtf
""",
    "float64": """
typedef double T;
typedef int64_t I;
#define MANTISSA 52
#define BIAS 1023
#define MAGIC 6755399441055744.0
#define LARGEST_EXPONENT 708.0
#define FABS __builtin_fabs
#define FMAX __builtin_fmax
#define FMIN __builtin_fmin
#define SQRT __builtin_sqrt
""",
}
# π/2 and log 2 in parts, the first of which have few enough digits for exact products (Cody and Waite 1980).
PARTS: dict[Precision, dict[str, tuple[str, ...]]] = {
    "float32": {
        "half pi": ("1.57079637f", "-4.37113883e-8f", "-1.71512451e-15f"),
        "log 2": ("0.693145752f", "1.42860677e-6f"),
    },
    "float64": {
        "half pi": ("1.5707963267948966", "6.123233995736766e-17", "-1.4973849048591833e-33"),
        "log 2": ("0.6931471803691238", "1.9082149292705877e-10"),
    },
}


def number(value: float) -> str:
    """A constant of type T."""
    return f"(T){value!r}"


def horner(coefficients: Sequence[float], variable: str) -> str:
    """A polynomial in ascending powers."""
    return printer.horner(coefficients, variable, number)


def fitted(function: Callable[[np.ndarray], np.ndarray], degree: int) -> list[float]:
    """The polynomial on [−1, 1] that interpolates at Chebyshev points."""
    series: Any = np.polynomial.Chebyshev.interpolate(function, degree)
    return [float(c) for c in np.polynomial.chebyshev.cheb2poly(series.coef)]


def mathematics(precision: Precision) -> str:
    """The functions as C source."""
    single = precision == "float32"
    terms = 5 if single else 9
    sine = [(-1) ** k / math.factorial(2 * k + 1) for k in range(terms)]
    cosine = [(-1) ** k / math.factorial(2 * k) for k in range(terms + 1)]
    exponential = [1 / math.factorial(k) for k in range(8 if single else 14)]
    logarithm = fitted(lambda u: np.log1p((1 + u) / 2) / ((1 + u) / 2), 9 if single else 22)
    # (1 + 2z) e^{z²} erfc z is smooth in u = (z − 3.75)/(z + 3.75) on z ≥ 0 (Shepherd and Laframboise 1981).
    scaled = fitted(_scaled_complement, 13 if single else 24)
    first, second, third = PARTS[precision]["half pi"]
    high, low = PARTS[precision]["log 2"]
    return f"""
#include <math.h>
#include <stdint.h>
{HEADERS[precision]}
typedef union {{ T number; I bits; }} Bits;

static inline void sine_and_cosine(T x, T *s, T *c) {{
  Bits turns; turns.number = x * {number(2 / math.pi)} + MAGIC;
  T n = turns.number - MAGIC;
  T r = x - n * {first}; r = r - n * {second}; r = r - n * {third};
  T q = r * r;
  Bits a, b; T sr = r * {horner(sine, "q")}, cr = {horner(cosine, "q")};
  I quarter = turns.bits & 1;
  a.number = quarter ? cr : sr; b.number = quarter ? sr : cr;
  a.bits ^= (turns.bits & 2) << (8 * sizeof(I) - 2);
  b.bits ^= ((turns.bits + 1) & 2) << (8 * sizeof(I) - 2);
  *s = a.number; *c = b.number;
}}

static inline T exponential(T x) {{
  T kept = x > LARGEST_EXPONENT ? LARGEST_EXPONENT : x < -LARGEST_EXPONENT ? -LARGEST_EXPONENT : x; /* NaN stays */
  T y = x; x = kept;
  Bits power; power.number = x * {number(1 / math.log(2))} + MAGIC;
  T n = power.number - MAGIC;
  T r = x - n * {high}; r = r - n * {low};
  Bits scale; scale.bits = (power.bits + BIAS) << MANTISSA;
  T e = {horner(exponential, "r")} * scale.number;
  return y > LARGEST_EXPONENT ? (T)INFINITY : e;
}}

static inline T hyperbolic_tangent(T x) {{
  T e = exponential((T)-2 * FABS(x)), t = ((T)1 - e) / ((T)1 + e);
  return x < 0 ? -t : t;
}}

static inline T logistic(T x) {{
  T e = exponential(-FABS(x)), s = (T)1 / ((T)1 + e);
  return x < 0 ? e * s : s;
}}

static inline T softplus(T x) {{
  T e = exponential(-FABS(x)), u = (T)2 * e - (T)1;
  return FMAX(x, (T)0) + e * {horner(logarithm, "u")};
}}

static inline T error_function(T x) {{
  T z = FABS(x); z = z > (T)30 ? (T)30 : z;
  T u = (z - {number(3.75)}) / (z + {number(3.75)});
  T e = (T)1 - exponential(-z * z) * {horner(scaled, "u")} / ((T)1 + (T)2 * z);
  return x < 0 ? -e : e;
}}
"""


def _scaled_complement(u: np.ndarray) -> np.ndarray:
    z = 3.75 * (1 + u) / np.maximum(1 - u, 1e-300)
    limit = 2 / math.sqrt(math.pi)  # of (1 + 2z) e^{z²} erfc z for large z
    return np.where(u < 1, (1 + 2 * np.minimum(z, 1e8)) * scipy.special.erfcx(np.minimum(z, 1e8)), limit)
