"""Optimizers of one flat parameter vector: a frozen declaration with `initial` and `step`, state in and state out.

An optimizer with its budget is a *stage* of `solve`. It knows an objective, and nothing of problems,
networks or files.
"""

from pinr.optimizers.adam import Adam, AdamState
from pinr.optimizers.autograd_objective import AutogradObjective
from pinr.optimizers.autograd_products import AutogradProducts
from pinr.optimizers.budget import elapsed_fraction
from pinr.optimizers.gauss_newton import GaussNewton, GaussNewtonState
from pinr.optimizers.lbfgs import LBFGS, LBFGSState
from pinr.optimizers.matrix_block import MatrixBlock
from pinr.optimizers.matrix_free_gauss_newton import MatrixFreeGaussNewton, MatrixFreeGaussNewtonState
from pinr.optimizers.objective import Layered, LeastSquares, Objective, Products
from pinr.optimizers.optimizer import AbstractOptimizer
from pinr.optimizers.rows_objective import RowsObjective
from pinr.optimizers.self_scaled_broyden import SelfScaledBroyden, SelfScaledBroydenState
from pinr.optimizers.soap import SOAP, SOAPState
from pinr.optimizers.state import AbstractState
from pinr.optimizers.table import OPTIMIZERS, optimizer_record, read_optimizer
from pinr.optimizers.vector import Vector

__all__ = [
    "LBFGS",
    "OPTIMIZERS",
    "SOAP",
    "AbstractOptimizer",
    "AbstractState",
    "Adam",
    "AdamState",
    "AutogradObjective",
    "AutogradProducts",
    "GaussNewton",
    "GaussNewtonState",
    "LBFGSState",
    "Layered",
    "LeastSquares",
    "MatrixBlock",
    "MatrixFreeGaussNewton",
    "MatrixFreeGaussNewtonState",
    "Objective",
    "Products",
    "RowsObjective",
    "SOAPState",
    "SelfScaledBroyden",
    "SelfScaledBroydenState",
    "Vector",
    "elapsed_fraction",
    "optimizer_record",
    "read_optimizer",
]
