"""The pages for everybody: coverage with safe counts, a referral's step by its ticket, the check of a receipt."""

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.referral import Referral
from service.api import tickets
from service.log.ids import new_id
from service.office import Office
from service.receipts import Receipts
from tests.service.offices import VILLAGE, Asking, application, make_office, person
from tests.service.test_api_boards import ratified
from tests.service.test_api_consents import agreed, withdrawn
from tests.service.test_api_referrals import sent
from tests.service.test_api_wksbm import begun
from tests.service.test_review_past import tightened
from tests.service.test_safe_figures import NEAR, Moments
from tests.service.test_web_referrals import referred
from tests.service.web_pages import text

Client = Callable[[str], Asking]
TICKET = re.compile(r"\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}\b")


@pytest.fixture
def stranger(office: Office) -> FlaskClient:
    return application(office).test_client()


def row_of(page: str, village: str) -> list[str]:
    """The cells of a village's row on the public page; its kecamatan stands below its name."""
    found = re.search(rf'<tr id="d{village}">(.*?)</tr>', page, re.DOTALL)
    assert found
    cells = "<br>".join(re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", found[1])).split("<br>")
    return [unescape(re.sub("<[^>]*>", "", cell)).strip() for cell in cells]


def test_planners_take_the_table_as_a_file_in_which_nobody_is_recognised(
    office: Office, client: Client, stranger: FlaskClient
) -> None:
    begun(client("kades"))
    answer = stranger.get("/publik/desa.csv")
    assert answer.content_type.startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "Set-Cookie" not in answer.headers
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert len(rows) == 205
    page = text(stranger.get("/publik", headers={"Accept": "text/html"}))
    for row in rows:
        shown = row_of(page, row["kode"])
        assert (row["desa_kelurahan"], row["kecamatan"]) == (shown[0], shown[1])
        assert (row["warga_tercatat"] or "*") == shown[3]
        assert row["warga_tercatat"] == "" or int(row["warga_tercatat"]) not in range(1, 5)
    assert {row["kode"]: row["tahap_wksbm"] for row in rows}[VILLAGE] == "dirintis"
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())


def asked(stranger: FlaskClient, ticket: str, address: str = "10.1.2.3") -> TestResponse:
    return stranger.post("/publik/rujukan", data={"tiket": ticket}, environ_overrides={"REMOTE_ADDR": address})


def ticket_on(worker: Asking, referral: str) -> str:
    """The ticket number that stands on the letter; empty when there is none."""
    found = TICKET.search(text(worker.get(f"/rujukan/{referral}/surat")))
    return found[0] if found else ""


def test_coverage_is_shown_to_everybody_without_a_cookie(office: Office, client: Client, stranger: FlaskClient) -> None:
    begun(client("kades"))
    answer = stranger.get("/publik", headers={"Accept": "text/html"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Cookie" in answer.headers["Vary"]
    assert page.count("<rect class=") == 205 + 5, "the villages and the key"
    assert page.count('<a href="#d75.01.') == 205
    assert set(re.findall(r'href="#(d[^"]+)"', page)) <= set(re.findall(r'id="(d[^"]+)"', page))
    assert row_of(page, VILLAGE)[2] == "Dirintis"
    assert row_of(page, NEAR)[2:] == ["Belum ada", "0"]
    assert '<a href="/publik">' in stranger.get("/masuk").get_data(as_text=True)


def boxes(page: str) -> dict[str, int]:
    """The numbers in the boxes of a page, by what they are called."""
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd>(?:<a[^>]*>)?(\d+)", page)
    return {unescape(re.sub("<[^>]*>", "", name)): int(number) for name, number in found}


def test_a_decree_in_force_is_told_apart_from_one_that_ever_was_in_the_words_of_coverage(
    client: Client, stranger: FlaskClient
) -> None:
    supervisor = client("supervisor")
    ratified(supervisor, term_until="2020-12-31")
    ratified(supervisor, NEAR, term_until="2030-12-31")
    page, coverage = stranger.get("/publik").get_data(as_text=True), text(supervisor.get("/cakupan"))
    assert (boxes(page)["SK berlaku"], boxes(page)["Sah: pernah ber-SK"]) == (1, 2)
    assert boxes(coverage)["SK berlaku"] == boxes(page)["SK berlaku"]
    assert "belum dibubarkan dan SK-nya berlaku pada hari itu" in page
    assert "WKSBM-nya pernah ditetapkan dengan SK" in page
    assert "tingkat kerahasiaan" not in page, "a word of the office"
    assert "“Sah” pernah ber-SK, walau SK-nya sudah berakhir" in coverage


def test_the_public_pages_ask_and_tell_nobody_who_she_is(client: Client, stranger: FlaskClient) -> None:
    signed = client("supervisor")
    for path in ("/publik", "/publik/rujukan", "/publik/tanda-terima"):
        plain, known = stranger.get(path), signed.get(path)
        assert plain.get_data() == known.get_data(), path
        assert "Set-Cookie" not in known.headers
        assert not re.findall(r'(?:href|src|action)="(?!/|#)[^"]*"', plain.get_data(as_text=True))
    listed, command = re.findall(r"Minta tiga berkas(.*?)</li>|<pre[^>]*>(.*?)</pre>", plain.get_data(as_text=True))
    for file in ("casebook.zip", "verify_casebook.py", "office.policy"):
        assert file in listed[0], "whoever is to run a program is told where it comes from"
        assert file in command[1]


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[tuple[Office, Moments]]:
    clock = Moments()
    made = make_office(tmp_path, database_url, now=clock)
    yield made, clock
    made.close()


def test_small_counts_are_not_told_and_the_strictly_restricted_are_in_none(here: tuple[Office, Moments]) -> None:
    office, clock = here
    for village, tier, number in ((VILLAGE, 1, 2), (NEAR, 1, 6), (NEAR, 3, 3), ("75.01.04.2003", 1, 9)):
        for _ in range(number):
            person(office, village, tier)
    stranger = application(office).test_client()

    def people(*villages: str) -> list[str]:
        page = stranger.get("/publik").get_data(as_text=True)
        return [row_of(page, village)[3] for village in villages]

    assert people(VILLAGE, NEAR, "75.01.04.2003") == ["0", "0", "0"], "at the end of February there was nobody"
    clock.time = datetime(2026, 4, 2, tzinfo=UTC)
    assert people(VILLAGE, NEAR, "75.01.04.2003") == ["*", "*", "9"], "two, and six that would give them away"
    for _ in range(3):  # nothing of this month is told before it is over
        person(office, "75.01.04.2003")
    someone = person(office, "75.01.04.2003")
    tightened(office, someone)
    assert people("75.01.04.2003") == ["9"]
    clock.time = datetime(2026, 5, 2, tzinfo=UTC)
    assert people("75.01.04.2003") == ["12"]


def test_a_ticket_tells_the_step_and_nothing_else(office: Office, client: Client, stranger: FlaskClient) -> None:
    worker, _case, referral = referred(office, client)
    ticket = ticket_on(worker, referral)
    assert ticket
    assert "460" not in ticket
    page = text(asked(stranger, ticket))
    assert "Langkah rujukan ini: <strong>Menunggu jawaban</strong>" in page
    worker.done(f"/api/v1/referrals/{referral}/acceptance", {"channel": "telepon"})
    typed = ticket.lower().replace("-", " ").replace("o", "0").replace("b", "8")
    page = text(asked(stranger, typed))
    assert "<strong>Diterima</strong>" in page
    told = office.log.load(Referral, referral)
    names = ("Puskesmas", "Warga Uji", "460/12", "telepon", VILLAGE, "Bulila")
    for content in (*names, referral, told.case, told.beneficiary):
        assert content not in page, content
    assert asked(stranger, ticket).headers["Cache-Control"] == "no-store"


def test_unknown_and_hidden_referrals_are_answered_alike(office: Office, client: Client, stranger: FlaskClient) -> None:
    unknown = asked(stranger, tickets_in(office, new_id()), "10.0.0.1")
    assert unknown.status_code == 404
    worker, _case, strict = referred(office, client)
    found = {"strict": strict}
    assert ticket_on(worker, strict)
    tightened(office, office.log.load(Referral, strict).beneficiary)
    _, case, found["restricted"] = referred(office, client)
    client("dpo").done(
        f"/api/v1/beneficiaries/{worker.data(f'/api/v1/cases/{case}')['beneficiary']}/processing-restriction",
        {"ground": "permintaan"},
    )
    _, case, _ = referred(office, client)
    someone = worker.data(f"/api/v1/cases/{case}")["beneficiary"]
    consent = agreed(worker, someone, recipient="Puskesmas Limboto")
    found["withdrawn"] = sent(worker, case, consent=consent)
    assert asked(stranger, tickets_in(office, found["withdrawn"]), "10.0.0.2").status_code == 200
    withdrawn(worker, someone, consent)
    assert ticket_on(worker, found["withdrawn"]) == ""
    for why, referral in found.items():
        answer = asked(stranger, tickets_in(office, referral), "10.0.0.3")
        assert (answer.status_code, answer.get_data()) == (404, unknown.get_data()), why
        assert dict(answer.headers).keys() == dict(unknown.headers).keys()


def tickets_in(office: Office, referral: str) -> str:
    with application(office).app_context():
        return tickets.ticket(referral)


def test_tickets_do_not_follow_one_another_and_need_the_offices_secret(office: Office, tmp_path: Path) -> None:
    ids = [new_id(1_780_000_000_000) for _ in range(2000)]
    made = [tickets_in(office, id) for id in ids]
    assert len(set(made)) == len(made)
    for place in (*range(4), *range(5, 9)):  # also the part that says when: every letter stands anywhere
        assert len({one[place] for one in made}) == 32, place
    with application(office).app_context():
        altered = 0
        for one, place in itertools.product(made[:20], (0, 6, 12, 18)):
            other = one[:place] + ("A" if one[place] != "A" else "C") + one[place + 1 :]
            try:
                tickets.state_of(other, f"10.{altered}.0.1")
                altered += 1
            except tickets.Mistyped:
                pass
    assert altered <= 4, "nearly everything that is mistyped is found out"


def test_guessing_is_slowed_down_by_network_and_mistyping_is_not(
    office: Office, client: Client, stranger: FlaskClient
) -> None:
    worker, _case, referral = referred(office, client)
    ticket = ticket_on(worker, referral)
    for _ in range(20):
        assert asked(stranger, ticket[:-1]).status_code == 422
    for _ in range(5):
        assert asked(stranger, tickets_in(office, new_id())).status_code == 404
    stopped = asked(stranger, tickets_in(office, new_id()), "10.1.2.250")
    assert stopped.status_code == 429
    assert int(stopped.headers["Retry-After"]) >= 1
    assert asked(stranger, ticket).status_code == 429, "the right one must not be told from the others"
    assert asked(stranger, ticket, "10.1.3.3").status_code == 200


def test_a_receipt_is_found_genuine_and_an_altered_one_is_not(
    office: Office, client: Client, stranger: FlaskClient
) -> None:
    note = client("kades").done("/api/v1/wksbm", {"village": VILLAGE, "name": "WKSBM Huyula", "on": "2026-03-02"})[
        "receipt"
    ]
    for pasted in (note, note.replace("\n", "\r\n"), f"\n {note.strip()}  \n"):
        page = text(stranger.post("/publik/tanda-terima", data={"teks": pasted}))
        assert "Asli, dan catatannya masih utuh." in page
        assert "belum tercakup" in page
    position = re.findall(r"^(\d+) ", note, re.MULTILINE)[0]
    for wrong in (note.replace(f"\n{position} ", f"\n{int(position) + 1} "), note[:-9], "", "x" * 30_000, note + note):
        page = text(stranger.post("/publik/tanda-terima", data={"teks": wrong}), 422)
        assert "bukan tanda terima dari kantor ini" in page
    foreign = Receipts(office.config.log_origin, b"x" * 32)._signer.note(note.rpartition("\n\n")[0] + "\n")
    assert "bukan tanda terima" in text(stranger.post("/publik/tanda-terima", data={"teks": foreign}), 422)
    lost = office.receipts._signer.note(re.sub(rf"\n{position} ", "\n1 ", note.rpartition("\n\n")[0] + "\n"))
    page = text(stranger.post("/publik/tanda-terima", data={"teks": lost}))
    assert "catatannya sekarang tidak sama" in page
