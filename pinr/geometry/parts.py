"""Names of boundary parts, and what to say of wrong ones."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from pinr.errors import GeometryError
from pinr.geometry.roles import Roles
from pinr.geometry.suggestion import did_you_mean

SIDES = {
    "left": ("x-",), "right": ("x+",), "front": ("y-",), "back": ("y+",),
    "bottom": ("z-", "y-"), "top": ("z+", "y+"), "lower": ("z-", "y-"), "upper": ("z+", "y+"),
}  # fmt: skip


def expanded(names: Iterable[str], parts: Sequence[str], *, ends: Mapping[str, str], written: str) -> tuple[str, ...]:
    """The parts behind names, in the order of the parts; `notch` stands for `notch.x-`, `notch.x+`, ….

    Args:
        names: What the user named.
        parts: The parts that there are.
        ends: What to say of coordinates whose ends are no parts, see `ends_of_roles`.
        written: What the user wrote, for errors.

    Raises:
        GeometryError: A name stands for no part.
    """
    found: set[str] = set()
    for name in names:
        matching = {part for part in parts if part == name or part.startswith(f"{name}.")}
        if not matching:
            # A part of a named region carries its prefix, the end of a coordinate its sign.
            coordinate = str(name).rpartition(".")[2].removesuffix("-").removesuffix("+")
            reason = ends.get(coordinate) or _same_names(str(name), parts) or _did_you_mean(str(name), parts)
            message = f"`{written}`: there is no part {name!r}.{reason} The parts are {', '.join(parts)}."
            raise GeometryError(message)
        found |= matching
    return in_order(found, parts)


def checked_name(name: str | None, written: str) -> str | None:
    """The name of a region, which prefixes its parts; dots may structure it.

    Raises:
        GeometryError: It is no name.
    """
    if name is None or (isinstance(name, str) and all(part.isidentifier() for part in name.split("."))):
        return name
    message = f"`{written}(name={name!r})`: a name consists of letters, digits and underscores."
    raise GeometryError(message)


def ends_of_roles(
    roles: Roles, bounds: Mapping[str, tuple[float, float]], periodic: Collection[str] = ()
) -> dict[str, str]:
    """Coordinate whose ends are no parts of a boundary → why, and what to write instead."""
    sentences = {
        "time": " {0} is time, and a boundary lies in space: the initial slice is `.at({0}={1:g})` of the region; "
        "the final time is in no boundary.",
        "varying": " {0} is an axis of a family, and a boundary lies in space: fix it with `.at({0}=…)`.",
    }
    found = {name: sentences[role].format(name, bounds[name][0]) for name, role in roles if role in sentences}
    return found | {name: f" {name} is periodic: nothing ends there." for name in periodic}


def in_order(names: Collection[str], parts: Sequence[str]) -> tuple[str, ...]:
    """The parts that are among the names."""
    return tuple(part for part in parts if part in names)


def quoted(names: Iterable[str]) -> str:
    """Names as arguments of a call."""
    return ", ".join(f'"{name}"' for name in names)


def _did_you_mean(name: str, parts: Sequence[str]) -> str:
    """The part that a word for a side means, `left` for `x-`, or one of a similar name."""
    prefix, dot, side = name.rpartition(".")
    meant = next((prefix + dot + part for part in SIDES.get(side.lower(), ()) if prefix + dot + part in parts), None)
    return did_you_mean(name, parts) if meant is None else f" Did you mean {meant!r}?"


def _same_names(name: str, parts: Sequence[str]) -> str:
    """What to say where several regions have a part of this name."""
    several = [part for part in parts if part.rpartition(" ")[0] == name and part.rpartition(" ")[2].isdigit()]
    if not several or name.rpartition(".")[2] == "edge":
        return ""
    return (
        f" Several regions have one: choose among {', '.join(several)}, or tell the regions apart by `name=`, "
        "which prefixes their parts."
    )
