"""Asking for pages as somebody at work: what stands on them, what a form sent, where it landed."""

from collections.abc import Callable
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from service.office import Office
from tests.service.offices import VILLAGE, Asking

PEOPLE = "/api/v1/beneficiaries"
NIK = "7501994703600003"
SITI = {"name": "Siti Rachmawaty Djafar", "nik": NIK, "birth_date": "1960-03-07", "sex": "P", "address": "Dusun Satu"}
CHILD = {"name": "Hasna Lamusu", "birth_date": "2014-02-03", "sex": "P"}
Client = Callable[[str], Asking]


def registered(asking: Asking, identity: dict[str, Any] = SITI, **more: Any) -> str:
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": identity, **more}
    return str(asking.done(PEOPLE, body)["id"])


def strict(office: Office) -> str:
    theirs = Asking(office, "peksos")
    child = registered(theirs, CHILD)
    theirs.done(f"{PEOPLE}/{child}/classifications", {"type": "anak_korban_kekerasan"})
    return child


def text(answer: TestResponse, status: int = 200) -> str:
    found = unescape(answer.get_data(as_text=True))
    assert answer.status_code == status, found
    return " ".join(found.split())


def page(asking: Asking, path: str, status: int = 200, **query: Any) -> str:
    return text(
        asking.client.get(
            path, query_string=query or None, headers={"Authorization": f"Bearer {asking.token}", "Accept": "text/html"}
        ),
        status,
    )


def sent(asking: Asking, path: str, data: dict[str, Any]) -> TestResponse:
    return asking.client.post(
        path, data=data, headers={"Authorization": f"Bearer {asking.token}", "Accept": "text/html"}
    )


def landed(answer: TestResponse, asking: Asking) -> str:
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return text(
        asking.client.get(answer.location, headers={"Authorization": f"Bearer {asking.token}", "Accept": "text/html"})
    )
