"""The names of villages: pages and forms show them in place of codes."""

from collections.abc import Iterable

from flask_babel import gettext

from service.api.commands import COMMANDS
from service.api.current import notes, principal
from service.web import ask
from service.web.frame import reach_of

VILLAGE_CODE = 13
#: Fields that take a village of the kabupaten, whoever looks after it.
ELSEWHERE = frozenset(
    {"beneficiary.move_domicile.village", "territory.rename.code", "territory.split.code", "territory.merge.codes"}
)
#: Fields that take a kecamatan or a village, and those that take the whole kabupaten besides: what is offered in one's own
#: area, or for anywhere.
AREAS = frozenset({"account.grant_role.areas"})
WIDER = frozenset({"psks.register.area", "psks.offer_service.catchment"})


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


def kecamatan() -> list[tuple[str, ...]]:
    """The kecamatan by code, each with its name."""
    return sorted({(one["kecamatan"], one["kecamatan_name"]) for one in ask.get("/territory").data["villages"]})


def areas() -> list[tuple[str, ...]]:
    """The kecamatan as the options of a form, each before its villages."""
    parts = [(code, gettext("%(name)s, seluruh kecamatan", name=name), name) for code, name in kecamatan()]
    return sorted([*parts, *choices()], key=lambda option: (option[2], len(option[0]), option[1]))


def wider() -> list[tuple[str, ...]]:
    """The kabupaten, and what lies in it as `areas` tells it."""
    parts = areas()
    whole = {code[:5] for code, *_rest in parts}
    return [*((code, gettext("Seluruh kabupaten"), "") for code in sorted(whole)), *parts]


def served(actions: Iterable[str]) -> list[tuple[str, ...]]:
    """Those villages in which whoever looks may do one of these things; found out once for each page."""
    known: dict[tuple[str, ...], list[tuple[str, ...]]] = notes().setdefault("served", {})
    asked = tuple(actions)
    if asked not in known:
        me, reaches = principal().account, [reach_of(action) for action in asked]
        known[asked] = [one for one in choices() if any(reach.includes(one[0], by=me) for reach in reaches)]
    return known[asked]


def offered(command: str, field: str) -> list[tuple[str, ...]] | None:
    """What a field of a command's form offers; nothing when it takes no code of the territory."""
    whole, short = f"{command}.{field}", field.rpartition(".")[2]
    if whole in ELSEWHERE:
        return choices()
    if whole in AREAS:
        return areas()
    if whole in WIDER:
        served_by = [reach_of(action) for action in COMMANDS[command].actions] if short == "area" else []
        return [one for one in wider() if not served_by or any(reach.includes(one[0]) for reach in served_by)]
    if short in ("village", "villages"):
        return served(COMMANDS[command].actions)
    return kecamatan() if short == "kecamatan" else None


def name(code: str | None) -> str:
    """The name of a village; its code when it is of another kabupaten or no longer in force."""
    return names().get(code, code) if code else "–"


def place(code: str) -> str:
    """The name of a village or of a kecamatan, or that it is the whole kabupaten."""
    if len(code) == VILLAGE_CODE:
        return name(code)
    listed = ask.get("/territory").data["villages"]
    if any(one["kecamatan"].startswith(f"{code}.") for one in listed):
        return str(gettext("seluruh kabupaten"))
    return next((str(one["kecamatan_name"]) for one in listed if one["kecamatan"] == code), code)
