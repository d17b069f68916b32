"""Balance: the weights of constraints that the user leaves open, and of their points."""

from pinr.training.balance.causal import Causal
from pinr.training.balance.fixed import FixedWeights
from pinr.training.balance.gradient_norm import GradientNorm
from pinr.training.balance.rule import AbstractBalance
from pinr.training.balance.self_adaptive import SelfAdaptive
from pinr.training.balance.tangent_kernel import NeuralTangentKernel

__all__ = [
    "AbstractBalance",
    "Causal",
    "FixedWeights",
    "GradientNorm",
    "NeuralTangentKernel",
    "SelfAdaptive",
]
