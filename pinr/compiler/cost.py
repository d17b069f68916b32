"""What a constraint costs per point and step, predicted from the shapes of its networks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import torch
from torch import nn

from pinr.compiler.block import Block
from pinr.compiler.plan import Query
from pinr.derivatives.engines.hessians import AdjointHessians
from pinr.derivatives.engines.jets import Jets, has_compiled_kernels
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.engines.reverse import Reverse

# Numbers kept for the backward pass, per channel and unit of a layer: compiled kernels keep what activations start
# from, torch the results of every operation. Measured on the works of `benchmarks/derivatives.py`.
KEPT_COMPILED = 1.5
KEPT_PLAIN = 4.0
PASSES = 6  # over the units of a layer: forward, and backward with what is computed again


@final
@dataclass(frozen=True)
class Cost:
    """Per point and step, forward and backward.

    Attributes:
        flops: Floating-point operations of the matrix products.
        moved: Bytes that pass between layers.
        memory: Bytes kept between the forward and the backward pass.
    """

    flops: float
    moved: float
    memory: float

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.flops + other.flops, self.moved + other.moved, self.memory + other.memory)


def cost_of_query(query: Query, network: nn.Module, *, dtype: torch.dtype, device: torch.device) -> Cost:
    """The cost of one evaluation of a network with its derivatives."""
    matrices = [p for p in network.parameters() if p.dim() == 2]
    products, units = sum(p.numel() for p in matrices), sum(p.shape[0] for p in matrices)
    passes = query.units
    size = torch.empty((), dtype=dtype).element_size()
    is_compiled = isinstance(query.engine, Jets | Reverse | AdjointHessians) and has_compiled_kernels(device)
    if isinstance(query.engine, AdjointHessians) and not is_compiled:
        passes = 3.0 * query.request.size  # jets answer then
    channels = passes / 3
    kept = KEPT_COMPILED if is_compiled else KEPT_PLAIN
    if isinstance(query.engine, NestedAutograd):
        channels = 2.0**query.request.order * query.request.size  # each order doubles the graph
    return Cost(2.0 * products * passes, PASSES * channels * units * size, kept * channels * units * size)


def cost_of_block(block: Block, networks: Mapping[str, nn.Module], *, dtype: torch.dtype, device: torch.device) -> Cost:
    """The cost of a constraint; integrals at every point count with all of their nodes."""
    size = torch.empty((), dtype=dtype).element_size()
    operations = len(block.tape.instructions) + len(block.known)
    total = Cost(float(operations), 2.0 * operations * size, float(operations * size))
    for query in block.queries:
        total += cost_of_query(query, networks[query.network], dtype=dtype, device=device)
    for term in block.integrals:
        if term.free:
            inner = cost_of_block(term.block, networks, dtype=dtype, device=device)
            total += Cost(*(term.node_count * part for part in (inner.flops, inner.moved, inner.memory)))
    return total
