"""Why a problem has no reference solve."""


class UnverifiableError(Exception):
    """There is no independent solve of this kind of problem; the text says why. Caught by `verify`."""
