"""Compiled kernels: printed, compiled by the C compiler of the machine, cached on disk, loaded by ctypes.

No header of torch is needed, so that a kernel compiles in about a second; the matrix products are those of the BLAS
that torch (or SciPy) brings along, by the address of `sgemm_` and `dgemm_`.
"""

import ctypes
import hashlib
import os
import platform
import shutil
import stat
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from pinr.derivatives.algebra import Algebra
from pinr.derivatives.native.kernels import Kernel
from pinr.derivatives.native.mathematics import Precision, mathematics
from pinr.derivatives.printer import point_weight_places

SWITCH = "PINR_NATIVE"
"""Environment variable: `0` hides the compiler, and fused kernels with it."""
FLAGS = (
    "-O3",
    "-std=gnu11",
    "-shared",
    "-fPIC",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=fast",  # products and sums in one instruction; nothing is reordered
)
TARGETS = (("-march=native", "-mprefer-vector-width=512"), ("-march=native",), ("-mcpu=native",), ())
THREADING = ("-fopenmp",), ()
CALL = """
typedef struct {
  long count, width;
  const T *z, *zt;
  long channel_stride, row_stride;
  const T *g, *factor;
  T *out, *h, *sums;
  const T *const *weights;
} Call;
"""


@lru_cache(maxsize=1)
def compiler() -> str | None:
    """The path of the C compiler, or None: none is there, or `PINR_NATIVE=0`."""
    if os.environ.get(SWITCH, "1") == "0":
        return None
    named = os.environ.get("CC")
    return next((path for name in (named, "cc", "gcc", "clang") if name and (path := shutil.which(name))), None)


@lru_cache(maxsize=1)
def why_not() -> str | None:
    """Why kernels cannot be compiled here, or None if they can."""
    if os.environ.get(SWITCH, "1") == "0":
        return f"{SWITCH}=0"
    if compiler() is None:
        return "there is no C compiler"
    if _flags() is None:
        return f"`{compiler()}` fails"
    if _blas("float32") is None:
        return "there is no BLAS with sgemm_"
    return None


@lru_cache(maxsize=256)
def library(kernels: tuple[Kernel, ...], algebra: Algebra, precision: Precision) -> Any:
    """The function `execute` of a program with these kernels.

    Raises:
        OSError: The compiler fails.
    """
    source = _source(kernels, algebra, precision)
    flags = _flags() or ()
    key = hashlib.sha256("\n".join((source, *flags, _machine())).encode()).hexdigest()[:24]
    path = cache_folder() / f"{key}.so"
    if not (path.exists() and _is_ours(path)):
        _compile(source, path, flags)
    try:
        loaded = ctypes.CDLL(str(path))
    except OSError:  # a file that was cut short
        _compile(source, path, flags)
        loaded = ctypes.CDLL(str(path))
    loaded.execute.argtypes = [ctypes.c_void_p]
    loaded.execute.restype = None
    return loaded.execute


def blas(precision: Precision) -> int:
    """The address of the matrix product."""
    address = _blas(precision)
    assert address is not None
    return address


def cache_folder() -> Path:
    """Where compiled kernels are kept: a folder that this user alone can write to, a temporary one if there is none."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    above = Path(root) / "pinr"
    folder = above / "kernels"
    try:
        above.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True, mode=0o700)
    except OSError:  # a home that cannot be written to
        return Path(_temporary_folder())
    is_safe = _is_ours(above) and _is_ours(folder) and os.access(folder, os.W_OK)
    return folder if is_safe else Path(_temporary_folder())


def _is_ours(path: Path) -> bool:
    """Whether nobody else can have put there what is there."""
    if not hasattr(os, "getuid"):
        return True
    found = path.lstat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o022 and not stat.S_ISLNK(found.st_mode)


@lru_cache(maxsize=1)
def _temporary_folder() -> str:
    return tempfile.mkdtemp(prefix="pinr-")


def _source(kernels: tuple[Kernel, ...], algebra: Algebra, precision: Precision) -> str:
    names = [f"kernel_{number}" for number in range(len(kernels))]
    bodies = [kernel.source(algebra, name) for kernel, name in zip(kernels, names, strict=True)]
    table = ", ".join(f"{name}_forward, {name}_backward" for name in names) or "0"
    living = algebra.living
    rows = [living.index(c) - 1 if c in living else -1 for c in range(algebra.size)]
    return "\n".join(
        (
            "#include <string.h>",
            mathematics(precision),
            CALL,
            *bodies,
            f"static void (*const kernels[])(const Call *) = {{{table}}};",
            f"static const int64_t living_rows[] = {{{', '.join(map(str, rows))}}};",
            f"#define MOST_POINT_WEIGHTS {max(1, len(point_weight_places(algebra)))}",
            Path(__file__).with_name("executor.c").read_text(),
        )
    )


def _compile(source: str, path: Path, flags: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        written, made = Path(folder) / "kernel.c", Path(folder) / "kernel.so"
        written.write_text(source)
        command = [compiler() or "cc", *FLAGS, *flags, str(written), "-o", str(made), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            message = f"`{' '.join(command[:3])} …` fails: {done.stderr[:500]}"
            raise OSError(message)
        os.replace(made, path)  # several processes may compile the same kernel


@lru_cache(maxsize=1)
def _flags() -> tuple[str, ...] | None:
    """The flags for this machine that the compiler understands, the fastest first."""
    for threading in THREADING:
        for target in TARGETS:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    _compile_probe(Path(folder), (*target, *threading))
                except OSError:
                    continue
                return (*target, *threading)
    return None


def _compile_probe(folder: Path, flags: tuple[str, ...]) -> None:
    path = folder / "probe.so"
    _compile("int probe(void) { return 1; }\n", path, flags)
    if ctypes.CDLL(str(path)).probe() != 1:
        raise OSError


@lru_cache(maxsize=1)
def _machine() -> str:
    """What `-march=native` depends on: the processor's features and the compiler's version."""
    features = platform.machine() + platform.processor()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text().splitlines()
        features += next((line for line in lines if line.lower().startswith(("flags", "features"))), "")
    version = subprocess.run([compiler() or "cc", "--version"], capture_output=True, text=True, check=False).stdout
    return features + version


@lru_cache(maxsize=2)
def _blas(precision: Precision) -> int | None:
    name = {"float32": "sgemm", "float64": "dgemm"}[precision]
    folder = Path(torch.__file__).parent / "lib"
    for path in (*folder.glob("libtorch_cpu.*"), *folder.glob("torch_cpu.dll")):
        function = getattr(ctypes.CDLL(str(path)), f"{name}_", None)
        if function is not None:
            return ctypes.cast(function, ctypes.c_void_p).value
    return _blas_of_scipy(name)


def _blas_of_scipy(name: str) -> int | None:
    from scipy.linalg import cython_blas

    capsule = cython_blas.__pyx_capi__.get(name)
    if capsule is None:
        return None
    name_of, pointer_of = ctypes.pythonapi.PyCapsule_GetName, ctypes.pythonapi.PyCapsule_GetPointer
    name_of.restype, name_of.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return pointer_of(capsule, name_of(capsule))
