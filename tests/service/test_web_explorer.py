"""The pages of the log: events with their proofs, replays, samples, readings."""

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from domain.beneficiary import Beneficiary
from projections.sentences.reading import opened as opened_in_words
from service.api import feed
from service.api.cases_sampled import draws
from service.casebook import Decision
from service.log.ids import new_id
from service.office import Office
from service.web import explorer
from service.web.words import ending
from tests.service.offices import VILLAGE, Asking, application, person, record
from tests.service.test_api_cases import DAY, opened
from tests.service.test_api_wksbm import NEXT_DOOR
from tests.service.test_emergencies import hidden
from tests.service.test_log_proofs import seal
from tests.service.test_web_printed import scanned
from tests.service.web_office import opened as asked_for
from tests.service.web_office import page, told
from tools import verify_casebook

Client = Callable[[str], Asking]


def test_an_auditor_reads_events_with_their_hashes(office: Office, client: Client) -> None:
    auditor, worker = client("auditor"), client("tksk")
    case = opened(office, worker)
    head = office.reader.head()[0]
    html = page(auditor, "/jejak")
    assert "Belum ada titik periksa" in html
    assert f"/jejak/peristiwa/{head}" in html
    assert "Rahasia keluarga" not in html
    [form] = re.findall(r'<form class="filter" method="get" action="([^"]+)">(.*?)</form>', html, re.DOTALL)
    fields = dict(re.findall(r'name="(\w+)"[^>]* value="(\d+)"', form[1]))
    lines = auditor.get(form[0], **fields).get_data(as_text=True).splitlines()
    assert [json.loads(line)["position"] for line in lines] == list(range(1, len(lines) + 1))
    assert len(lines) >= head
    assert f"/jejak/peristiwa/{head}" not in page(auditor, "/jejak", per="2020-01-01"), "nothing later than the day"
    assert "/jejak/peristiwa/" not in page(auditor, "/jejak", posisi=0)
    html = page(auditor, f"/jejak/peristiwa/{head}")
    stored = auditor.get(f"/api/v1/events/{head}").get_json()
    assert stored["leaf"] in html
    assert "Belum di bawah titik periksa" in html
    assert f"/jejak/{case}" in html
    assert asked_for(auditor, f"/jejak/peristiwa/{head + 1}").status_code == 404
    assert asked_for(worker, "/jejak").status_code == 403


def test_pages_of_events_lead_back_to_the_first(client: Client) -> None:
    auditor = client("auditor")
    html = page(auditor, "/jejak", sampai=1)
    assert re.findall(r'href="/jejak/peristiwa/(\d+)"', html) == ["1"]
    assert "Terbaru" in html
    assert "Lebih lama" not in html
    assert "/jejak/peristiwa/1" in asked_for(auditor, "/jejak", cari="1").location
    assert f"/jejak/{VILLAGE}" in asked_for(auditor, "/jejak", cari=VILLAGE).location
    for said in ("Bulila", "bulila, telaga"):
        assert f"/jejak/{VILLAGE}" in asked_for(auditor, "/jejak", cari=said).location
    assert '<option value="Bulila, Telaga">' in page(auditor, "/jejak")
    assert asked_for(auditor, "/jejak", cari="entah apa").status_code == 404


def positions(html: str) -> list[int]:
    return [int(one) for one in re.findall(r'href="/jejak/peristiwa/(\d+)[?"]', html)]


def test_events_are_filtered_by_what_they_are_about_and_by_whom(
    office: Office, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor, worker = client("auditor"), client("tksk")
    opened(office, worker)
    log = [json.loads(one.text) for one in office.log.stored(0, 1000)][::-1]
    cases = [one["position"] for one in log if one["topic"].startswith("case.")]
    published = next(one["position"] for one in log if one["topic"].startswith("territory."))
    assert positions(page(auditor, "/jejak", tentang="case")) == cases
    hers = [one["position"] for one in log if one["by"] == worker.account]
    assert positions(page(auditor, "/jejak", akun=worker.account)) == hers
    assert positions(page(auditor, "/jejak", tentang="territory", akun=worker.account)) == []
    assert "Tidak ada yang cocok" in page(auditor, "/jejak", tentang="indicator")
    assert positions(page(auditor, "/jejak", tentang="territory", posisi=published)) == [published]
    everything = positions(page(auditor, "/jejak"))
    assert everything == sorted(everything, reverse=True)
    monkeypatch.setattr(feed, "LOOKED_THROUGH", 1)
    monkeypatch.setattr(explorer, "LOOKED_THROUGH", 1)
    html = page(auditor, "/jejak", tentang="territory")
    assert positions(html) == [], "only the last position was looked at"
    assert f"sampai={office.reader.head()[0] - 1}" in html
    assert auditor.get("/api/v1/events", before=2, noun="nobody").status_code == 422
    assert auditor.get("/api/v1/events", noun="case").status_code == 422


def test_what_was_opened_is_told_in_words(office: Office) -> None:
    pages = {str(rule) for rule in application(office).url_map.iter_rules() if rule.endpoint.startswith("pages.")}
    of_people = [
        rule
        for rule in pages
        if re.match(r"/(warga|kasus|rujukan|catat|koreksi|jejak|pengawasan|mengapa|bencana)", rule)
    ]
    assert len(of_people) > 15
    assert [rule for rule in of_people if "/" in opened_in_words(f"GET {rule}")] == []
    for rule, words in (
        ("beneficiaries/<stream>/history", "Riwayat"),
        ("people/<stream>/alike", "Perbandingan catatan yang mirip"),
        ("streams/<stream>/events/<int:version>", "Koreksi catatan"),
        ("figures/<figure>/events", "Baris di balik angka"),
    ):
        assert opened_in_words(f"GET /api/v1/{rule}") == words


def test_of_whom_processing_is_restricted_an_auditor_sees_the_place_only(office: Office, client: Client) -> None:
    auditor, someone = client("auditor"), person(office)

    def restrict(decision: Decision) -> None:
        decision.load(Beneficiary, someone).restrict_processing(on=office.today(), ground="permintaan", request=None)

    first = office.reader.head()[0]
    record(office, restrict)
    html = page(auditor, f"/jejak/peristiwa/{first}")
    assert "pemrosesannya dibatasi" in html
    assert someone not in html
    assert someone in page(client("dpo"), f"/jejak/peristiwa/{first}")


def test_a_case_is_replayed_step_by_step_with_what_changed(office: Office, client: Client) -> None:
    auditor, worker = client("auditor"), client("tksk")
    case = opened(office, worker)
    first = page(auditor, f"/jejak/{case}")
    assert "Langkah 1 dari 2" in told(first)
    assert 'rel="prev"' not in first
    [link] = set(re.findall(r'rel="next" href="([^"]+)"', first))
    second = page(auditor, link)
    assert "Langkah 2 dari 2" in told(second)
    assert 'rel="next"' not in second
    assert worker.account in second
    changed = told(second.partition("Yang berubah")[2].partition("Keadaan sesudah")[0])
    [slider] = re.findall(r'<input id="langkah" name="langkah" type="range" min="1" max="2" value="(\d)">', second)
    assert slider == "2"
    assert f"Petugas {worker.account}" in changed
    assert "Kegentingan" not in changed
    assert "Rahasia keluarga" not in first + second
    assert "Langkah 2 dari 2" in told(page(auditor, f"/jejak/{case}", langkah=99))
    assert asked_for(worker, f"/jejak/{case}").status_code == 403


def test_a_village_is_replayed_and_at_a_past_position_shorter(office: Office, client: Client) -> None:
    auditor = client("auditor")
    person(office)
    before = office.reader.head()[0]
    person(office)
    shown = page(auditor, f"/jejak/{VILLAGE}")
    assert "Langkah 1 dari 2" in told(shown)
    assert "<title>Putar ulang desa Bulila" in shown
    assert "<h1>Putar ulang desa Bulila</h1>" in shown
    assert f"<dd>Bulila ({VILLAGE})" in re.sub(r"<dd>\s+", "<dd>", shown)
    assert "Langkah 1 dari 1" in told(page(auditor, f"/jejak/{VILLAGE}", posisi=before))
    assert asked_for(auditor, "/jejak/75.01.02.2012").status_code == 404


def protect(office: Office, someone: str) -> None:
    """Give a person a type of tier 2, whose readings are written down."""

    def decide(decision: Decision) -> None:
        found = decision.load(Beneficiary, someone)
        found.classify(on=office.today(), classification=new_id(), type="fakir_miskin", tier=2, assessor="penyiap")

    record(office, decide)


def test_a_village_where_nothing_is_recorded_is_said_to_have_no_steps(client: Client) -> None:
    auditor = client("auditor")
    assert "Belum ada langkah yang dapat diputar ulang" in told(page(auditor, f"/jejak/{NEXT_DOOR}"))
    assert asked_for(auditor, "/jejak/75.01.99.2999").status_code == 404


def test_a_seed_draws_as_the_verifier_draws() -> None:
    for seed, size, count in (("undian 7", 500, 40), ("", 3, 10), ("x", 1, 1)):
        assert draws(seed, size, count) == verify_casebook.draws(seed, size, count)
    assert sorted(draws("semua", 9, 20)) == list(range(1, 10))


def test_a_sample_is_drawn_from_closed_cases_and_opens_nobody(office: Office, client: Client) -> None:
    auditor, worker = client("auditor"), client("tksk")
    cases = sorted(opened(office, worker) for _ in range(5))
    for case in cases:
        protect(office, worker.data(f"/api/v1/cases/{case}")["beneficiary"])
    closed, running = cases[:4], cases[4]
    for case in closed:
        worker.done(f"/api/v1/cases/{case}/closure", {"reason": "tujuan_tercapai", "outcome": "tercapai", "on": DAY})
    auditor.data("/api/v1/cases", open="false")
    readings = len(client("dpo").data("/api/v1/readings"))
    assert readings >= 4, "a list of people would be written down"
    html = page(auditor, "/jejak/sampel", benih="undian 7", banyak="3")
    drawn = re.findall(r'href="/jejak/([0-9a-f-]{36})"', html)
    assert drawn == [closed[place - 1] for place in draws("undian 7", 4, 3)]
    assert running not in html
    assert len(client("dpo").data("/api/v1/readings")) == readings
    refused = asked_for(auditor, "/jejak/sampel", benih="undian 7", banyak="nol")
    assert refused.status_code == 422
    assert 'value="undian 7"' in refused.get_data(as_text=True)


def test_who_read_of_a_protected_person_stands_on_the_page(office: Office, client: Client) -> None:
    auditor, supervisor, someone = client("auditor"), client("supervisor"), person(office)
    protect(office, someone)
    assert "Tidak ada pembacaan" in page(auditor, "/jejak/pembacaan", akun=supervisor.account)
    supervisor.data(f"/api/v1/beneficiaries/{someone}")
    html = page(auditor, "/jejak/pembacaan", akun=supervisor.account)
    [link] = re.findall(rf'<a href="([^"]*warga={someone}[^"]*)">Orang, Bulila \({ending(someone)}\)</a>', html)
    assert "Catatan warga" in told(page(auditor, unescape(link)))
    assert someone not in page(auditor, "/jejak/pembacaan", akun=client("peksos").account)
    assert "supervisor" in told(page(auditor, "/jejak/pembacaan", warga=someone))
    assert asked_for(client("kepala_dinas"), "/jejak/pembacaan").status_code == 403


def test_the_event_of_a_reading_tells_in_words_what_was_opened_and_of_whom(office: Office, client: Client) -> None:
    auditor, supervisor, someone, strict = client("auditor"), client("supervisor"), person(office), hidden(office)
    protect(office, someone)
    supervisor.client.get(f"/warga/{someone}", headers={"Authorization": f"Bearer {supervisor.token}"})
    by_page = office.reader.head()[0]
    supervisor.data(f"/api/v1/beneficiaries/{someone}/history")
    for position, what in ((by_page, "Catatan warga"), (by_page + 1, "Riwayat")):
        html = page(auditor, f"/jejak/peristiwa/{position}")
        shown = " ".join(told(html).split())
        assert "Jenis Pembacaan reading.made" in shown
        assert f"Yang dibuka {what} Warga Orang, Bulila ({ending(someone)})" in shown
        assert re.search(r"Dibuka \d+ bagian tersegel", shown)
        assert "GET" not in shown
        assert someone not in shown
        assert "GET /" in page(auditor, f"/jejak/peristiwa/{position}", teks="ya"), "as it is stored"
    by_admin = " ".join(told(page(client("admin"), f"/jejak/peristiwa/{by_page}")).split())
    assert f"Warga Warga ({ending(someone)})" in by_admin, "he does not read the trail"
    holder = client("tksk")
    access = holder.done("/api/v1/emergencies", {"beneficiary": strict, "reason": "Demam tinggi"})["id"]
    page(holder, f"/warga/{strict}", darurat=access)
    html = page(auditor, "/jejak/pembacaan", akun=holder.account)
    assert f">Orang ({ending(strict)})</a>" in html, "of whom not even the village is told"


def test_a_checkpoint_is_printed_with_its_code_to_be_signed(office: Office, client: Client, tmp_path: Path) -> None:
    admin, auditor = client("admin"), client("auditor")
    first = seal(office, tmp_path).size
    opened(office, client("tksk"))
    second = seal(office, tmp_path).size
    links = re.findall(r'href="(/jejak/titik-periksa/\d+)"', page(auditor, "/jejak"))
    assert links == [f"/jejak/titik-periksa/{size}" for size in (second, first)]
    codes = {one["size"]: one["root"] for one in admin.get("/api/v1/log/checkpoints").get_json()["checkpoints"]}
    for size, other in ((first, second), (second, first)):
        html = page(admin, f"/jejak/titik-periksa/{size}")
        sheet = " ".join(told(unescape(html)).split())
        code = codes[size]
        for fact in (f"Jumlah catatan {size} ", f"Kode pendek {code[:16]} ", f"Kode {code} ", "Saksi belum ada"):
            assert fact in sheet
        assert codes[other] not in sheet
        note = admin.get(f"/api/v1/log/checkpoints/{size}").get_data(as_text=True)
        assert scanned(html) == note
        assert " ".join(note.split()) in sheet
        for signs in ("Pengelola sistem", "Kepala Dinas Sosial"):
            assert signs in sheet
    for none in (first - 1, second + 1, 0, 2**53, 10**30):
        assert asked_for(auditor, f"/jejak/titik-periksa/{none}").status_code == 404
    for role in ("tksk", "supervisor", "kepala_dinas"):
        assert asked_for(client(role), f"/jejak/titik-periksa/{first}").status_code == 403
    admin.client.set_cookie("wahana-bahasa", "en")
    assert "Berita acara titik periksa" in page(admin, f"/jejak/titik-periksa/{first}")
