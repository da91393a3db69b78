"""Which page shows a record."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, url_for

PAGES = {
    "wksbm": "wksbm_page",
    "beneficiary": "person",
    "case": "case",
    "referral": "referral",
    "kps": "kps_page",
    "psks": "psks_page",
    "incident": "incident",
    "account": "account",
    "subject_request": "subject_request",
    "destruction": "destruction",
}
#: Commands with a form of their own: its endpoint and its word there, if any. It is about what is named ``stream``.
OWN_FORMS = {
    "case.assess": ("case_form", "asesmen"),
    "case.propose_plan": ("case_form", "rencana"),
    "case.hold_conference": ("case_form", "pembahasan"),
    "case.give_task": ("case_form", "tugas"),
    "case.change_task": ("case_form", "ubah-tugas"),
    "case.plan_visit": ("case_form", "kunjungan"),
    "case.assign": ("case_form", "tugaskan"),
    "case.request_transfer": ("case_form", "minta-alih"),
    "case.transfer": ("case_form", "alihkan"),
    "incident.record_victims": ("victims_form", ""),
}


def form_of(command: str, asked: Mapping[str, str]) -> str | None:
    """The address of the form that a command has of its own, with what was asked for; ``None`` when it has none."""
    rest: dict[str, Any]
    if command == "record.correct" and asked.get("target", "").isdecimal():
        rest = {name: value for name, value in asked.items() if name not in ("stream", "target")}
        return url_for("pages.correction", id=asked["stream"], target=int(asked["target"]), **rest)
    endpoint, word = OWN_FORMS.get(command, ("", ""))
    rest = {name: value for name, value in asked.items() if name != "stream"}
    return url_for(f"pages.{endpoint}", id=asked["stream"], form=word or None, **rest) if endpoint else None


def ours(address: str) -> str:
    """The address, when it is one of our own pages whatever a browser makes of it; else nothing."""
    parts = urlsplit(address)
    plain = (
        address.startswith("/")
        and not address.startswith(("//", "/\\"))
        and address.isprintable()
        and "\\" not in address
    )
    return address if plain and not parts.scheme and not parts.netloc else ""


def place_of(answer: dict[str, Any]) -> str:
    """The page of the record that a command was about; the first page when none shows it."""
    topics = [event["topic"] for event in answer["events"] if event["stream"] == answer["id"]]
    noun = topics[0].partition(".")[0] if topics else ""
    return page_of(noun, answer["id"]) or url_for("pages.home")


def page_of(noun: str, id: str) -> str | None:
    """The page of a record of a noun."""
    endpoint = PAGES.get(noun, "")
    return url_for(f"pages.{endpoint}", id=id) if f"pages.{endpoint}" in current_app.view_functions else None
