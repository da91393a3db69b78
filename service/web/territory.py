"""The names of villages: pages and forms show them in place of codes."""

from service.api.current import notes
from service.web import ask

VILLAGE_CODE = 13


def names() -> dict[str, str]:
    """The villages in force at the moment of the page by code, asked once for each page."""
    here = notes()
    if "village_names" not in here:
        here.village_names = {one["code"]: one["name"] for one in ask.get("/territory").data["villages"]}
    found: dict[str, str] = here.village_names
    return found


def choices() -> list[tuple[str, str]]:
    """The villages as the options of a form: in the order of their names, with the kecamatan."""
    listed = ask.get("/territory").data["villages"]
    return sorted(
        ((one["code"], f"{one['name']}, {one['kecamatan_name']}") for one in listed), key=lambda option: option[1]
    )


def name(code: str | None) -> str:
    """The name of a village; its code when it is of another kabupaten or no longer in force."""
    return names().get(code, code) if code else "–"


def place(code: str) -> str:
    """The name of a village, or of a kecamatan."""
    if len(code) == VILLAGE_CODE:
        return name(code)
    listed = ask.get("/territory").data["villages"]
    return next((one["kecamatan_name"] for one in listed if one["kecamatan"] == code), code)
