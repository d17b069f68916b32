"""PLY files: elements with named properties, in text or binary of either byte order."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from pinr.errors import FileFormatError

Numbers = NDArray[np.float64]

TYPES = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4", "float": "f4",
    "double": "f8", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4",
    "float32": "f4", "float64": "f8",
}  # fmt: skip
ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
LARGEST_HEADER = 2**16
# Numbers whose bytes are read in the wrong order have arbitrary exponents; no shape spans so much.
LARGEST_SPREAD = 1e15
SMALLEST_SIZE = 1e-37  # whole numbers and halves read in the wrong order are below 1e-38 in single precision


@final
@dataclass(frozen=True)
class Property:
    """One column of an element; of a list, `length` is the type of its count."""

    name: str
    type: str
    length: str | None = None


@final
@dataclass(frozen=True)
class Element:
    """What a file says of its vertices, faces, or anything else."""

    name: str
    count: int
    properties: tuple[Property, ...]

    def smallest_row(self, order: str) -> int:
        """Bytes of a row with empty lists; in text a digit and what separates it."""
        if not order:
            return max(1, 2 * len(self.properties))
        return sum(np.dtype(p.length or p.type).itemsize for p in self.properties)

    @property
    def is_plain(self) -> bool:
        """Whether it has no lists."""
        return all(p.length is None for p in self.properties)


@final
@dataclass(frozen=True, eq=False)
class Ply:
    """The numbers of a file: `columns["vertex"]["x"]`, and `lists["face"]["vertex_indices"]`, one array per row."""

    columns: Mapping[str, Mapping[str, Numbers]]
    lists: Mapping[str, Mapping[str, list[NDArray[Any]] | NDArray[Any]]]


def read_ply(path: Path) -> Ply:
    """All elements of a PLY file.

    Raises:
        FileFormatError: It is no PLY file, incomplete, or not what its header says.
    """
    content = path.read_bytes()
    order, elements, start = _header(path, content)
    if order:
        with np.errstate(invalid="ignore"):  # what signals that it is no number is found by those who use it
            return _binary(path, content, start, order, elements)
    return _text(path, content[start:], elements)


def _header(path: Path, content: bytes) -> tuple[str, list[Element], int]:
    head = content[:LARGEST_HEADER]
    end = re.search(rb"^end_header[ \t]*\r?\n", head, flags=re.MULTILINE)
    if not re.match(rb"ply[ \t]*\r?\n", head) or end is None:
        message = f"`{path}` is no PLY file, or has no complete header. Check the suffix, or write it again."
        raise FileFormatError(message)
    order, elements = None, list[Element]()
    for line in head[: end.start()].decode("ascii", errors="replace").splitlines()[1:]:
        words = line.split()
        try:
            if not words or words[0] in ("comment", "obj_info"):
                continue
            if words[0] == "format":
                order = ORDERS[words[1]]
            elif words[0] == "element":
                elements.append(Element(words[1], int(words[2]), ()))
            elif words[0] == "property":
                last = elements.pop()
                elements.append(Element(last.name, last.count, (*last.properties, _property(words[1:]))))
            else:
                raise KeyError(words[0])
        except (KeyError, IndexError, ValueError):
            message = (
                f"`{path}`: the header of the PLY file has the line {line[:80]!r}, which means nothing. Correct it."
            )
            raise FileFormatError(message) from None
    if order is None or any(e.count < 0 for e in elements):
        message = f"`{path}`: the header of the PLY file does not name its format, or a negative count. Write it again."
        raise FileFormatError(message)
    # Before anything is allocated: the header may claim whatever it likes.
    needed, present = sum(e.count * e.smallest_row(order) for e in elements), len(content) - end.end()
    if needed > present + 1:  # the last line of a text may lack its end
        listed = ", ".join(f"{e.count} × {e.name}" for e in elements)
        message = (
            f"`{path}`: the header announces {listed}, at least {needed} bytes, but {present} follow. The file is "
            "incomplete: copy or write it again."
        )
        raise FileFormatError(message)
    return order, elements, end.end()


def _property(words: list[str]) -> Property:
    if words[0] == "list":
        length = TYPES[words[1]]
        if length[0] == "f":
            raise ValueError(words[1])
        return Property(words[3], TYPES[words[2]], length)
    return Property(words[1], TYPES[words[0]])


def _binary(path: Path, content: bytes, at: int, order: str, elements: list[Element]) -> Ply:
    columns: dict[str, Mapping[str, Numbers]] = {}
    lists: dict[str, Mapping[str, Any]] = {}
    for element in elements:
        try:
            if element.is_plain:
                row = np.dtype([(p.name, order + p.type) for p in element.properties])
                table = np.frombuffer(content, row, element.count, at)
                columns[element.name] = {p.name: table[p.name].astype(np.float64) for p in element.properties}
                at += table.nbytes
            else:
                columns[element.name], lists[element.name], at = _binary_lists(content, at, order, element)
        except (ValueError, IndexError):
            message = (
                f"`{path}` ends before the {element.count} rows of `{element.name}`, or has another byte order than "
                "its header says. Copy or write it again."
            )
            raise FileFormatError(message) from None
        _check_spread(path, columns[element.name])
    if at != len(content):
        message = f"`{path}` has {len(content) - at} bytes more than its header announces. Write it again."
        raise FileFormatError(message)
    return Ply(columns, lists)


def _binary_lists(
    content: bytes, at: int, order: str, element: Element
) -> tuple[dict[str, Numbers], dict[str, Any], int]:
    """The rows of an element with lists: at once where all are as long as in the first row, else one by one."""
    lengths: dict[str, int] = {}
    if element.count:
        first, _ = next(_rows(content, at, order, element, 1))
        lengths = {name: len(values) for name, values in first.items()}
    fields: list[Any] = []
    for k, p in enumerate(element.properties):
        counted = [] if p.length is None else [(f"count {k}", order + p.length)]
        fields += [*counted, (p.name, order + p.type, () if p.length is None else (lengths.get(p.name, 0),))]
    row = np.dtype(fields)
    if at + row.itemsize * element.count <= len(content):
        table = np.frombuffer(content, row, element.count, at)
        counts = [(f"count {k}", p.name) for k, p in enumerate(element.properties) if p.length is not None]
        if all((table[count] == lengths.get(name, 0)).all() for count, name in counts):
            plain = {p.name: table[p.name].astype(np.float64) for p in element.properties if p.length is None}
            return plain, {name: table[name] for _, name in counts}, at + table.nbytes
    columns: dict[str, list[float]] = {p.name: [] for p in element.properties if p.length is None}
    lists: dict[str, list[NDArray[Any]]] = {p.name: [] for p in element.properties if p.length is not None}
    for values, at_next in _rows(content, at, order, element, element.count):
        at = at_next
        for name, value in values.items():
            if name in lists:
                lists[name].append(value)
            else:
                columns[name].append(float(value[0]))
    return {name: np.array(c, dtype=np.float64) for name, c in columns.items()}, lists, at


def _rows(
    content: bytes, at: int, order: str, element: Element, count: int
) -> Iterator[tuple[dict[str, NDArray[Any]], int]]:
    for _ in range(count):
        values: dict[str, NDArray[Any]] = {}
        for p in element.properties:
            length = 1
            if p.length is not None:
                length = int(np.frombuffer(content, order + p.length, 1, at)[0])
                at += np.dtype(p.length).itemsize
            # `frombuffer` takes −1 for all that is left.
            values[p.name] = np.frombuffer(content, order + p.type, _checked(length), at)
            at += values[p.name].nbytes
        yield values, at


def _checked(length: int) -> int:
    if length < 0:
        raise ValueError(length)
    return length


def _text(path: Path, content: bytes, elements: list[Element]) -> Ply:
    lines = iter([line for line in content.decode("ascii", errors="replace").splitlines() if line.strip()])
    columns: dict[str, Mapping[str, Numbers]] = {}
    lists: dict[str, Mapping[str, Any]] = {}
    for element in elements:
        plain: dict[str, list[float]] = {p.name: [] for p in element.properties if p.length is None}
        long: dict[str, list[NDArray[Any]]] = {p.name: [] for p in element.properties if p.length is not None}
        for number in range(element.count):
            words = next(lines, "").split()
            try:
                at = 0
                for p in element.properties:
                    if p.length is None:
                        plain[p.name].append(float(words[at]))
                        at += 1
                    else:
                        length = _checked(int(words[at]))
                        values = [float(word) for word in words[at + 1 : at + 1 + length]]
                        if len(values) < length:
                            raise IndexError(length)
                        long[p.name].append(np.array(values))
                        at += 1 + length
                if at < len(words):
                    raise IndexError(at)
            except (ValueError, IndexError):
                message = (
                    f"`{path}`: row {number + 1} of `{element.name}` is {' '.join(words)[:80]!r}, but the header "
                    f"announces {', '.join(p.name for p in element.properties)}. The file is incomplete or damaged."
                )
                raise FileFormatError(message) from None
        columns[element.name] = {name: np.array(values, dtype=np.float64) for name, values in plain.items()}
        lists[element.name] = long
    rest = next(lines, None)
    if rest is not None:
        message = f"`{path}` goes on with {rest[:80]!r} after all that its header announces. Write it again."
        raise FileFormatError(message)
    return Ply(columns, lists)


def _check_spread(path: Path, columns: Mapping[str, Numbers]) -> None:
    for name in {"x", "y", "z"} & columns.keys():
        sizes = np.abs(columns[name])
        sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
        if sizes.size and sizes.max() < SMALLEST_SIZE:
            message = (
                f"`{path}`: the {name} of its vertices are at most {sizes.max():.2g}, less than any size: the bytes "
                "are not in the order that the header says. Write it again."
            )
            raise FileFormatError(message)
        if sizes.size > 1 and sizes.max() > LARGEST_SPREAD * float(np.median(sizes)):
            message = (
                f"`{path}`: the {name} of its vertices reach {sizes.max():.2g}, with a median of "
                f"{float(np.median(sizes)):.2g}: the bytes are not in the order that the header says. Write it again."
            )
            raise FileFormatError(message)
