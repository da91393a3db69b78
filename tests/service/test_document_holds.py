"""A court holds one document: who records that and who reads the copy."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.beneficiary import Beneficiary
from domain.beneficiary_hold import NoSuchHold
from service.log.ids import new_id
from service.log.vault import held_label
from service.office import Office
from tests.service.offices import VILLAGE, Asking, record, restrict
from tests.service.test_api_wksbm import uploaded

Client = Callable[[str], Asking]
WHY = "Bukti perkara perdata"
ROLES = ("peksos", "supervisor", "kepala_dinas", "dpo", "auditor", "kades", "tksk", "psm")
HOLDERS = ("supervisor", "kepala_dinas", "dpo")
LETTER = [{"kind": "surat", "number": "12/PN-LBT/2026"}]


@pytest.fixture
def papers(client: Client) -> tuple[str, str, str]:
    """Somebody with two documents, which her worker handed in: she, one, the other."""
    worker, person = client("peksos"), new_id()
    one, other = (uploaded(worker, person, words) for words in (b"Kartu tanda penduduk", b"Surat nikah"))
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"name": "Rahma Katili"}}
    evidence = [{"kind": "ktp", "file": one}, {"kind": "surat", "file": other}]
    worker.done("/api/v1/beneficiaries", {**body, "id": person, "evidence": evidence})
    return person, one, other


def test_a_hold_is_recorded_over_http_and_listed(client: Client, papers: tuple[str, str, str]) -> None:
    worker, supervisor, auditor = client("peksos"), client("supervisor"), client("auditor")
    person, file, _ = papers
    other = new_id()
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"name": "Yusuf Pakaya"}}
    worker.done("/api/v1/beneficiaries", {**body, "id": other})
    at = f"/api/v1/beneficiaries/{person}/document-holds"
    held = {"document": file, "reason": WHY, "evidence": LETTER}
    assert worker.post(at, held).status_code == 403
    assert supervisor.refused(at, {**held, "document": new_id()}) == "not_her_document"
    assert supervisor.refused(f"/api/v1/beneficiaries/{other}/document-holds", held) == "not_her_document"
    assert supervisor.refused(at, {**held, "evidence": []}) == "hold_needs_paper"
    name = new_id()
    supervisor.done(at, {**held, "hold": name})
    assert supervisor.refused(at, {**held, "hold": file}) == "not_her_document", "the id of another file"

    (row,) = supervisor.data("/api/v1/retention/held-documents")
    assert (row["hold"], row["reason"], row["papers"]) == (name, WHY, LETTER[0]["number"])
    assert row["prevents"] == ["ditahan", "warga_belum_dimusnahkan"]
    assert [one["reason"] for one in auditor.data("/api/v1/retention/held-documents")] == [None]
    assert worker.get("/api/v1/retention/held-documents").status_code == 403
    history = f"/api/v1/beneficiaries/{person}/history"
    sentences = {who.role: who.data(history)["entries"][-1]["sentence"] for who in (supervisor, worker)}
    assert WHY in sentences["supervisor"]
    assert sentences["peksos"].endswith("Alasan: [tersegel].")
    version = supervisor.data(history)["entries"][-1]["version"]
    assert supervisor.get(f"/api/v1/streams/{person}/events/{version}").get_json()["rule"] == "decision_stands"
    lifting = {"reason": "Perkara selesai", "evidence": LETTER}
    assert supervisor.refused(f"{at}/{new_id()}/lifting", lifting) == NoSuchHold.RULE
    supervisor.done(f"{at}/{name}/lifting", lifting)
    (row,) = supervisor.data("/api/v1/retention/held-documents")
    assert (row["lifted_on"] is not None, row["due"], row["reason"]) == (True, False, None)


def test_a_copy_is_read_by_whoever_may_read_the_document_and_after_the_lifting_by_nobody(
    client: Client, papers: tuple[str, str, str]
) -> None:
    """The head of the office records holds and reads no papers: he gets none by holding it himself."""
    head, everybody = client("kepala_dinas"), [client(role) for role in ROLES]
    person, file, _ = papers
    at, name = f"/api/v1/beneficiaries/{person}/document-holds", new_id()
    held = {"document": file, "hold": name, "reason": WHY, "evidence": LETTER}
    assert head.refused(at, {**held, "evidence": []}) == "hold_needs_paper"
    assert head.get(f"/api/v1/files/{name}").status_code == 404
    head.done(at, held)
    assert {who.role: who.get(f"/api/v1/files/{name}").status_code for who in everybody} == {
        who.role: who.get(f"/api/v1/files/{file}").status_code for who in everybody
    }
    assert head.get(f"/api/v1/files/{name}").status_code == 404
    assert client("supervisor").get(f"/api/v1/files/{name}").status_code == 200
    readable = {who: client(who).data("/api/v1/retention/held-documents")[0]["readable"] for who in HOLDERS}
    assert readable == {"supervisor": True, "kepala_dinas": False, "dpo": False}
    head.done(f"{at}/{name}/lifting", {"reason": "Perkara selesai", "evidence": LETTER})
    assert not [who.role for who in everybody if who.get(f"/api/v1/files/{name}").status_code == 200]


def test_whom_a_list_of_then_names_is_decided_by_the_rights_of_today(
    office: Office, client: Client, papers: tuple[str, str, str]
) -> None:
    """She became strictly restricted since: for the head of the office she is in no list, of no moment."""
    supervisor, head = client("supervisor"), client("kepala_dinas")
    person, file, _ = papers
    held = {"document": file, "reason": WHY, "evidence": LETTER}
    supervisor.done(f"/api/v1/beneficiaries/{person}/document-holds", held)
    before = office.reader.head()[0]
    lists = {"/api/v1/retention/held-documents": "beneficiary", "/api/v1/retention/due": "id"}
    for path, name in lists.items():
        assert [row[name] for row in head.data(path, as_of=before)] == [person]
    record(office, lambda decision: restrict(decision, decision.load(Beneficiary, person)))
    for path in lists:
        assert head.data(path) == head.data(path, as_of=before) == []


def test_a_copy_that_no_hold_refers_to_is_read_by_nobody(
    office: Office, client: Client, papers: tuple[str, str, str]
) -> None:
    person, file, _ = papers
    copy = office.files.held_copy(file, subject=person, label=held_label("x"), id=new_id())
    assert {client(role).get(f"/api/v1/files/{copy.id}").status_code for role in ROLES} <= {403, 404}


def test_nobody_hands_in_the_copy_of_a_hold_that_was_refused_as_a_paper_of_his_own(
    client: Client, papers: tuple[str, str, str]
) -> None:
    """The copy is made while it is decided: what is refused after that leaves it behind, under a number that he chose."""
    head, (person, file, _), copy = client("kepala_dinas"), papers, new_id()
    held = {"document": file, "hold": copy, "reason": WHY, "evidence": LETTER}
    at = f"/api/v1/beneficiaries/{person}"
    assert head.post(f"{at}/document-holds", held, **{"If-Match": '"99999"'}).status_code == 412
    paper = {"reason": WHY, "evidence": [{**LETTER[0], "file": copy}]}
    assert head.refused(f"{at}/holds", paper) == "file_of_another"
    assert head.get(f"/api/v1/files/{copy}").status_code == 404
    head.done(f"{at}/document-holds", held)
    assert head.get(f"/api/v1/files/{copy}").status_code == 404
    assert client("supervisor").get(f"/api/v1/files/{copy}").status_code == 200


def test_a_hold_keeps_the_document_that_it_names_and_no_other(
    office: Office, client: Client, papers: tuple[str, str, str]
) -> None:
    supervisor = client("supervisor")
    person, one, other = papers
    at, name = f"/api/v1/beneficiaries/{person}/document-holds", new_id()
    office.files.held_copy(one, subject=person, label=held_label(name), id=name)  # and then something failed
    held = {"document": one, "hold": name, "reason": WHY, "evidence": LETTER}
    assert supervisor.refused(at, {**held, "document": other}) == "not_her_document"
    supervisor.done(at, held)
    assert supervisor.refused(at, {**held, "document": other}) == "hold_taken"
    assert office.files.open(name)[1] == b"Kartu tanda penduduk"
