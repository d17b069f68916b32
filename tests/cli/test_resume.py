"""A run goes on to the same bits, whenever it was killed."""

import json
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import torch

from pinr import solve
from pinr.cli.declaration import read_declaration
from pinr.training.checkpoint import FILE

STEPS = {"adam": 90, "lbfgs": 90}
OPTIONS = [f"--set={name}={steps}" for name, steps in STEPS.items()]


@pytest.fixture(autouse=True)
def _one_thread():
    """The order of sums, and so the last bit, depends on the number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def poisson(poisson, here) -> str:
    """Without a reference, whose pictures take time."""
    (here / poisson).write_text((here / poisson).read_text().replace("reference={u: exact},", ""))
    return poisson


@pytest.fixture
def whole(poisson) -> torch.Tensor:
    """The weights after training without interruption."""
    declaration = read_declaration(Path(poisson), {name: str(steps) for name, steps in STEPS.items()})
    solution = solve(declaration.problem, **declaration.options, progress=False)
    return torch.cat([values.flatten() for values in solution.parameters.values()])


def weights(folder: Path) -> torch.Tensor:
    return torch.load(folder / FILE, weights_only=True)["optimizer"]["theta"]


def start(poisson: str, monkeypatch) -> subprocess.Popen:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    command = [sys.executable, "-m", "pinr", "solve", poisson, *OPTIONS, "--out", "cut", "--checkpoint-every", "0"]
    # A suite that runs in the background of a shell ignores SIGINT, and so would its children.
    heeding = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heeding)


def wait_for(folder: Path, stage: int, steps: int) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        if (folder / FILE).exists():
            record = torch.load(folder / FILE, weights_only=True)
            if (record["stage"], record["optimizer"]["steps"]) >= (stage, steps):
                return
        time.sleep(0.002)
    pytest.fail("the run did not get there")


@pytest.mark.parametrize("stage", [0, 1], ids=["Adam", "L-BFGS"])
def test_a_killed_run_goes_on_to_equal_weights(pinr, poisson, here, whole, monkeypatch, stage):
    process = start(poisson, monkeypatch)
    wait_for(here / "cut", stage, 20)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    record = torch.load(here / "cut" / FILE, weights_only=True)
    assert record["stage"] == stage and record["optimizer"]["steps"] < STEPS["lbfgs"]
    assert not (here / "cut" / "summary.json").exists()
    result = pinr("resume", "cut")
    assert result.exit_code == 0
    assert "going on from cut" in result.stderr
    assert torch.equal(weights(here / "cut"), whole)


def test_an_interrupted_run_says_how_to_go_on(pinr, poisson, here, whole, monkeypatch):
    process = start(poisson, monkeypatch)
    wait_for(here / "cut", 0, 20)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted: the state is saved; `pinr resume cut` goes on" in said
    assert "Traceback" not in said
    assert pinr("resume", "cut", "--quiet").exit_code == 0
    assert torch.equal(weights(here / "cut"), whole)


def test_a_run_killed_before_its_first_checkpoint_starts_afresh(pinr, finished_wave, here):
    folder = here / "fresh"
    folder.mkdir()
    shutil.copy(finished_wave / "runs/wave/run.json", folder)
    assert pinr("resume", "fresh", "--quiet").exit_code == 0
    assert torch.equal(weights(folder), weights(finished_wave / "runs/wave"))


def test_a_run_killed_while_it_wrote_its_files_writes_them(pinr, finished_wave, here):
    folder = shutil.copytree(finished_wave / "runs/wave", here / "cut")
    for name in ("summary.json", "solution.xdmf", "solution.png"):
        (folder / name).unlink()
    assert pinr("resume", "cut").exit_code == 0
    assert (folder / "solution.xdmf").exists() and (folder / "summary.json").exists()


def test_a_finished_run_says_so_and_shows_its_summary(pinr, finished):
    result = pinr("resume", finished / "runs/poisson", "--json")
    assert result.exit_code == 0
    assert "is finished" in result.stderr
    shown, before = json.loads(result.stdout), json.loads((finished / "stdout").read_text())
    assert {**shown, "files": []} == {**before, "files": []}


def test_there_must_be_a_run(pinr, here, finished):
    assert "does not exist" in pinr("resume", "nothing").stderr
    shutil.copytree(finished / "runs/poisson", here / "python").joinpath("run.json").unlink()
    result = pinr("resume", "python")
    assert result.exit_code == 2 and "started from Python" in result.stderr


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1, "file": 3}', '{"format": 2}'])
def test_a_damaged_record_is_reported(pinr, here, text):
    (here / "run.json").write_text(text)
    result = pinr("resume", here)
    assert (result.exit_code, "Traceback" in result.stderr) == (2, False)
    assert "run.json" in result.stderr
