"""Many sine networks of one shape at once: batched matrix products, forward and backward by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, final

import torch
from torch import Tensor, nn

from pinr.networks.scaling import Scaled
from pinr.networks.siren import SineLayer


@final
@dataclass(frozen=True)
class StackedSines:
    """`k` networks that `Siren` has built, from points `(k, N, inputs)` to values `(k, N, outputs)`.

    The backward pass by hand keeps `sin` and `cos` of every layer and nothing else; batched by `torch.func.vmap` the
    same step takes 2 to 3 times as long (docs/decisions/0021-many-signals.md).

    Attributes:
        omegas: The frequency of every sine layer: one number, or `(k, 1, 1)` where networks have their own.
        names: The names of weight and bias of every layer, the linear one at the end.
        center: `(k, 1, inputs)`.
        half_width: `(k, 1, inputs)`.
        output_scale: `(k, 1, outputs)`.
    """

    omegas: tuple[float | Tensor, ...]
    names: tuple[tuple[str, str], ...]
    center: Tensor
    half_width: Tensor
    output_scale: Tensor

    @classmethod
    def of(cls, modules: Sequence[nn.Module]) -> Self | None:
        """The networks of these modules together; None if one is of another kind or shape."""
        first = modules[0]
        if not all(_is_siren(module) and _form(module) == _form(first) for module in modules):
            return None
        layers = len(first.network)  # type: ignore[arg-type]
        buffers = (
            torch.stack([getattr(module, name)[None] for module in modules])
            for name in ("center", "half_width", "output_scale")
        )
        names = tuple((f"network.{k}.weight", f"network.{k}.bias") for k in range(layers))
        each = zip(*([layer.omega for layer in module.network[:-1]] for module in modules), strict=True)  # type: ignore[index,union-attr]
        return cls(tuple(_shared(omegas, first.center) for omegas in each), names, *buffers)  # type: ignore[arg-type]

    def __call__(self, parameters: Mapping[str, Tensor], points: Tensor) -> Tensor:
        """The values; `parameters` have the stacked weights by their names in the module."""
        inside = (points - self.center) / self.half_width
        weights = [parameters[name] for pair in self.names for name in pair]
        for layer, omega in enumerate(self.omegas):
            if isinstance(omega, Tensor):
                weights[2 * layer] = weights[2 * layer] * omega
                weights[2 * layer + 1] = weights[2 * layer + 1] * omega[:, 0]
        factors = tuple(1.0 if isinstance(omega, Tensor) else omega for omega in self.omegas)
        return _SineLayers.apply(inside, factors, *weights) * self.output_scale


class _SineLayers(torch.autograd.Function):
    """`h ← sin(ω (W h + b))` layer after layer, and a linear layer; not differentiable in the points."""

    @staticmethod
    def forward(context: Any, points: Tensor, omegas: tuple[float, ...], *weights: Tensor) -> Tensor:
        hidden, kept = points, [points]
        matrices, biases = weights[::2], weights[1::2]
        for omega, matrix, bias in zip(omegas, matrices, biases, strict=False):
            phase = torch.baddbmm(bias[:, None], hidden, matrix.transpose(1, 2), beta=omega, alpha=omega)
            slope, hidden = torch.cos(phase), phase.sin_()
            kept += [slope, hidden]
        context.save_for_backward(*kept, *matrices)
        context.omegas = omegas
        return torch.baddbmm(biases[-1][:, None], hidden, matrices[-1].transpose(1, 2))

    @staticmethod
    def backward(context: Any, *cotangents: Tensor) -> tuple[Tensor | None, ...]:
        (cotangent,) = cotangents
        depth = len(context.omegas)
        kept = context.saved_tensors
        hidden, slopes, matrices = (
            [kept[0], *kept[2 : 2 * depth + 1 : 2]],
            kept[1 : 2 * depth : 2],
            kept[2 * depth + 1 :],
        )
        gradients: list[Tensor] = []
        for layer in range(depth, -1, -1):
            omega = context.omegas[layer] if layer < depth else 1.0
            empty = cotangent.new_empty(())
            along = torch.baddbmm(empty, cotangent.transpose(1, 2), hidden[layer], beta=0, alpha=omega)
            gradients[:0] = [along, cotangent.sum(1) * omega]
            if layer:
                cotangent = torch.baddbmm(empty, cotangent, matrices[layer], beta=0, alpha=omega).mul_(
                    slopes[layer - 1]
                )
        return None, None, *gradients


def _is_siren(module: nn.Module) -> bool:
    layers = list(module.network) if isinstance(module, Scaled) and isinstance(module.network, nn.Sequential) else []
    return bool(layers) and isinstance(layers[-1], nn.Linear) and all(isinstance(s, SineLayer) for s in layers[:-1])


def _form(module: nn.Module) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in module.parameters()]


def _shared(omegas: Sequence[float], like: Tensor) -> float | Tensor:
    """The frequencies of one layer: a number where all networks have the same."""
    return omegas[0] if len(set(omegas)) == 1 else torch.tensor(omegas, dtype=torch.float64).to(like)[:, None, None]
