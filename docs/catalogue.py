"""The page of the catalogue, made from the files in `problems/`: their docstrings, networks and regions."""

import ast
import re
from pathlib import Path
from typing import NamedTuple


class Entry(NamedTuple):
    """What a problem file says about itself."""

    name: str
    title: str
    text: str
    network: str
    constants: dict


def page(folder: Path) -> str:
    """The page: one table, and a section for every file of the folder that assigns `problem`."""
    entries = [entry for path in sorted(folder.glob("*.py")) if (entry := entry_of(path)) is not None]
    lines = [
        "# Catalogue",
        "",
        "One PDE, one file. Every entry has an equation, what to expect, good values and a reference whose error is",
        "known. `pinr solve problems/NAME.py` solves one; `--set` changes the constants of its last column.",
        "",
        "| file | equation | network | constants |",
        "|---|---|---|---|",
        *(
            f"| [`{e.name}`](#{anchor(e.name)}) | {cell(e.title)} | `{e.network}` | "
            f"{', '.join(f'`{n} = {v!r}`' for n, v in e.constants.items())} |"
            for e in entries
        ),
    ]
    for entry in entries:
        lines += [
            "",
            f"## {entry.name}",
            "",
            f"*{entry.title}*",
            "",
            entry.text,
            "",
            f"`pinr solve problems/{entry.name}.py`",
        ]
    return "\n".join(lines) + "\n"


def entry_of(path: Path) -> Entry | None:
    """The entry of a file; nothing is run. None if the file assigns no `problem`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assigned = {
        statement.targets[0].id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    if "problem" not in assigned:
        return None
    title, _, text = (ast.get_docstring(tree) or path.stem).partition("\n")
    constants = {n: v.value for n, v in assigned.items() if isinstance(v, ast.Constant) and not n.startswith("_")}
    network = ast.unparse(assigned["network"]) if "network" in assigned else "the default"
    network = re.sub(r"\b(\w+)=(\w+)\b", lambda m: f"{m[1]}={constants.get(m[2], m[2])}", network)
    return Entry(path.stem, title.strip(), text.strip(), network, constants)


def anchor(name: str) -> str:
    """The link target of a section's heading."""
    return name.lower().replace(" ", "-")


def cell(text: str) -> str:
    """Text that does not end its table cell."""
    return text.replace("|", r"\|")
