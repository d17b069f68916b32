"""`pinr solve`: files, summary, JSON, refusals."""

import csv
import json
import shutil

import pytest
import torch
import xarray

from pinr import Solution
from pinr.training.checkpoint import FILE


def test_the_files_of_a_run(finished):
    folder = finished / "runs" / "poisson"
    assert {path.name for path in folder.iterdir()} == {
        "checkpoint.pt",
        "history.csv",
        "run.json",
        "solution.h5",
        "solution.png",
        "solution.vtu",
        "summary.json",
    }
    rows = list(csv.DictReader((folder / "history.csv").read_text().splitlines()))
    assert {row["stage"] for row in rows} == {"Adam", "LBFGS"}
    with xarray.open_dataset(folder / "solution.h5", engine="h5netcdf", group="fields/u") as u:
        assert u["values"].dims == ("y", "x")


def test_json_is_the_only_line_on_stdout_and_has_these_keys(finished):
    (line,) = (finished / "stdout").read_text().splitlines()
    summary = json.loads(line)
    assert list(summary) == ["problem", "seconds", "steps", "loss", "errors", "files"]
    assert (summary["problem"], summary["steps"], list(summary["errors"])) == ("poisson", 60, ["u"])
    names = ("solution.h5", "solution.vtu", "solution.png", "history.csv")
    assert summary["files"] == [f"runs/poisson/{name}" for name in names]


def test_everything_else_goes_to_stderr(finished):
    said = (finished / "stderr").read_text()
    assert "from the file" in said and "relative L2 error" in said and "Adam: its steps are done" in said


def test_the_summary_agrees_with_the_stored_solution(finished):
    summary = json.loads((finished / "stdout").read_text())
    solution = Solution.load(finished / "runs" / "poisson" / "solution.h5")
    assert solution.errors()["u"] == pytest.approx(summary["errors"]["u"])
    assert (solution.steps, solution.loss) == (summary["steps"], pytest.approx(summary["loss"]))


def test_the_summary_for_people(pinr, wave):
    result = pinr("solve", wave, "--out", "out")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "wave"
    assert "no reference" in result.stdout and "out/solution.xdmf" in result.stdout
    assert "Adam (1 of 1) step 1" in result.stderr


def test_another_run_in_the_same_folder_is_refused_and_leaves_it_as_it_was(pinr, finished_wave):
    folder = finished_wave / "runs/wave"
    before = (folder / "run.json").read_text()
    result = pinr("solve", finished_wave / "wave.py", "--seed", "1", "--out", folder)
    assert result.exit_code == 1
    assert "holds a run with seed 0, not 1" in result.stderr
    assert (folder / "run.json").read_text() == before


def test_the_same_call_again_gives_the_same_result(pinr, finished_wave, here):
    folder = shutil.copytree(finished_wave / "runs/wave", here / "copy")
    again = pinr("solve", finished_wave / "wave.py", "--json", "--out", "copy")
    assert "copy is finished" in again.stderr
    assert json.loads(again.stdout)["loss"] == json.loads((folder / "summary.json").read_text())["loss"]


def test_seeds_and_precision_reach_the_training_and_quiet_is_quiet(pinr, finished_wave, here):
    result = pinr("solve", finished_wave / "wave.py", "--out", "out", "--seed", "1", "--dtype", "float64", "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    folders = (finished_wave / "runs/wave", here / "out")
    usual, other = (torch.load(folder / FILE, weights_only=True)["optimizer"]["theta"] for folder in folders)
    assert (usual.dtype, other.dtype) == (torch.float32, torch.float64)
    assert not torch.allclose(usual.double(), other, atol=1e-2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--device", "cuad"], "knows no such device"),
        (["--device", "cuda:99"], "cannot compute there"),
        (["--seconds", "-1"], "must be positive"),
        (["--dtype", "float16"], "float32"),
        (["--set", "widht=3"], "Did you mean 'width'"),
    ],
)
def test_refused_options_leave_no_folder(pinr, poisson, here, options, said):
    result = pinr("solve", poisson, *options)
    assert (result.exit_code, result.stdout.replace("from the file\n", "")) == (2, "")
    assert said in result.stderr
    assert not (here / "runs").exists()


def test_warnings_are_single_lines_and_strict_refuses(pinr, wave, here):
    text = (here / wave).read_text().replace(", Eq(w.diff(t), 0)", "")
    (here / wave).write_text(text)
    result = pinr("solve", wave)
    assert result.exit_code == 0
    assert result.stderr.startswith("warning (missing-initial-condition)")
    strict = pinr("solve", wave, "--strict", "--out", "strict")
    assert (strict.exit_code, (here / "strict").exists()) == (2, False)


def test_a_loss_that_is_not_finite_is_a_failure_and_no_refusal(pinr, wave, here):
    text = (here / wave).read_text().replace("laplacian(w))", "laplacian(w) + log(w - 5))").replace("pi,", "log, pi,")
    (here / wave).write_text(text)
    result = pinr("solve", wave, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "log" in result.stderr and "Traceback" not in result.stderr
