"""The names of villages: pages and forms show them in place of codes."""

from collections.abc import Iterable

from service.api.current import notes, principal
from service.web import ask
from service.web.frame import reach_of

VILLAGE_CODE = 13


def names() -> dict[str, str]:
    """The villages in force at the moment of the page by code, asked once for each page."""
    here = notes()
    if "village_names" not in here:
        here.village_names = {one["code"]: one["name"] for one in ask.get("/territory").data["villages"]}
    found: dict[str, str] = here.village_names
    return found


def choices() -> list[tuple[str, ...]]:
    """The villages as the options of a form, each with its kecamatan, by which they are grouped."""
    listed = ask.get("/territory").data["villages"]
    named = ((one["code"], f"{one['name']}, {one['kecamatan_name']}", one["kecamatan_name"]) for one in listed)
    return sorted(named, key=lambda option: (option[2], option[1]))


def served(actions: Iterable[str]) -> list[tuple[str, ...]]:
    """Those villages in which whoever looks may do one of these things; found out once for each page."""
    known: dict[tuple[str, ...], list[tuple[str, ...]]] = notes().setdefault("served", {})
    asked = tuple(actions)
    if asked not in known:
        me, reaches = principal().account, [reach_of(action) for action in asked]
        known[asked] = [one for one in choices() if any(reach.includes(one[0], by=me) for reach in reaches)]
    return known[asked]


def name(code: str | None) -> str:
    """The name of a village; its code when it is of another kabupaten or no longer in force."""
    return names().get(code, code) if code else "–"


def place(code: str) -> str:
    """The name of a village, or of a kecamatan."""
    if len(code) == VILLAGE_CODE:
        return name(code)
    listed = ask.get("/territory").data["villages"]
    return next((one["kecamatan_name"] for one in listed if one["kecamatan"] == code), code)
