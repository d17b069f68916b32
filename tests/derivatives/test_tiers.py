"""What jets run in on a device, in words, and why not in something faster."""

import pytest
import torch

from pinr.derivatives.engines.jets import tier_of
from pinr.derivatives.fused import library

CUDA = torch.device("cuda")


@pytest.fixture
def machine(monkeypatch):
    """A machine with everything that fused kernels need, as far as they ask."""
    monkeypatch.setattr(library, "_has_triton", lambda: True)
    monkeypatch.setattr(library, "compiler", lambda: "cc")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
    monkeypatch.delenv(library.INTERPRETER, raising=False)
    monkeypatch.delenv(library.SWITCH, raising=False)
    return monkeypatch


def test_cuda_has_fused_kernels(machine):
    assert tier_of(CUDA) == "plain torch, with the elementwise functions of jets in fused Triton kernels"


def test_the_reason_why_there_are_none_is_named(machine):
    machine.setattr(torch.cuda, "get_device_capability", lambda device: (6, 1))
    assert tier_of(CUDA) == "plain torch: the device is older than Triton supports"
    machine.setattr(library, "compiler", lambda: None)
    assert "there is no C compiler" in tier_of(CUDA)
    machine.setattr(library, "_has_triton", lambda: False)
    assert "pip install pinr[gpu]" in tier_of(CUDA)
    machine.setenv(library.SWITCH, "0")
    assert tier_of(CUDA) == "plain torch: PINR_NATIVE=0"
    assert "for CUDA, not for mps" in tier_of(torch.device("mps"))


def test_the_cpu_has_none_unless_triton_interprets_them(machine):
    assert library.why_not(torch.device("cpu")) is not None
    machine.setenv(library.INTERPRETER, "1")
    assert library.why_not(torch.device("cpu")) is None
