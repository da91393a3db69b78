"""Which page shows a record."""

from typing import Any

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


def place_of(answer: dict[str, Any]) -> str:
    """The page of the record that a command was about; the first page when none shows it."""
    topics = [event["topic"] for event in answer["events"] if event["stream"] == answer["id"]]
    noun = topics[0].partition(".")[0] if topics else ""
    return page_of(noun, answer["id"]) or url_for("pages.home")


def page_of(noun: str, id: str) -> str | None:
    """The page of a record of a noun."""
    endpoint = PAGES.get(noun, "")
    return url_for(f"pages.{endpoint}", id=id) if f"pages.{endpoint}" in current_app.view_functions else None
