"""States as plain data: nested dicts and lists of tensors, numbers and strings, and back.

What comes out passes through `torch.save` and `torch.load(weights_only=True)`; reading it runs no code.
"""

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from torch import Tensor

from pinr.errors import DeclarationError

D = TypeVar("D")


def to_record(value: Any) -> Any:
    """`value` as plain data; tensors are copied, so that the record outlives later steps."""
    if is_dataclass(value):
        return {field.name: to_record(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, (list, tuple)):
        return [to_record(item) for item in value]
    return value


def from_record(kind: type[D], record: dict[str, Any]) -> D:
    """The dataclass `kind` that wrote `record`; tensors are copied, so that one record can be read twice."""
    expected = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]
    if set(record) != set(expected):
        message = (
            f"The record has the entries {sorted(record)}, but `{kind.__name__}` consists of {sorted(expected)}. "
            f"Read it with the kind of state that wrote it, and with the same version of pinr."
        )
        raise DeclarationError(message)
    return kind(**{name: _restored(expected[name], value) for name, value in record.items()})


def _restored(kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
        return from_record(kind, value)
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, list):
        return tuple(_restored(None, item) for item in value)
    return value
