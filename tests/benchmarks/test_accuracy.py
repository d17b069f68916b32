"""What the benchmark of accuracy says follows from its records, and its clock charges nobody for looking."""

import json
import math
import runpy
import time
from pathlib import Path

import pytest

from benchmarks.accuracy.clock import CpuClock, History
from benchmarks.accuracy.records import add_run, read_runs
from benchmarks.accuracy.report import burgers_race, number, report, save
from benchmarks.accuracy.statistics import Run, Spread, counted_seconds_to, error_within, latest, seconds_to
from benchmarks.accuracy.table import ROWS, rows_named

ROOT = Path(__file__).parents[2]
HISTORY = ((1.0, 0.5), (2.0, 0.01), (3.0, 0.02), (5.0, 1e-3))


def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def run(title="Burgers", method="pinr", *, seed=0, budget=30.0, history=HISTORY, is_finished=True):
    return Run(title, method, seed, budget, history, is_finished)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title.replace(" ", "-"))
def test_every_row_is_a_problem_with_its_settings(row):
    path = ROOT / "problems" / f"{row.file}.py"
    declared = runpy.run_path(str(path)) if row.settings or row.is_drawn else {"problem": path.exists()}
    assert declared["problem"]
    assert set(row.settings) <= set(declared)
    assert "draw" in declared or not row.is_drawn


def test_titles_tell_rows_apart():
    assert len({row.title for row in ROWS}) == len(ROWS)


def test_rows_are_found_by_title_and_by_file():
    assert [row.title for row in rows_named("KDV")] == ["KdV"]
    assert {row.title for row in rows_named("lid_driven")} == {"cavity, lid u = 1", "cavity, smooth lid"}
    with pytest.raises(SystemExit, match=r"no such problem; there are Poisson 2-D, .*"):
        rows_named("Maxwell")


def test_the_error_that_counts_is_the_last_in_time():
    assert [error_within(HISTORY, s) for s in (0.5, 1, 2.5, 4.9, 5)] == [math.inf, 0.5, 0.01, 0.02, 1e-3]


def test_an_error_is_reached_when_it_was_first_seen():
    assert [seconds_to(HISTORY, e) for e in (0.5, 0.015, 1e-3, 1e-4)] == [1, 2, 5, math.inf]
    assert counted_seconds_to(run(), 1e-4) == 5


def test_the_spread_leaves_nothing_out():
    assert Spread.of([3, 1, 100]) == Spread(3, 1, 100)
    assert Spread.of([math.inf, 1, 2]).median == 2


def test_records_come_back(tmp_path):
    path = tmp_path / "runs" / "accuracy.jsonl"
    add_run(path, run(seed=1))
    add_run(path, run(seed=2))
    with path.open("a") as stream:
        stream.write('{"title": "cut o')
    assert [r.seed for r in read_runs(path)] == [1, 2]
    assert read_runs(path)[0].key == run(seed=1).key
    assert read_runs(tmp_path / "nothing.jsonl") == []


def test_a_finished_run_stays_beside_a_later_interrupted_one():
    first, second = run(), run(is_finished=False, history=())
    assert list(latest([first, second]).values()) == [first]
    assert list(latest([second, first]).values()) == [first]
    assert len(latest([run(), run(seed=1), run(budget=3.0), run(method="DeepXDE float32")])) == 4


def test_the_report_takes_the_median_and_shows_every_seed():
    runs = [run(seed=s, history=((10.0, e),)) for s, e in enumerate((3e-4, 1e-4, 2e-4))]
    (line,) = [line for line in report(runs).splitlines() if line.startswith("| Burgers |")]
    assert line == "| Burgers | 2e-4 | 30 s | **2e-4** | 3e-4, 1e-4, 2e-4 | 10.0 | 10.0 | yes |"


def test_what_came_too_late_does_not_count():
    late = run(history=((29.0, 3e-4), (31.0, 1e-9)))
    (line,) = [line for line in report([late]).splitlines() if line.startswith("| Burgers |")]
    assert "**3e-4**" in line and "no, 1.5 times" in line


def test_runs_of_other_budgets_are_not_mixed():
    assert "| Burgers |" not in report([run(budget=3.0)])
    assert "| Burgers |" in report([run(budget=3.0)], factor=0.1)


def test_a_peer_that_never_gets_there_counts_at_its_full_time():
    peer = run(method="DeepXDE float64", budget=3000.0, history=((1.0, 1.0), (400.0, 6e-3)))
    own = [run(seed=s, history=((t, 4e-3),)) for s, t in enumerate((4.0, 5.0, 8.0))]
    assert burgers_race([*own, peer], 1.0)[-1] == "| DeepXDE float64 | 400.0 (never; its full time) | 80.0 |"
    assert burgers_race(own, 1.0) == []


def test_tables_figure_and_records_are_written(tmp_path):
    runs = [run(), run("KdV", budget=180.0), run(method="DeepXDE float32", budget=3000.0)]
    save(runs, tmp_path)
    text = (tmp_path / "accuracy.md").read_text()
    assert "| KdV |" in text and "| DeepXDE float32 | 5.0 | 1.0 |" in text
    assert "| Burgers | DeepXDE float32, seed 0 | 1e-3 | 5.0 | 5.0 |" in text
    assert (tmp_path / "accuracy.png").stat().st_size > 1000
    assert [r.key for r in read_runs(tmp_path / "accuracy.jsonl")] == [r.key for r in runs]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-7, "1e-7"), (1.24e-5, "1.2e-5"), (0.1, "0.1"), (1.5, "1.5"), (0.0101, "0.01"), (math.inf, "–")],
)
def test_numbers_are_short(value, text):
    assert number(value) == text


def test_the_clock_stands_still_while_it_is_stopped():
    clock = CpuClock()
    start = clock()
    with clock.stopped():
        burn(0.05)
        assert clock() - start < 0.02
    assert clock() - start < 0.02
    burn(0.05)
    assert clock() - start >= 0.05


def test_looking_at_the_error_is_not_charged(capsys):
    clock = CpuClock()
    history = History(clock)
    assert history.is_due()

    def error():
        burn(0.05)
        return 0.125

    history.look(error)
    assert history.seconds < 0.04
    assert not history.is_due()
    seconds, found = json.loads(capsys.readouterr().out)
    assert seconds < 0.04 and found == 0.125
