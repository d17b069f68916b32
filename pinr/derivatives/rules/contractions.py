"""Einstein sums of jets and constants."""

from functools import reduce
from typing import Any

import torch

from pinr.derivatives.jet import AbstractJet, MissingRuleError, rule_for


@rule_for(torch.einsum)
def contraction(equation: str, *operands: Any) -> AbstractJet:
    if len(operands) == 1 and isinstance(operands[0], list | tuple):
        operands = tuple(operands[0])
    labels, output = _parsed(equation)
    jets = [number for number, operand in enumerate(operands) if isinstance(operand, AbstractJet)]
    points = labels[jets[0]][0]
    if not output.startswith(points) or any(points in labels[j][1:] or labels[j][0] != points for j in jets):
        message = f"jets have no rule for the `einsum` {equation!r}: the axis of points must stay first"
        raise MissingRuleError(message)
    if len(jets) == 1:
        return _linear(operands, labels, output, jets[0])
    return _multilinear(operands, labels, output)


def _parsed(equation: str) -> tuple[list[str], str]:
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    labels = inputs.split(",")
    if "." in equation or any(len(set(part)) < len(part) for part in labels):
        message = f"jets have no rule for the `einsum` {equation!r}: write every axis with a letter of its own"
        raise MissingRuleError(message)
    if not arrow:  # torch's default: what occurs once, in alphabetical order
        output = "".join(sorted(letter for letter in set(inputs) - {","} if inputs.count(letter) == 1))
    return labels, output


def _linear(operands: tuple[Any, ...], labels: list[str], output: str, jet: int) -> AbstractJet:
    """One jet: the same sum for every channel."""
    free = next(letter for letter in "zyxwvutsrqponmlkjihgfedcbaZ" if not any(letter in part for part in labels))
    tensors = [operand.channels if n == jet else operand for n, operand in enumerate(operands)]
    equation = ",".join(free + part if n == jet else part for n, part in enumerate(labels))
    return operands[jet].with_channels(torch.einsum(f"{equation}->{free}{output}", *tensors))


def _multilinear(operands: tuple[Any, ...], labels: list[str], output: str) -> AbstractJet:
    """Several jets: their outer product by Leibniz' rule, then the sum."""
    every = output + "".join(sorted(set("".join(labels)) - set(output)))
    factors = [_aligned(operand, part, every) for operand, part in zip(operands, labels, strict=True)]
    product = reduce(torch.mul, factors)
    summed = tuple(range(len(output), len(every)))
    return product.sum(summed) if summed else product


def _aligned(operand: Any, labels: str, every: str) -> Any:
    """An operand with one axis for each letter of `every`, of length 1 where it has none."""
    operand = operand.permute(tuple(labels.index(letter) for letter in every if letter in labels))
    for axis, letter in enumerate(every):
        if letter not in labels:
            operand = operand.unsqueeze(axis)
    return operand
