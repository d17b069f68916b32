"""Peak extra memory of one step, in a process of its own: highest resident size during the step less that before it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.derivatives.engines import engines_for
from benchmarks.derivatives.works import WORKS

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
# glibc gives freed blocks of more than 128 KiB back at once, so that a step starts without what earlier ones have left.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}


def megabytes_of(work: str, engine: str, threads: int) -> float | None:
    """None where the system does not tell (Linux does)."""
    if not CLEAR.exists():
        return None
    command = [sys.executable, "-m", "benchmarks.derivatives", "--threads", str(threads), "--memory-of", work, engine]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, env=os.environ | ALLOCATOR, capture_output=True, text=True, check=True, cwd=root)
    return json.loads(done.stdout.splitlines()[-1])


def print_megabytes(work_name: str, engine: str) -> None:
    """Two steps to warm up, then the peak is set back and one step measured."""
    work = WORKS[work_name]
    module, points = work.network_and_points()
    step = engines_for(work)[engine](work, module, points)
    step()
    step()
    CLEAR.write_text("5")  # see proc(5): VmHWM becomes VmRSS
    before = _kibibytes("VmRSS")
    step()
    print(json.dumps((_kibibytes("VmHWM") - before) * 1024 / 1e6))


def _kibibytes(name: str) -> int:
    return next(int(line.split()[1]) for line in STATUS.read_text().splitlines() if line.startswith(name))
