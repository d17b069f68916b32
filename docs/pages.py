"""Pages that run: the blocks of a Markdown page, executed in order, with what they print.

```
python docs/pages.py docs/language.md …    # run pages in full, and write what their blocks print into them
```

A `python` block is executed in the one namespace of its page; the `text` block after it is what it prints. A `console`
block has commands, `$ pinr …`, each followed by what it prints to stdout. A comment before a block says more:

- `<!-- measured -->`: its numbers depend on the machine and on how long it trains.
- `<!-- file: plate.py -->`: it is a file of the page's folder, and not executed itself.
- `<!-- skip: the reason -->`: it is not executed.

`tests/docs/test_pages.py` runs all pages with a few steps of training in place of the budgets that they name.
"""

import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMENT = re.compile(r"<!-- (measured|file|skip)(?:: (.*))? -->")
NUMBER = re.compile(r"[-+]?\d[\d,]*\.?\d*(?:[eE][-+]?\d+)?")


@dataclass
class Block:
    """A fenced block with what the page says about it.

    Attributes:
        language: `python` or `console`.
        lines: What stands between the fences.
        start: Index of the opening fence in the page.
        mark: `measured`, `file`, `skip` or nothing.
        detail: What the comment says after the colon.
        printed: The `text` block after a `python` one, None if there is none.
        printed_at: Its first and last line, fences included; where it would go if there is none.
    """

    language: str
    lines: list[str]
    start: int
    mark: str = ""
    detail: str = ""
    printed: str | None = None
    printed_at: tuple[int, int] = (0, 0)

    @property
    def code(self) -> str:
        return "\n".join(self.lines) + "\n"

    @property
    def commands(self) -> list[tuple[str, str]]:
        """The commands of a `console` block, each with what it prints."""
        found: list[tuple[str, list[str]]] = []
        for line in self.lines:
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
        return [(command, "\n".join(lines)) for command, lines in found]


def blocks_of(text: str) -> list[Block]:
    """The `python` and `console` blocks of a page."""
    lines = text.splitlines()
    found: list[Block] = []
    mark, detail = "", ""
    number = 0
    while number < len(lines):
        line = lines[number]
        if match := COMMENT.fullmatch(line.strip()):
            mark, detail = match[1], match[2] or ""
        elif line.startswith("```") and line != "```":
            fence = re.match("`+", line)[0]
            end = next(n for n in range(number + 1, len(lines)) if lines[n] == fence)
            language, inner = line.strip("`"), lines[number + 1 : end]
            if language in ("python", "console"):
                found.append(Block(language, inner, number, mark, detail, printed_at=(end + 1, end + 1)))
            elif language == "text" and found and not any(lines[found[-1].printed_at[0] : number]):
                found[-1].printed, found[-1].printed_at = "\n".join(inner), (number, end + 1)
            mark, detail, number = "", "", end
        elif line.strip():
            mark, detail = "", ""
        number += 1
    return found


@dataclass
class Page:
    """A page on its way: its folder of files, and the namespace of its blocks."""

    path: Path
    folder: Path
    namespace: dict = field(default_factory=lambda: {"__name__": "page"})

    def run(self, block: Block) -> list[str]:
        """Execute a block; what it prints, of a `console` block what each command prints."""
        if block.mark == "skip":
            return []
        if block.mark == "file":
            (self.folder / block.detail).write_text(block.code, encoding="utf-8")
            return []
        with chdir(self.folder):
            try:
                if block.language == "console":
                    return [run_command(command) for command, _ in block.commands]
                stream = io.StringIO()
                with redirect_stdout(stream):
                    # Errors and findings name this file, with the line in the block: it stays when the page grows.
                    exec(compile(block.code, f"{self.path.stem}.py", "exec"), self.namespace)  # noqa: S102
            except BaseException as error:
                error.add_note(f"in the block at {self.path}:{block.start + 1}")
                raise
        return [tidy(stream.getvalue())]


def run_command(command: str) -> str:
    """What a `pinr` command prints to stdout, in this process."""
    from typer.testing import CliRunner

    from pinr.cli.app import app

    program, *arguments = shlex.split(command)
    if program != "pinr":
        message = f"`{command}`: only `pinr` runs in a console block; use a `sh` block for other programs."
        raise ValueError(message)
    result = CliRunner().invoke(app, arguments, prog_name="pinr", env={"COLUMNS": "100"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return tidy(result.stdout)


def tidy(text: str) -> str:
    """Without blanks at the ends of lines, and without empty lines around."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def without_numbers(text: str) -> str:
    """The text with `#` for every number, and one blank for any amount of it."""
    return " ".join(NUMBER.sub(" # ", text).split())


def with_outputs(text: str, outputs: list[tuple[Block, list[str]]]) -> str:
    """The page with these outputs in place of those that it has."""
    lines = text.splitlines()
    for block, printed in reversed(outputs):
        if block.mark in ("skip", "file"):
            continue
        first, last = block.printed_at
        if block.language == "console":
            inner = [
                line
                for (command, _), text in zip(block.commands, printed, strict=True)
                for line in (f"$ {command}", *text.splitlines())
            ]
            lines[block.start + 1 : block.start + 1 + len(block.lines)] = inner
        elif printed[0]:
            shown = ["```text", *printed[0].splitlines(), "```"]
            lines[first:last] = shown if block.printed is not None else ["", *shown]
        elif block.printed is not None:
            del lines[first:last]
    return "\n".join(lines) + "\n"


def pages(folder: Path = ROOT / "docs") -> Iterator[Path]:
    """The pages that run. `findings.md` shows mistakes, which is what the tests of the checks are for."""
    return (path for path in sorted(folder.glob("*.md")) if path.name not in ("findings.md", "catalogue.md"))


def main() -> None:
    """Run pages in full and write what their blocks print."""
    os.environ.setdefault("MPLBACKEND", "agg")
    for path in map(Path, sys.argv[1:]) if sys.argv[1:] else pages():
        text = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            page = Page(path, Path(folder))
            outputs = [(block, page.run(block)) for block in blocks_of(text)]
        path.write_text(with_outputs(text, outputs), encoding="utf-8")
        print(path, len(outputs), "blocks")


if __name__ == "__main__":
    main()
