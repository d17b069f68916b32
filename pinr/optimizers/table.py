"""All optimizers by name: what a file may mention, and what the tests run through."""

from dataclasses import asdict
from typing import Any

from pinr.errors import DeclarationError
from pinr.optimizers.adam import Adam
from pinr.optimizers.gauss_newton import GaussNewton
from pinr.optimizers.lbfgs import LBFGS
from pinr.optimizers.matrix_free_gauss_newton import MatrixFreeGaussNewton
from pinr.optimizers.optimizer import AbstractOptimizer
from pinr.optimizers.self_scaled_broyden import SelfScaledBroyden
from pinr.optimizers.soap import SOAP

OPTIMIZERS: dict[str, type[AbstractOptimizer]] = {
    "Adam": Adam,
    "GaussNewton": GaussNewton,
    "LBFGS": LBFGS,
    "MatrixFreeGaussNewton": MatrixFreeGaussNewton,
    "SOAP": SOAP,
    "SelfScaledBroyden": SelfScaledBroyden,
}


def optimizer_record(optimizer: AbstractOptimizer) -> dict[str, Any]:
    """The declaration as plain JSON: its name under `"optimizer"`, and its arguments."""
    arguments = {name: _plain(value) for name, value in asdict(optimizer).items()}  # type: ignore[call-overload]
    return {"optimizer": type(optimizer).__name__, **arguments}


def read_optimizer(record: dict[str, Any]) -> AbstractOptimizer:
    """The declaration that wrote `record`, checked like any other."""
    arguments = {name: tuple(value) if isinstance(value, list) else value for name, value in record.items()}
    name = arguments.pop("optimizer", None)
    if name not in OPTIMIZERS:
        message = f"The record names the optimizer {name!r}, but pinr has {', '.join(OPTIMIZERS)}."
        raise DeclarationError(message)
    return OPTIMIZERS[name](**arguments)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
