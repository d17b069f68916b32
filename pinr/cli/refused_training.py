"""What stands for `solve` and its kin in a problem file: the command line runs a file for what it declares."""

from typing import Any, NoReturn

from pinr.errors import DeclarationError


def solve(*_: Any, **__: Any) -> NoReturn:
    """Refuses to train."""
    _refuse("solve")


def fit_all(*_: Any, **__: Any) -> NoReturn:
    """Refuses to train."""
    _refuse("fit_all")


def redistanced(*_: Any, **__: Any) -> NoReturn:
    """Refuses to train."""
    _refuse("redistanced")


def _refuse(name: str) -> NoReturn:
    message = (
        f"`{name}(…)`: the command line runs a file for the `problem` that it declares, and the file trains by itself. "
        'Put that under `if __name__ == "__main__":`, or run the file with python.'
    )
    raise DeclarationError(message)
