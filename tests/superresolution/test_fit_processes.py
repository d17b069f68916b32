"""Two processes train one network of fine fields: the same weights in both, files once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

pytestmark = pytest.mark.skipif(not torch.distributed.is_available(), reason="torch without torch.distributed")
ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import hashlib, json, os, sys
from pathlib import Path
from pinr.superresolution import GridDataset, LocalImplicitGrid, fit, rayleigh_benard
from tests.superresolution.test_local_grid import FIELDS, run_of

data = GridDataset(run_of(), fields=FIELDS, coarsen={"t": 4, "z": 4, "x": 4})
model = fit(data, rayleigh_benard().take("continuity"), seconds=3, network=LocalImplicitGrid(6, 1), batch=2,
            out=sys.argv[1])
weights = b"".join(p.detach().numpy().tobytes() for p in model.network.parameters())
found = {"weights": hashlib.sha256(weights).hexdigest(), "steps": model.notes["steps"]}
Path(sys.argv[1] + "." + os.environ["RANK"] + ".json").write_text(json.dumps(found))
"""


def test_two_processes_have_the_same_weights_and_write_once(tmp_path):
    script, folder = tmp_path / "script.py", tmp_path / "together"
    script.write_text(SCRIPT)
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*launch, script, folder], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, second = (json.loads((tmp_path / f"together.{rank}.json").read_text()) for rank in (0, 1))
    assert first == second and first["steps"] > 1
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoint.pt", "model.h5"]
    assert done.stderr.count("step 1,") == 1
