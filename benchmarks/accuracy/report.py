"""The tables and the figure."""

import math
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy.records import write_runs
from benchmarks.accuracy.statistics import Run, Spread, counted_seconds_to, error_within, seconds_to
from benchmarks.accuracy.table import BURGERS, LEVEL, OWN, ROWS, Row

SOONER = 20  # times, on Burgers: what is asked for


def report(runs: Sequence[Run], factor: float = 1.0) -> str:
    """Everything as Markdown, from the runs whose budgets are those of the table times a factor."""
    times = (
        "" if factor == 1 else f" Budgets are {factor:g} times those of the table: the goals are not meant for them."
    )
    made = dict.fromkeys(run.made for run in runs)
    lines = [
        "Relative L2 errors of `solve(problem, seconds=…)` with nothing chosen, one thread, CPU seconds with check, "
        "compilation and all that is tried out. The median of the seeds, and every seed; an error counts if it was "
        f"there in time.{times} `python -m benchmarks.accuracy`.",
        "",
        f"{processor()}. {'; '.join(made)}.",
        "",
        *table(
            ["problem", "goal", "within", "median", "seeds", "goal reached after", "CPU s in all", "met"],
            [own_line(row, own, factor) for row in ROWS if (own := own_runs(runs, row, factor))],
        ),
    ]
    peers = [line for row in ROWS for line in peer_lines(runs, row, factor)]
    if peers:
        lines += [
            "",
            "DeepXDE, the settings of its own examples where they exist (`benchmarks/accuracy/deepxde_examples.py`), "
            "beside pinr on the same reference: the least error that each was seen to have.",
            "",
            *table(["problem", "method", "least error", "after", "CPU s in all"], peers),
        ]
    race = burgers_race(runs, factor)
    if race:
        lines += ["", *race]
    return "\n".join(lines)


def own_runs(runs: Sequence[Run], row: Row, factor: float) -> list[Run]:
    """pinr's runs on a row, by seed."""
    budget = row.seconds * factor
    chosen = [r for r in runs if (r.title, r.method) == (row.title, OWN) and math.isclose(r.budget, budget)]
    return sorted(chosen, key=lambda run: run.seed)


def peer_runs(runs: Sequence[Run], row: Row) -> dict[str, list[Run]]:
    """Runs of others on a row, by method; of each only those of the largest budget."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        if run.title == row.title and run.method != OWN:
            found.setdefault(run.method, []).append(run)
    return {m: [r for r in rs if r.budget == max(o.budget for o in rs)] for m, rs in sorted(found.items())}


def own_line(row: Row, runs: Sequence[Run], factor: float) -> list[str]:
    errors = [error_within(run.history, run.budget) for run in runs]
    spread = Spread.of(errors)
    seeds = ", ".join(map(number, errors)) if len(errors) <= 5 else f"{number(spread.least)} … {number(spread.most)}"
    to_goal = Spread.of([seconds_to(run.history, row.goal) for run in runs]).median
    failed = sum(not run.is_finished for run in runs)
    return [
        row.title,
        f"{number(row.goal)} {row.unit}".strip(),
        f"{row.seconds * factor:g} s",
        f"**{number(spread.median)}**",
        seeds + (f"; {failed} failed" if failed else ""),
        seconds(to_goal),
        seconds(Spread.of([run.seconds for run in runs]).median),
        "yes" if spread.median <= row.goal else f"no, {spread.median / row.goal:.2g} times",
    ]


def peer_lines(runs: Sequence[Run], row: Row, factor: float) -> list[list[str]]:
    """pinr and its peers on a row; nothing if there are no peers."""
    peers = peer_runs(runs, row)
    methods = {OWN: own_runs(runs, row, factor)} | peers if peers else {}
    lines = []
    for method, found in methods.items():
        for run in found:
            when, least = min(run.history, key=lambda point: point[1], default=(math.inf, math.inf))
            cut = "" if run.method == OWN or run.seconds < run.budget else ", cut short"
            lines.append([
                row.title, f"{method}, seed {run.seed}", number(least), seconds(when), seconds(run.seconds) + cut,
            ])  # fmt: skip
    return lines


def burgers_race(runs: Sequence[Run], factor: float) -> list[str]:
    """The first CPU second at which Burgers' error is small, of pinr and of DeepXDE."""
    row = next(row for row in ROWS if row.title == BURGERS)
    own, peers = own_runs(runs, row, factor), peer_runs(runs, row)
    if not own or not peers:
        return []
    first = Spread.of([seconds_to(run.history, LEVEL) for run in own]).median
    rows = [["pinr, median of the seeds", seconds(first), "–"]]
    for method, found in peers.items():
        never = sum(math.isinf(seconds_to(run.history, LEVEL)) for run in found)
        counted = Spread.of([counted_seconds_to(run, LEVEL) for run in found]).median
        said = seconds(counted) + (" (never; its full time)" if never else "")
        rows.append([method, said, f"{counted / first:.1f}" if math.isfinite(first) else "–"])
    return [
        f"First CPU second at which the error on Burgers is {number(LEVEL)}; {SOONER} times sooner is the goal.",
        "",
        *table(["method", "CPU s", "pinr is sooner by"], rows),
    ]


def number(value: float) -> str:
    """`2e-04` as `2e-4`; a plain number where it is about 1."""
    if not math.isfinite(value):
        return "–"
    if 0.01 <= value < 1000:
        return f"{value:.2g}"
    digits, _, power = f"{value:.1e}".partition("e")
    return f"{digits.removesuffix('.0')}e{int(power)}"


def seconds(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "never"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows)]


def processor() -> str:
    """What the machine says its processor is."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.processor() or platform.machine()


def save(runs: Sequence[Run], folder: Path, factor: float = 1.0) -> None:
    """Tables, figure and records."""
    folder.mkdir(exist_ok=True)
    text = f"# Accuracy\n\n{report(runs, factor)}\n\n![Error against CPU seconds](accuracy.png)\n"
    (folder / "accuracy.md").write_text(text, encoding="utf-8")
    write_runs(folder / "accuracy.jsonl", runs)
    plot(runs, folder / "accuracy.png", factor)


def plot(runs: Sequence[Run], path: Path, factor: float = 1.0) -> None:
    """Error against CPU seconds, a panel for each problem, a line for each seed, a star for the goal."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [row for row in ROWS if own_runs(runs, row, factor)]
    columns = min(4, len(rows))
    lines = math.ceil(len(rows) / columns)
    figure, axes = pyplot.subplots(
        lines, columns, figsize=(3 * columns, 2.4 * lines), squeeze=False, layout="constrained"
    )
    colours = {OWN: "C0", "DeepXDE float32": "C1", "DeepXDE float64": "C3"}
    for row, axis in zip(rows, axes.flat, strict=False):
        for method, found in {OWN: own_runs(runs, row, factor), **peer_runs(runs, row)}.items():
            for number_, run in enumerate(found):
                if run.history:
                    label = method if number_ == 0 else None
                    axis.loglog(*zip(*run.history, strict=True), color=colours[method], linewidth=0.8, label=label)
        axis.plot(row.seconds, row.goal, "k*", markersize=8)
        axis.set_title(row.title, fontsize="medium")
        axis.grid(alpha=0.3)
    for axis in list(axes.flat)[len(rows) :]:
        axis.set_axis_off()
    handles = {label: line for axis in axes.flat for line, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=3)
    figure.supxlabel("CPU seconds")
    figure.supylabel("error")
    figure.savefig(path, dpi=90)
    pyplot.close(figure)
