"""The tables."""

import itertools
from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy.report import number, processor, table
from benchmarks.superresolution.cases import CASES, FIELDS, TESTS
from benchmarks.superresolution.methods.table import METHODS
from benchmarks.superresolution.records import Run, write_runs

TITLES = {
    "standard": "×4 in t, ×8 in z and x; trained on 18 ≤ t < 41",
    "x4x4x4": "×4 in t, z and x; trained on 18 ≤ t < 41",
    "noise": "×4, ×8, ×8 with 5 % noise on the coarse data; trained on 18 ≤ t < 41",
    "quarter": "×4, ×8, ×8; trained on a quarter of the frames, 18 ≤ t < 23.75",
}
TESTED = {
    "same": "The same run, t ≥ 41",
    "other": "Another run, t ≥ 18",
    "between": "Between the nodes, against a simulation of twice the resolution",
}
EQUATIONS = ("energy", "momentum_x", "momentum_z", "continuity")
STATISTICS = (
    "kinetic_energy",
    "dissipation",
    "taylor_scale",
    "kolmogorov_length",
    "integral_scale",
    "nusselt_volume",
    "nusselt_bottom",
    "energy_spectrum",
)
HEAD = ["method", *(f"R² {name}" for name in FIELDS), "error", *EQUATIONS]
ABOUT = """\
R² of p, b, u, w over all nodes, the root mean square of their normalised errors, and how well the equations hold: the
residual by the largest term, root mean squares, by an operator that is spectral in x and of sixth order in z and t
(`superresolution.residuals`); the last line has what it finds in the true fields. Errors of statistics are relative to
their own standard deviation in time, which is small where the flow is nearly steady: those of fluxes are then large.
In the tables of values between the nodes R² is that between them, and `at nodes` that at nodes of the same frames;
differences are taken on the finer grid. The convolutional network has no values there: cubic splines go through its
nodes. Interpolation beyond the outermost middles of boxes goes on with their polynomials. `python -m
benchmarks.superresolution --help` says the rest."""


def report(runs: Sequence[Run]) -> str:
    """Everything as Markdown."""
    made = dict.fromkeys(run.made for run in runs)
    lines = [ABOUT, "", f"{processor()}. {'; '.join(made)}."]
    for case, test in itertools.product(CASES, TESTS):
        of_test = [run for run in runs if (run.case, run.test) == (case, test)]
        for name in dict.fromkeys(run.run for run in of_test):
            found = ordered([run for run in of_test if run.run == name])
            said = f" (`{name}`)" if name else ""
            lines += ["", f"## {TESTED[test]}{said}", "", f"{TITLES[case]}.", "", *measures(found)]
            if test != "between":
                lines += ["", "Normalised errors of statistics:", "", *statistics(found)]
    return "\n".join(lines)


def ordered(runs: Sequence[Run]) -> list[Run]:
    """By method, budget and seed."""
    return sorted(runs, key=lambda run: (list(METHODS).index(run.method), run.budget, run.seed))


def measures(runs: Sequence[Run]) -> list[str]:
    is_between = "r2_nodes" in runs[0].measured
    head = [*HEAD, *(["at nodes, b", "at nodes, error"] if is_between else []), "seconds", "steps"]
    rows = []
    for run in runs:
        found = run.measured
        cells = [title(run), *(f"{found['r2'][name]:.5f}" for name in FIELDS), number(found["error"])]
        cells += [number(found["residuals"][name]) for name in EQUATIONS]
        if is_between:
            cells += [f"{found['r2_nodes']['b']:.5f}", number(found["error_nodes"])]
        rows.append([*cells, f"{run.seconds:.0f}", f"{run.steps:,}"])
    floor = [number(runs[-1].measured["floor"][name]) for name in EQUATIONS]
    rows.append(["the true fields", *["1"] * len(FIELDS), "0", *floor, *["–"] * (len(head) - len(HEAD))])
    return table(head, rows)


def statistics(runs: Sequence[Run]) -> list[str]:
    head = ["method", *(name.replace("_", " ") for name in STATISTICS)]
    return table(
        head, [[title(run), *(number(run.measured["statistics"][name]) for name in STATISTICS)] for run in runs]
    )


def title(run: Run) -> str:
    own = METHODS[run.method]
    return f"{own.title}, seed {run.seed}" if own.is_trained else own.title


def save(runs: Sequence[Run], folder: Path) -> None:
    """Tables and records."""
    folder.mkdir(exist_ok=True)
    picture = (
        "\n\n![Buoyancy, its error and the divergence](superresolution.png)" * (folder / "superresolution.png").exists()
    )
    (folder / "superresolution.md").write_text(f"# Super-resolution\n\n{report(runs)}{picture}\n", encoding="utf-8")
    write_runs(folder / "superresolution.jsonl", runs)
