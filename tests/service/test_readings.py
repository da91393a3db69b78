"""The reading trail: whoever opens something about somebody protected leaves an entry, or is shown nothing."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.beneficiary import Beneficiary
from domain.reading import Reading
from service.log.entries import LogUnavailable
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking, record

PEOPLE = "/api/v1/beneficiaries"


def registered(asking: Asking, **more: Any) -> str:
    identity = {"name": "Siti Rahma", "birth_date": "2014-02-03", "sex": "P", **more}
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": identity}
    return str(asking.done(PEOPLE, body)["id"])


def protected(asking: Asking, **more: Any) -> str:
    """Somebody whose type is of the strictly restricted tier."""
    person = registered(asking, **more)
    asking.done(f"{PEOPLE}/{person}/classifications", {"type": "anak_korban_kekerasan"})
    return person


def typed(person: Beneficiary) -> None:
    """Give a person a type of tier 2."""
    person.classify(on=date(2026, 1, 5), classification=new_id(), type="fakir_miskin", tier=2, assessor="penyiap")


def entries(here: Office) -> list[Reading.Made]:
    found = here.reader.read(0, 10_000)
    return [event for event in found if isinstance(event, Reading.Made)]


def parts_of(here: Office, person: str) -> set[str]:
    return {row[0] for row in here.database.rows("SELECT id FROM parts WHERE subject = :s", s=person)}


def test_a_request_that_opens_a_protected_record_leaves_one_entry_that_names_its_parts(here: Office) -> None:
    peksos = Asking(here, "peksos")
    person = protected(peksos)
    before = len(entries(here))
    assert peksos.data(f"{PEOPLE}/{person}")["person"]["name"] == "Siti Rahma"
    [entry] = entries(here)[before:]
    assert entry.by == peksos.account
    assert entry.post == "peksos"
    assert entry.subjects == (person,)
    assert set(entry.opened) == parts_of(here, person)
    assert entry.resource == "GET /api/v1/beneficiaries/<stream>"
    assert person not in entry.resource


def test_an_identity_that_was_corrected_is_read_as_any_other(here: Office) -> None:
    peksos = Asking(here, "peksos")
    person = protected(peksos)
    right = {"name": "Siti Rahmah", "birth_date": "2014-02-03", "sex": "P"}
    corrected = {"target": 1, "values": {"identity": right}, "reason": "salah ketik", "requested_by": "keluarga"}
    peksos.done(f"/api/v1/streams/{person}/corrections", corrected)
    [of_correction] = [part.id for part in here.log.history(person)[-1].parts]
    assert here.log.history(person)[-1].topic == "record.corrected"
    for address, shown in ((PEOPLE, False), (f"{PEOPLE}/{person}", False), (f"{PEOPLE}/{person}/history", True)):
        before = len(entries(here))
        answer = peksos.get(address).get_data(as_text=True)
        [entry] = entries(here)[before:]
        assert entry.subjects == (person,)
        assert of_correction in entry.opened
        assert "Siti Rahmah" in answer or shown


def test_a_list_leaves_one_entry_for_all_that_are_shown(here: Office) -> None:
    peksos = Asking(here, "peksos")
    names = (("Hasna Lamusu", "2013-05-01"), ("Rosmin Tuli", "2011-07-09"), ("Fatra Bouti", "2012-11-30"))
    people = {protected(peksos, name=name, birth_date=born) for name, born in names}
    before = len(entries(here))
    assert len(peksos.data(PEOPLE)) == 3
    [entry] = entries(here)[before:]
    assert set(entry.subjects) == people


def test_an_open_record_and_a_hidden_one_leave_none(here: Office) -> None:
    psm, peksos = Asking(here, "psm"), Asking(here, "peksos")
    plain = registered(psm, name="Hasna Lamusu", birth_date="1961-05-01")
    hidden = protected(peksos)
    before = len(entries(here))
    assert psm.data(f"{PEOPLE}/{plain}")["sight"] == "full"
    assert psm.get(f"{PEOPLE}/{hidden}").status_code == 404
    assert len(entries(here)) == before


def test_readings_that_no_view_has_folded_cost_no_question_and_hide_nothing_recorded_after_them(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    peksos, psm = Asking(here, "peksos"), Asking(here, "psm")
    person, asked = protected(peksos), here.reader.only

    def looked_for(*_: object) -> None:
        raise AssertionError("the sign-in had asked already")

    for count, name in enumerate(("Hasna Lamusu", "Rosmin Tuli"), 1):
        peksos.data(f"{PEOPLE}/{person}")
        monkeypatch.setattr(here.reader, "only", looked_for)
        peksos.data(f"{PEOPLE}/{person}")
        monkeypatch.setattr(here.reader, "only", asked)
        registered(psm, name=name, birth_date="1961-05-01")
        assert len(psm.data(PEOPLE)) == count, "shown at once, though readings stand before it"


def test_without_an_entry_nothing_is_shown(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    peksos = Asking(here, "peksos")
    person = protected(peksos)

    def full(*_: object) -> None:
        raise LogUnavailable("disk full")

    monkeypatch.setattr(here.log, "record", full)
    answer = peksos.get(f"{PEOPLE}/{person}")
    assert answer.status_code == 503
    assert answer.get_json()["rule"] == "reading_not_recorded"
    assert "Siti" not in answer.get_data(as_text=True)
    assert peksos.get("/api/v1/villages").status_code == 200


def test_a_persons_trail_is_shown_to_those_who_supervise_and_the_auditors_own_reading_is_in_it(here: Office) -> None:
    peksos, auditor, dpo = Asking(here, "peksos"), Asking(here, "auditor"), Asking(here, "dpo")
    person = registered(peksos)
    record(here, lambda decision: typed(decision.load(Beneficiary, person)))
    peksos.data(f"{PEOPLE}/{person}")
    assert auditor.data(f"{PEOPLE}/{person}")["sight"] == "masked"
    trail = dpo.data(f"{PEOPLE}/{person}/readings")
    assert [(row["by"], row["name"], row["people"]) for row in trail] == [
        (auditor.account, "auditor", 1),
        (peksos.account, "peksos", 1),
    ]
    assert [row["by"] for row in auditor.data(f"{PEOPLE}/{person}/readings")] == [auditor.account, peksos.account]
    assert peksos.get(f"{PEOPLE}/{person}/readings").status_code == 403
    mine = dpo.data("/api/v1/readings", account=peksos.account)
    assert [row["subject"] for row in mine] == [person]


def test_the_trail_comes_in_pages(here: Office) -> None:
    peksos, dpo = Asking(here, "peksos"), Asking(here, "dpo")
    person = protected(peksos)
    for _ in range(5):
        peksos.data(f"{PEOPLE}/{person}")
    whole = dpo.data(f"{PEOPLE}/{person}/readings")
    pages, cursor = [], None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        body = dpo.get(f"{PEOPLE}/{person}/readings", **query).get_json()
        pages += body["data"]
        cursor = body.get("next_cursor")
        if not cursor:
            break
    assert pages == whole
    assert len(whole) >= 5


def test_readings_alone_move_no_view_and_are_folded_when_the_trail_is_asked(here: Office) -> None:
    peksos = Asking(here, "peksos")
    person = protected(peksos)
    first = peksos.get(f"{PEOPLE}/{person}").get_json()
    for _ in range(3):
        again = peksos.get(f"{PEOPLE}/{person}").get_json()
        assert again["position"] == first["position"]
        assert again["behind"] is False
    assert here.reader.head()[0] > first["position"]
    trail = Asking(here, "dpo").get(f"{PEOPLE}/{person}/readings").get_json()
    assert trail["position"] == here.reader.head()[0]


def test_an_answer_before_a_reading_can_be_asked_again_as_of_its_position(here: Office) -> None:
    peksos = Asking(here, "peksos")
    person = protected(peksos)
    today = peksos.get(f"{PEOPLE}/{person}").get_json()
    peksos.data(f"{PEOPLE}/{person}")
    head = here.reader.head()[0]
    past = peksos.get(f"{PEOPLE}/{person}", as_of=head).get_json()
    assert past["data"] == today["data"]
    assert entries(here)[-1].at == past["position"]


def test_a_command_that_is_refused_leaves_an_entry_for_whom_its_refusal_shows(here: Office) -> None:
    peksos = Asking(here, "peksos")
    person = protected(peksos)
    before = len(entries(here))
    again = {"name": "Siti Rahma", "birth_date": "2014-02-03", "sex": "P"}
    refused = peksos.post(PEOPLE, {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": again})
    assert refused.get_json()["rule"] == "probable_duplicates"
    assert refused.get_json()["errors"]["duplicates"][0]["person"]["name"] == "Siti Rahma"
    [entry] = entries(here)[before:]
    assert (entry.subjects, entry.resource) == ((person,), "POST /api/v1/beneficiaries")


def test_search_leaves_an_entry_for_what_it_opened(here: Office) -> None:
    peksos = Asking(here, "peksos")
    person = protected(peksos)
    before = len(entries(here))
    answer = peksos.post("/api/v1/people/search", {"name": "Siti Rahma"})
    assert [row["id"] for row in answer.get_json()["data"]] == [person]
    [entry] = entries(here)[before:]
    assert entry.resource == "POST /api/v1/people/search"
    assert entry.subjects == (person,)


def test_a_persons_history_does_not_tell_readings(here: Office) -> None:
    peksos = Asking(here, "peksos")
    person = protected(peksos)
    peksos.data(f"{PEOPLE}/{person}")
    topics = [entry["topic"] for entry in peksos.data(f"{PEOPLE}/{person}/history")["entries"]]
    assert topics
    assert not [topic for topic in topics if topic.startswith("reading")]


def test_an_export_of_opened_parts_is_in_everybodys_trail(here: Office, tmp_path: Path) -> None:
    peksos, dpo = Asking(here, "peksos"), Asking(here, "dpo")
    person = protected(peksos)
    here.trail.everything(account="wahana events export", post="pengelola sistem", resource="wahana events export")
    [latest, *_] = dpo.data(f"{PEOPLE}/{person}/readings")
    assert latest["by"] == "wahana events export"
    assert latest["subject"] == "*"


def test_the_entry_holds_nothing_that_was_asked_or_read(here: Office) -> None:
    peksos = Asking(here, "peksos")
    protected(peksos)
    peksos.post("/api/v1/people/search", {"name": "Siti Rahma"})
    texts = [row.text for row in here.log.stored(0, 10_000) if row.topic == "reading.made"]
    assert texts
    for text in texts:
        assert "Siti" not in text
        assert set(json.loads(text)) <= {
            *("id", "stream", "version", "topic", "schema", "on", "position", "recorded", "by", "post", "source"),
            *("resource", "subjects", "opened", "at"),
        }
