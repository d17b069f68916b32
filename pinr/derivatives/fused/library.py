"""Fused kernels: where they apply, and the modules that hold them."""

import hashlib
import importlib.util
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pinr.derivatives.fused.activations import ACTIVATIONS
from pinr.derivatives.fused.kernels import Kernel
from pinr.derivatives.native.library import SWITCH, cache_folder, compiler
from pinr.derivatives.towers import Tower

INTERPRETER = "TRITON_INTERPRET"
"""Triton's environment variable: `1` runs kernels in Python, on tensors of the CPU too. For tests: it is slow."""
LEAST_CAPABILITY = (7, 0)  # of CUDA, below which Triton does not compile
DTYPES = (torch.float32, torch.float64)


def why_not(device: torch.device) -> str | None:
    """Why fused kernels do not run on a device, or None if they do."""
    if device.type != "cuda" and not is_interpreted():
        return f"fused kernels are for CUDA, not for {device.type}"
    if os.environ.get(SWITCH, "1") == "0":
        return f"{SWITCH}=0"
    if not _has_triton():
        return "Triton is not installed (`pip install pinr[gpu]`)"
    if device.type == "cuda" and not is_interpreted():
        if compiler() is None:
            return "there is no C compiler, which Triton needs to launch kernels"
        if torch.cuda.get_device_capability(device) < LEAST_CAPABILITY:
            return "the device is older than Triton supports"
    return None


def has_kernel(tower: Tower, at: Tensor) -> bool:
    """Whether there is a fused kernel for an elementwise function of this tensor."""
    return tower.name in ACTIVATIONS and at.dtype in DTYPES and why_not(at.device) is None


def is_interpreted() -> bool:
    """Whether Triton interprets kernels that are made now."""
    return os.environ.get(INTERPRETER, "0") == "1"


def kernels(kernel: Kernel) -> Any:
    """The module with the functions `forward` and `backward`."""
    return _module(kernel, is_interpreted())


@lru_cache(maxsize=1)
def _has_triton() -> bool:
    try:
        import triton  # noqa: F401
    except ImportError:
        return False
    return True


@lru_cache(maxsize=256)
def _module(kernel: Kernel, interpreted: bool) -> Any:
    source = kernel.source(interpreted=interpreted)
    name = "pinr_fused_" + hashlib.sha256(source.encode()).hexdigest()[:24]
    path = cache_folder() / f"{name}.py"
    _write(source, path)
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def _write(source: str, path: Path) -> None:
    """Triton reads the source of a kernel from its file. What lies there already is not trusted but overwritten."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".py", delete=False) as file:
        file.write(source)
    os.replace(file.name, path)  # several processes may write the same module
