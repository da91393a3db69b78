"""Whoever chooses English reads labels of lists and sentences of refusals in English too; the office's records stay as
they are kept."""

import re
from collections.abc import Callable, Iterator
from string import Formatter

import pytest

from domain.instruments import AnswerMissing
from domain.refusals import UnknownCode
from domain.wksbm_legal import BoardIncomplete, NotReadyForRatification
from service.api import rules
from service.log.ids import new_id
from service.office import Office
from service.web import spoken, words
from tests.house import catalogues, told
from tests.service.offices import Asking, application, person
from tests.service.test_api_cases import assessed, opened
from tests.service.test_web_referrals import referred
from tests.service.web_pages import page, sent, text

Client = Callable[[str], Asking]
_PLACES = re.compile(r"\{\w*\}")
_MISSING = "Question “Income is not sufficient” is not answered yet."


@pytest.fixture
def worker(client: Client) -> Asking:
    """A case worker who reads English."""
    found = client("tksk")
    found.client.set_cookie(words.COOKIE, "en")
    return found


def test_a_case_tells_risk_channel_and_services_in_english(office: Office, worker: Asking) -> None:
    case = assessed(office, worker)
    shown = page(worker, f"/kasus/{case}")
    assert "Risk high" in shown
    for kept in ("tinggi", "Kunjungan rumah", "Segera", "pekan"):
        assert kept not in shown.partition('class="story"')[0], kept


def test_the_menu_names_many_and_a_page_one(office: Office, worker: Asking) -> None:
    shown = page(worker, f"/kasus/{opened(office, worker)}")
    menu = re.findall(r">([^<]+)</a></li>", shown[shown.index('<ul class="menu">') : shown.index("</nav>")])
    assert menu[1:6] == ["Villages", "Beneficiaries", "Cases", "Referrals", "Disasters"]
    assert "<title>Case " in shown
    for path, title in (("/desa", "Villages"), ("/bencana", "Disasters")):
        assert f"<title>{title} " in page(worker, path)
    for role in ("psm", "tksk", "kades", "mitra", "peksos", "pengurus_wksbm"):
        named = re.findall(r"(?:Open|at|At) <b>([^<]+)</b>", page(worker, f"/bantuan/{role}"))
        assert {*named} & {*menu}, role
        assert not {*named} & {"Case", "Beneficiary", "Referral", "Desa"}, role
    assert ">Desa</a></li>" in page(Asking(office, "peksos"), "/"), "one word of Indonesian is one and many"


def test_a_list_and_a_count_name_many_and_a_label_one(office: Office, client: Client, worker: Asking) -> None:
    _, case, referral = referred(office, client)
    listed = re.findall("<h2>([^<]+)", page(worker, f"/kasus/{case}"))
    assert {"Tasks", "Visits", "Referrals"} <= set(listed)
    assert "<dt>Beneficiary</dt>" in page(worker, f"/rujukan/{referral}")
    board = page(worker, "/desa")
    assert "<span>Villages: " in board
    assert '<th scope="col" class="n">Beneficiaries, ordinary data</th>' in board
    assert '<th scope="col">Village</th>' in board


def test_a_form_offers_its_codes_in_english(office: Office, worker: Asking) -> None:
    case = opened(office, worker)
    shown = page(worker, f"/catat/case.terminate?stream={case}")
    assert {"Goal achieved", "Fully referred", "Died"} <= set(_options(shown)), shown
    assert not {"Tujuan tercapai", "Dirujuk penuh", "Meninggal dunia"} & set(_options(shown))
    kinds = page(worker, f"/catat/beneficiary.classify?stream={person(office)}")
    assert "Neglected older person" in kinds
    assert "Child in conflict or contact with the law (ABH)" in kinds
    assert "Lanjut usia telantar" not in kinds
    questions = page(worker, f"/kasus/{case}/isi/asesmen?alat=umum")
    assert "Income is not sufficient" in questions or "Daily food needs are not met" in questions


def test_a_refused_form_says_why_in_english(office: Office, worker: Asking) -> None:
    case = opened(office, worker)
    plan = {"goals.0.title": "Makan tiga kali", "goals.0.kind": "L07", "goals.0.owner": worker.account}
    ready = {"kunci": new_id(), **plan, "goals.0.due": "2026-04-01"}
    answer = sent(worker, f"/catat/case.review_progress?stream={case}", {"kunci": new_id()})
    shown = text(answer, 422)
    assert "Required." in shown
    assert "Wajib diisi" not in shown
    early = text(sent(worker, f"/kasus/{case}/isi/rencana", ready), 409)
    assert "A plan needs an assessment; one that was returned is made again first." in early
    assert "Rencana intervensi hanya" not in early


def test_a_page_that_is_not_there_and_a_failed_sign_in_say_so_in_english(worker: Asking) -> None:
    assert "Record not found." in page(worker, f"/kasus/{new_id()}", status=404)
    wrong = worker.client.post("/masuk", data={"login": worker.login, "password": "salah"})
    assert "Wrong sign-in name or password." in text(wrong, 401)


def test_the_api_keeps_its_sentences_and_a_letter_its_words(office: Office, worker: Asking, client: Client) -> None:
    refused = worker.get(f"/api/v1/cases/{new_id()}")
    assert refused.json is not None
    assert refused.json["detail"] == "Catatan tidak ditemukan."
    _, _, referral = referred(office, client)
    letter = page(worker, f"/rujukan/{referral}/surat")
    article = letter.partition("<article")[2].partition("</article>")[0]
    assert "Dengan hormat" in article
    assert "Mohon jawaban paling lambat" in article
    assert "Print this page" in letter


def _options(shown: str) -> list[str]:
    return [one.partition("</option>")[0].rpartition(">")[2].strip() for one in shown.split("<option")[1:]]


class TestSentences:
    @pytest.fixture(autouse=True)
    def english(self, office: Office) -> Iterator[None]:
        """The words of a page in English."""
        with application(office).test_request_context(headers={"Cookie": f"{words.COOKIE}=en"}):
            yield

    @pytest.mark.parametrize(
        ("kept", "other"),
        [
            ("Catatan tidak ditemukan.", "Record not found."),
            ("Paling banyak 200.", "At most 200."),
            ("Antara 1 dan 60.", "Between 1 and 60."),
            (str(AnswerMissing(question="Pendapatan tidak mencukupi")), _MISSING),
            (
                str(NotReadyForRatification(missing="pembentukan, ketua")),
                "Cannot be ratified yet. Missing: forming, chair.",
            ),
            (str(BoardIncomplete(vacant="ketua dan sekretaris")), "The board must name its chair and secretary."),
            (
                str(UnknownCode(code="x", listing="saluran pendaftaran")),
                "Code “x” is not on the list channel of registration.",
            ),
            ("Kalimat yang tidak dikenal siapa pun.", "Kalimat yang tidak dikenal siapa pun."),
            ("", ""),
        ],
    )
    def test_keep_what_the_rule_put_into_them(self, kept: str, other: str) -> None:
        assert spoken.sentence(kept) == other

    def test_of_every_rule_come_out_filled_with_the_same_values(self) -> None:
        for rule in rules.rules():
            names = [name for _, name, _, _ in Formatter().parse(rule.sentence) if name]
            values = {name: f"7{place}" for place, name in enumerate(dict.fromkeys(names), 1)}
            said = spoken.sentence(rule.sentence.format(**values))
            assert said != rule.sentence.format(**values), rule.name
            assert all(value in said for value in values.values()), said


def test_every_list_and_every_rule_has_english_words() -> None:
    english = {one.id: one.string for one in catalogues.stored("en") if one.id}
    kept = told.everything()
    assert len(told.labels()) > 500
    assert len(told.sentences()) > 250
    for one in kept:
        assert english.get(one, "").strip(), one
        assert sorted(_PLACES.findall(english[one])) == sorted(_PLACES.findall(one)), one


def test_an_indonesian_page_looks_nothing_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*words: str) -> str:
        raise AssertionError(words)

    monkeypatch.setattr(spoken, "gettext", never)
    with application(office).test_request_context():
        assert spoken.said("Banjir") == "Banjir"
        assert spoken.sentence("Wajib diisi.") == "Wajib diisi."
        assert words.word("banjir", "incident.kinds") == "Banjir"


def test_what_is_wrong_with_a_field_is_said_in_indonesian_by_the_api(office: Office, client: Client) -> None:
    answer = client("tksk").post("/api/v1/cases", {"channel": 7, "urgency": "x" * 61, "lain": 1, "on": "kemarin"})
    assert answer.json is not None
    assert answer.json["errors"]["json"] == {
        "beneficiary": ["Wajib diisi."],
        "channel": ["Bukan teks."],
        "urgency": ["Tulis tanpa spasi: huruf, angka, dan garis bawah."],
        "lain": ["Isian ini tidak dikenal."],
        "on": ["Bukan tanggal yang sah."],
    }
