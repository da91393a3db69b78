"""The people within reach: found by search, listed by village, or chosen for an action on somebody else."""

from typing import Any

from flask import request, url_for

from service.api import guard
from service.api.beneficiary_pages import STATES
from service.api.current import principal
from service.log.ids import new_id
from service.web import ask, drafts, moment, record, territory, words
from service.web.frame import page, reach_of

NIK_ENDING = 6  # figures of a number that are enough to search for
KINDS = ("person", "family", "community")
#: What somebody may be chosen for, by the query value ``untuk``: the command, and the places of whoever chooses (``dari``)
#: and of whoever is chosen.
CHOOSING = {
    "keluarga": ("beneficiary.join_family", "stream", "family"),
    "anggota": ("beneficiary.join_family", "family", "stream"),
    "ganda": ("beneficiary.link_as_duplicate", "stream", "primary"),
}
#: What may be registered for that, where it is not on the list yet.
BEGINS = {"keluarga": "family", "anggota": "person"}
#: By which way people are usually found by whoever registers them.
CHANNELS = {"psm": "relawan", "tksk": "relawan", "pengurus_wksbm": "wksbm", "peksos": "penjangkauan"}
_ASKED = {
    "kecamatan": "village",
    "desa": "village",
    "jenis": "type",
    "tingkat": "tier",
    "keadaan": "state",
    "satuan": "kind",
}


@page("/warga", "people.html", "beneficiary.read", methods=("GET", "POST"))
def people() -> Any:
    """People, families and communities by village; after a search those who answer. What is searched for is posted: an
    address is kept in histories and logs."""
    searched = request.method == "POST" and not drafts.again()
    found: dict[str, Any] = {"typed": _typed(), "problem": {}, "searched": searched}
    status = 200
    if searched:
        told = _found(found["typed"])
        status = told.status
        found |= {"rows": told.data if told.fine else [], "problem": {} if told.fine else told.body}
    else:
        query = {name: request.args[asked] for asked, name in _ASKED.items() if request.args.get(asked)}
        told = ask.get("/beneficiaries", **query, cursor=request.args.get("lanjut"))
        found |= {"rows": told.data, "following": told.body.get("next_cursor")}
    found |= {
        "villages": _villages(),
        "types": dict(words.options("ppks.types")),
        "states": STATES,
        "kinds": KINDS,
        "prefilled": prefilled(),
        "registered": _registered(found["typed"]),
        "own_draft": {drafts.OWN: new_id()},  # it takes the place of no other registration that waits
        "choosing": _choosing(),
    }
    return found, status


def _villages() -> list[tuple[str, ...]]:
    """The villages that whoever looks serves, and the one asked about; every one for whoever finds those whose
    processing is restricted, wherever they live."""
    if reach_of("beneficiary.read").restricted:
        return territory.choices()
    served = territory.served(("beneficiary.read", "search.people"))
    # She may hold a case of somebody who lives elsewhere.
    about = {request.values.get("desa"), request.values.get("village")} - {code for code, *_rest in served}
    return [*served, *(one for one in territory.choices() if one[0] in about)]


def _typed() -> dict[str, str]:
    return {name: guard.clean(request.form.get(name, "")).strip() for name in ("name", "nik", "birth_year", "village")}


def _found(typed: dict[str, str]) -> ask.Told:
    year = typed["birth_year"]
    body: dict[str, Any] = {name: value for name, value in typed.items() if value}
    if year:
        body["birth_year"] = int(year) if year.isdecimal() and len(year) == 4 else year
    return ask.post("/people/search", {**body, **moment.query(), "limit": 50})


def _registered(typed: dict[str, str]) -> dict[str, str]:
    """What was searched for, as the form of a registration takes it: whoever was not found is not typed again."""
    said = {"kind": "person", **prefilled(), "identity.name": typed["name"]}
    nik, year = typed["nik"], typed["birth_year"]
    whole = {
        "identity.nik": nik if len(nik) > NIK_ENDING else "",
        "identity.birth_year": year,
        "village": typed["village"],
    }
    return said | {name: value for name, value in whole.items() if value}


def _choosing() -> dict[str, Any] | None:
    """For whom a record is chosen, if for anybody; ``onward`` from the registration of whoever is not on the list yet."""
    purpose, whose = request.args.get("untuk", ""), request.args.get("dari", "")
    if purpose not in CHOOSING or moment.past():
        return None
    command, mine, theirs = CHOOSING[purpose]
    chooser = ask.get(f"/beneficiaries/{whose}").data
    places = {mine: chooser["id"], theirs: record.NEW}
    back = record.form_link(command, places, url_for("pages.person", id=chooser["id"])) if purpose in BEGINS else ""
    return {
        "command": command,
        "mine": mine,
        "theirs": theirs,
        "purpose": purpose,
        "chooser": chooser,
        "begins": BEGINS.get(purpose, ""),
        "onward": back,
    }


def prefilled() -> dict[str, str]:
    """What a registration from here most likely says of the village and of the way somebody was found."""
    who = principal()
    areas = {area for grant in who.grants for area in grant.areas}
    wanted = request.args.get("desa") or (areas.pop() if len(areas) == 1 else "")
    channels = [CHANNELS[role] for role in sorted(who.roles) if role in CHANNELS]
    village = wanted if len(wanted) == territory.VILLAGE_CODE else ""
    return {
        name: value for name, value in (("village", village), ("channel", channels[0] if channels else "")) if value
    }
