"""A problem file, run: the Python file of a user that defines `problem`."""

import ast
import linecache
import sys
import traceback
from collections.abc import Mapping
from importlib.abc import ExecutionLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType
from typing import final

from typing_extensions import override

from pinr.cli.settings import with_settings
from pinr.cli.without_training import without_training
from pinr.errors import DeclarationError, PinrError
from pinr.geometry.suggestion import did_you_mean


class ProblemFileError(PinrError):
    """The file of a user cannot be run; the message shows the line."""


def run_file(path: Path, settings: Mapping[str, str]) -> ModuleType:
    """The module that a file makes, under a private name and with its folder importable, as if it were a script.

    Args:
        path: The file.
        settings: New values of constants at its top level.

    Raises:
        DeclarationError: There is no such file, or a setting does not fit.
        ProblemFileError: The file raises something, or trains.
    """
    if not path.is_file():
        near = [str(p) for p in path.parent.glob("*.py")] if path.parent.is_dir() else []
        what = "is a folder" if path.is_dir() else "does not exist"
        message = f"`{path}` {what}; it must be a Python file that defines `problem`.{did_you_mean(str(path), near)}"
        raise DeclarationError(message)
    file = str(path.resolve())
    tree = without_training(with_settings(_parsed(path), settings, file=path.name))
    name = f"_pinr_problem_{path.stem}"
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = spec_from_loader(name, _TreeLoader(file, tree))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise ProblemFileError(_described(error, path)) from error
    return module


@final
class _TreeLoader(ExecutionLoader):
    """Runs a syntax tree in place of the text of a file."""

    def __init__(self, file: str, tree: ast.Module) -> None:
        self.file, self.tree = file, tree

    @override
    def get_filename(self, fullname: str) -> str:
        return self.file

    @override
    def get_source(self, fullname: str) -> str:
        return "".join(linecache.getlines(self.file))

    @override
    def get_code(self, fullname: str) -> CodeType:
        return compile(self.tree, self.file, "exec", dont_inherit=True)


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_bytes(), filename=str(path))
    except (SyntaxError, ValueError) as error:
        raise ProblemFileError(_described(error, path)) from error


def _described(error: BaseException, path: Path) -> str:
    """`poisson.py:12: NameError: …` and the line; what pinr itself says needs no name of its class."""
    line = _line_of(error, path)
    place = f"{path}:{line}" if line else str(path)
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    said = text if isinstance(error, PinrError) else f"{type(error).__name__}: {text}".rstrip(": ")
    source = linecache.getline(str(path.resolve()), line).strip() if line else ""
    return f"{place}: {said}" + (f"\n  {line} | {source}" if source else "")


def _line_of(error: BaseException, path: Path) -> int | None:
    """The innermost line of the user's file that the error passed through."""
    file = str(path.resolve())
    if isinstance(error, SyntaxError) and error.filename in (file, str(path)):
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return lines[-1] if lines else None
