"""Tables and the plot."""

import argparse
import datetime
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import torch

from benchmarks.derivatives.engines import COMPILED, ENGINES, HESSIANS, NESTED, REVERSE, engines_for
from benchmarks.derivatives.measure import Times, times_of
from benchmarks.derivatives.memory import megabytes_of
from benchmarks.derivatives.peers import peers_for
from benchmarks.derivatives.works import DEPTH, WORKS

RESULTS = Path(__file__).resolve().parents[1] / "results"
PACKAGES = {"deepxde": "deepxde", "pina": "pina-mathlab", "jax": "jax", "folx": "folx"}


def run(options: argparse.Namespace) -> None:
    works = [w for w in WORKS.values() if options.only is None or options.only.lower() in w.name.lower()]
    if not works:
        message = f"`--only {options.only}`: no such work; there are {', '.join(WORKS)}."
        raise SystemExit(message)
    if options.peers:
        for name in peers_for(works[0])[1]:
            print(f"{name} is not installed: skipped.")
    found: dict[str, Times] = {}
    for work in works:
        peers = peers_for(work)[0] if options.peers else {}
        found[work.name] = times_of(work, peers, options.rounds, options.threads)
        print(f"{work.name}: {_line(found[work.name])}", flush=True)
    memory: dict[str, dict[str, float | None]] = {}
    if options.memory:
        for work in works:
            memory[work.name] = {name: megabytes_of(work.name, name, options.threads) for name in engines_for(work)}
            print(f"{work.name}, megabytes: {memory[work.name]}", flush=True)
    text = "\n".join(_report(found, memory, options))
    print("\n" + text)
    if options.save:
        RESULTS.mkdir(exist_ok=True)
        name = "derivatives" if options.threads == 1 else f"derivatives_{options.threads}_threads"
        (RESULTS / f"{name}.md").write_text(f"# Derivative engines\n\n{text}\n", encoding="utf-8")
        _plot(found, RESULTS / f"{name}.png")


def best_of(times: Times) -> float:
    """The fastest of pinr's engines."""
    return min(value for name, value in times.methods.items() if name in ENGINES and name != NESTED)


def _line(times: Times) -> str:
    return f"floor {times.floor:.1f}, " + ", ".join(
        f"{name} {value:.1f} ({times.errors[name]:.0e})" for name, value in times.methods.items()
    )


def _report(
    found: dict[str, Times], memory: dict[str, dict[str, float | None]], options: argparse.Namespace
) -> list[str]:
    clock = "CPU time" if options.threads == 1 else "wall-clock time"
    packages = [f"{name} {version(name)}" for module, name in PACKAGES.items() if options.peers and find_spec(module)]
    lines = [
        f"One step (residual, mean square, gradient of all weights), {DEPTH} sine layers × 128, 4096 points, float32 "
        "where nothing else is said. "
        f"{options.threads} thread{'s' * (options.threads > 1)}, {clock} in milliseconds, medians of "
        f"{options.rounds} interleaved rounds; `python -m benchmarks.derivatives`.",
        f"{datetime.date.today()}, {_processor()}, Python {platform.python_version()}, "
        f"{', '.join([f'torch {torch.__version__}', *packages])}.",
        "",
        "The floor is the matrix products of the jet method alone (with reverse sweeps where they are fewer). "
        "Gradients agree with nested autograd's to the accuracy of the number format.",
        "",
    ]
    names = [name for name in ENGINES if any(name in t.methods for t in found.values())]
    rows = [
        [
            w,
            f"{t.floor:.0f}",
            *(_cell(t.methods.get(n)) for n in names),
            f"**{t.methods[NESTED] / best_of(t):.1f}**",
            f"{best_of(t) / t.floor:.2f}",
        ]
        for w, t in found.items()
    ]
    lines += _table(["work", "floor", *names, "nested / best", "best / floor"], rows)
    peers = list(dict.fromkeys(n for t in found.values() for n in t.methods if n not in ENGINES))
    if peers:
        rows = [[w, *(_cell(t.methods.get(n), best_of(t)) for n in peers)] for w, t in found.items()]
        lines += ["", "Peers: milliseconds (times pinr's best engine).", "", *_table(["work", *peers], rows)]
    if memory:
        rows = [[w, *(_cell(m.get(n)) for n in names)] for w, m in memory.items()]
        lines += [
            "",
            "Peak extra memory, megabytes: highest resident size during one step less that before it, after two steps, "
            "in a process of its own.",
            "",
            *_table(["work", *names], rows),
        ]
    if options.threads > 1:
        names = ["floor", COMPILED, REVERSE, HESSIANS]
        rows = [[w, *(f"{t.scaling[n]:.2f}" if n in t.scaling else "–" for n in names)] for w, t in found.items()]
        lines += [
            "",
            f"Wall-clock time of one thread by that of {options.threads} threads, each the least of "
            f"{5 * options.rounds} rounds.",
            "",
            *_table(["work", *names], rows),
        ]
    return lines


def _cell(value: float | None, unit: float | None = None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if unit is None else f"{value:.0f} ({value / unit:.1f})"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows)]


def _plot(found: dict[str, Times], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 0.75 * len(found) + 1.2), layout="constrained")
    methods = dict.fromkeys(n for t in found.values() for n in t.methods)
    names = [*(n for n in ENGINES if n in methods), *(n for n in methods if n not in ENGINES)]
    for number, name in enumerate(names):
        is_own = name in ENGINES
        places = [(t.methods[name] / best_of(t), row) for row, t in enumerate(found.values()) if name in t.methods]
        x, y = zip(*places, strict=True)
        axes.scatter(
            x,
            y,
            60 if is_own else 40,
            f"C{number}" if number < 10 else "black",
            "o" if is_own else "dsv^<>p*"[number % 8],
            label=name,
        )
    axes.set_yticks(range(len(found)), list(found))
    axes.invert_yaxis()
    axes.set_xscale("log")
    ticks = [0.5, 1, 2, 5, 10, 20, 50]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.minorticks_off()
    axes.grid(axis="x", alpha=0.4)
    axes.set_xlabel("time of one training step / pinr's best engine")
    axes.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(path, dpi=90)
    pyplot.close(figure)


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.processor() or platform.machine()
