"""What pinr raises. Every message gives what the user wrote, what is wrong and what to do."""


class PinrError(Exception):
    """Anything that pinr refuses. Catch this one to catch them all."""


class DeclarationError(PinrError, ValueError):
    """A problem, an equation or an argument is ill-formed; found before any training."""


class GeometryError(PinrError, ValueError):
    """A region is ill-formed, empty, or asked for a part that it does not have."""


class CompilationError(PinrError, ValueError):
    """An expression that cannot be turned into a program."""


class TrainingError(PinrError, RuntimeError):
    """Training cannot start or cannot go on."""


class FileFormatError(PinrError, ValueError):
    """A file that cannot be read or written as asked."""
