"""Help for misspelt names."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """A sentence that proposes the known name closest to the one written, or nothing."""
    close = get_close_matches(written, list(known), n=1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else ""
