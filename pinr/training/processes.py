"""The processes that train one run together."""

import os
from dataclasses import dataclass
from typing import final

import torch
import torch.distributed
from torch import Tensor

LAUNCHED = "WORLD_SIZE"  # what torchrun tells every process: how many there are
LOCAL = "LOCAL_RANK"  # … and its number on its own machine


@final
@dataclass(frozen=True)
class Processes:
    """The processes of a run, each with its own share of the points and the same weights.

    Every process draws all points and works off its share of them; what adds up over points is added up over the
    processes, once for each evaluation, and every process makes the same step with the sum. A run with many processes
    therefore is the run with one, but for rounding and for time. They must be of the same kind: the sums are the same
    to the last bit everywhere, and what each makes of them must be too.

    Attributes:
        rank: The number of this process, from 0.
        count: How many there are.
    """

    rank: int = 0
    count: int = 1

    @classmethod
    def present(cls, device: str = "cpu") -> "Processes":
        """Those that `torchrun` has started, or the group that the program has joined itself; alone without either.

        Args:
            device: Where each computes; on CUDA they talk by NCCL, elsewhere by Gloo.
        """
        if not torch.distributed.is_available():
            return cls()
        if not torch.distributed.is_initialized():
            if int(os.environ.get(LAUNCHED, "1")) < 2:
                return cls()
            is_cuda = torch.device(device).type == "cuda"
            if is_cuda:
                torch.cuda.set_device(int(os.environ.get(LOCAL, "0")))  # or all would speak by way of the first one
            torch.distributed.init_process_group("nccl" if is_cuda else "gloo")
        return cls(torch.distributed.get_rank(), torch.distributed.get_world_size())

    @property
    def is_first(self) -> bool:
        """Whether this one speaks and writes for all."""
        return self.rank == 0

    def own_device(self, device: str) -> str:
        """`cuda` for a process with its own number on the machine is the GPU of that number."""
        return f"cuda:{os.environ.get(LOCAL, self.rank)}" if self.count > 1 and device == "cuda" else device

    def summed(self, *parts: Tensor) -> tuple[Tensor, ...]:
        """Sums over the processes, all in one message."""
        if self.count == 1:
            return parts
        together = torch.cat([part.reshape(-1) for part in parts])
        torch.distributed.all_reduce(together)
        pieces = together.split([part.numel() for part in parts])
        return tuple(piece.reshape(part.shape) for piece, part in zip(pieces, parts, strict=True))

    def agreed(self, number: float) -> float:
        """The number of the first process: times differ, and what follows from them must not."""
        if self.count == 1:
            return number
        kept = torch.tensor(number, dtype=torch.float64)
        if torch.distributed.get_backend() == "nccl":
            kept = kept.cuda()
        torch.distributed.broadcast(kept, src=0)
        return float(kept)

    def same(self, tensor: Tensor) -> Tensor:
        """The tensor of the first process."""
        if self.count > 1:
            torch.distributed.broadcast(tensor, src=0)
        return tensor

    def wait(self) -> None:
        """Until all are here."""
        if self.count > 1:
            torch.distributed.barrier()


ALONE = Processes()
