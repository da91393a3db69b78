"""Looking after the service: accounts with their roles and clearances, lists of codes, the territory, and its health."""

from typing import Any

from flask import redirect, request
from flask_babel import lazy_gettext as _

from domain.refusals import NotFound
from projections.build import folded_so_far
from projections.generations import BUILDING
from service.api.current import office
from service.api.health import LATE, readiness
from service.web import accounts, ask, moment, titles
from service.web.frame import address, may, page
from service.web.supervision import open_resets

#: What nobody does for her own account.
GIVEN_BY_ANOTHER = ("account.grant_role", "account.grant_clearance", "account.ask_reset")


@page("/pengelolaan", "administration.html", "account.manage")
def administration() -> Any:
    """Accounts, resets that wait, and whether everything runs."""
    known = accounts.known()
    wanted = request.args.get("cari", "").casefold().strip()
    rows = [row for row in known.values() if wanted in f"{row['name']} {row['login']}".casefold()]
    return {
        "accounts": [{**row, "roles": accounts.roles_today(row)} for row in sorted(rows, key=lambda row: row["login"])],
        "count": len(known),
        "names": accounts.names(known),
        "wanted": wanted,
        "resets": open_resets(),
        "health": readiness(office().views.status()),
    }


@page("/pengelolaan/akun/<id>", "account.html", "account.read")
def account(id: str) -> Any:
    """One account: its roles with areas and days, its clearances, its tokens, and what may be done with it."""
    known = accounts.known()
    found = known.get(id)
    if found is None:
        raise NotFound
    today = (moment.day() or office().today()).isoformat()
    given = {
        name: [{**one, "holds": accounts.in_force(one, today)} for one in found[name]]
        for name in ("grants", "clearances")
    }
    tokens = ask.now(f"/accounts/{id}/tokens").body
    resets = [one for one in open_resets() or [] if one["account"] == id]
    return {
        "row": {**found, **given},
        "names": accounts.names(known),
        "tokens": tokens,
        "offline_devices": ask.now(f"/accounts/{id}/offline-devices").body,
        "now": office().identity.means.milliseconds(),
        "resets": resets,
        "next": [
            # What needs another one is not offered to the holder.
            *([(one, {"stream": id}) for one in GIVEN_BY_ANOTHER] if id != _self() else []),
            ("account.reopen" if found["closed_on"] else "account.close", {"stream": id}),
        ],
    }


def _self() -> str:
    return str(ask.now("/sessions/current").body["account"])


@page("/pengelolaan/akun/<id>/keluarkan", "account.html", "account.manage", methods=("POST",))
def sign_out_account(id: str) -> Any:
    """End every session of an account and revoke the devices named with it, or end one of its tokens or devices."""
    token, device = request.form.get("token", ""), request.form.get("perangkat", "")
    ended = f"/tokens/{token}" if token else f"/accounts/{id}/{f'offline-devices/{device}' if device else 'sessions'}"
    lost = [] if token or device else request.form.getlist("cabut")
    revoked = [ask.delete(f"/accounts/{id}/offline-devices/{one}") for one in lost]
    # Of several devices one may have been revoked meanwhile, by its owner or because the button was pressed twice.
    for told in (*(one for one in revoked if one.status != 404), ask.delete(ended)):
        if not told.fine:
            raise ask.ToldOtherwise(told)
    return redirect(address("account", id=id, selesai="cabut" if token or device else "sesi"), 303)


@page("/pengelolaan/akun/<id>/pemulihan/<reset>", "reset.html", "account.reset", methods=("POST",))
def reset(id: str, reset: str) -> Any:
    """Agree to a reset, whose code is then shown this once, or end it."""
    agreed = request.form.get("apa") == "setujui"
    means = next((one["means"] for one in open_resets() or [] if one["reset"] == reset), "")
    told = ask.post(f"/accounts/{id}/resets/{reset}/{'approval' if agreed else 'refusal'}", {})
    if not told.fine:
        raise ask.ToldOtherwise(told)
    return {"told": told.body, "id": id, "agreed": agreed, "means": means}


@page("/pengelolaan/daftar", "code_lists.html", "account.manage", "account.read")
def code_lists() -> Any:
    """The lists of codes, and one of them with its versions and where it comes from."""
    lists: Any = ask.now("/codes").body
    wanted = request.args.get("daftar", "")
    return {"lists": lists, "one": next((one for one in lists if one["list"] == wanted), None)}


#: What was changed in the list of villages.
CHANGED = {
    "territory.list_published": _("Daftar wilayah diterbitkan"),
    "territory.village_renamed": _("Desa berganti nama atau kode"),
    "territory.village_split": _("Desa dimekarkan"),
    "territory.village_merged": _("Desa digabung"),
}


@page("/pengelolaan/wilayah", "territory.html", "territory.record", "account.read")
def territory() -> Any:
    """The list of villages in force with their codes, by kecamatan, and every change of it."""
    found = ask.get("/territory")
    told = found.data
    kecamatan: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in sorted(told["villages"], key=lambda one: (one["kecamatan_name"], one["name"])):
        kecamatan.setdefault((one["kecamatan_name"], one["kecamatan"]), []).append(one)
    why = found.body["why"]["kecamatan"] if may("board.read") else ""  # its rows are those of the board
    return {"told": told, "kecamatan": kecamatan, "why": why, "changed": CHANGED}


def _underway(folded: int | None, position: int) -> dict[str, int]:
    """How far a view has come that is built of all events up to a position; what is folded is then indexed and compared."""
    done = position if folded is None else folded
    return {"folded": done, "percent": min(99, 100 * done // max(1, position))}


@page("/pengelolaan/tampilan", "projections.html", "account.manage")
def projection_status() -> Any:
    """Of every view: whether it serves, how far it has come, and what it set aside; those being built anew too."""
    status = office().views.status()
    folded = folded_so_far(office().views.store)
    told = readiness(status)
    head = told["head"]
    rows = [
        {
            "name": one.projection,
            "title": titles.VIEWS.get(one.projection, one.projection),
            "generation": one.generation,
            "state": one.state,
            "serving": one.serving,
            "position": one.position,
            "lag": one.lag,
            "percent": 100 if not head else 100 * min(one.position, head) // head,
            **(_underway(folded, one.position) if one.state == BUILDING else {}),
            "replaced": one.replaced,
            "aside": list(one.set_aside),
        }
        for one in status
    ]

    def order(row: dict[str, Any]) -> tuple[Any, ...]:
        return row["state"] != BUILDING, row["name"] not in told["late"], str(row["title"]), row["generation"]

    return {"rows": sorted(rows, key=order), "health": told, "late": LATE}
