"""Names that HDF5 paths, XML and VTK all take as they are."""

import re
from collections import Counter
from collections.abc import Iterable

from pinr.errors import FileFormatError

_NAME = re.compile(r"\w[\w.-]*")


def check_name(name: object, *, what: str = "field") -> None:
    """A name is a letter, digit or underscore of any alphabet, then also dots and hyphens."""
    if isinstance(name, str) and _NAME.fullmatch(name):
        return
    suggestion = re.sub(r"[^\w.-]+", "_", str(name)).lstrip(".-") or "u"
    message = (
        f"The {what} name {name!r} cannot be stored: a name has letters, digits, `_`, `.` and `-` only, "
        f"no spaces or slashes. Rename it, for example to {suggestion!r}."
    )
    raise FileFormatError(message)


def check_distinct(shown: Iterable[str]) -> None:
    """The names of the arrays in a VTK file, complex fields split, are all different."""
    repeated = [name for name, count in Counter(shown).items() if count > 1]
    if repeated:
        message = (
            f"Several arrays would be called {repeated} in the file: a complex `u` is split into `u_re` and `u_im`, "
            f"and what is larger than a 3-vector into `u_0`, `u_1` …. Rename the fields that clash."
        )
        raise FileFormatError(message)
