"""What pages say reads right: numbers the Indonesian way, no heading above nothing, no word that is not so."""

from __future__ import annotations

from collections.abc import Callable

from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_boards import ratified
from tests.service.test_api_cases import opened
from tests.service.test_api_referrals import sent as sent_referral
from tests.service.test_api_wksbm import NEXT_DOOR
from tests.service.web_pages import page, registered, sent, text

Client = Callable[[str], Asking]


def test_whom_one_registers_stands_with_her_village_beside_whoever_is_alike(client: Client) -> None:
    tksk = client("tksk")
    registered(tksk)
    typed = {"village": VILLAGE, "kind": "person", "channel": "relawan", "kunci": new_id()}
    typed |= {"identity.name": "Siti Rahmawati Jafar", "identity.birth_date": "1960-03-07"}
    shown = text(sent(tksk, "/catat/beneficiary.register", typed), 409)
    row = shown.partition('<th scope="row">Desa/kelurahan</th>')[2].partition("</tr>")[0]
    assert row.count("<td>Bulila</td>") == 2
    assert "hanya berbeda ejaan, tanggal lahir sama" in shown


def test_whoever_may_do_nothing_in_a_case_is_shown_no_next_steps(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    assert "<h2>Langkah berikutnya</h2>" in page(worker, f"/kasus/{case}")
    assert "Langkah berikutnya" not in page(client("auditor"), f"/kasus/{case}")


def test_a_wksbm_that_is_not_formed_yet_is_not_called_inactive(client: Client) -> None:
    supervisor = client("supervisor")
    supervisor.done("/api/v1/wksbm", {"village": VILLAGE, "name": "WKSBM Baru", "on": "2020-01-02"})
    assert ">tidak aktif</span>" not in page(supervisor, f"/desa/{VILLAGE}")
    ratified(supervisor, NEXT_DOOR)
    assert ">tidak aktif</span>" in page(supervisor, f"/desa/{NEXT_DOOR}")


def test_before_there_were_villages_there_is_no_map_and_no_filter_to_change(client: Client) -> None:
    then = page(client("supervisor"), "/desa", per="2018-01-01")
    assert "Saat itu belum ada desa yang tercatat." in then
    assert "<svg" not in then.partition("<main")[2]
    assert "Ubah saringan di atas" not in then


def test_days_of_a_referral_are_written_as_numbers_are(office: Office, client: Client) -> None:
    worker = client("tksk")
    referral = sent_referral(worker, opened(office, worker), on="2020-01-02")
    told = page(worker, f"/rujukan/{referral}")
    assert "Tidak bergerak 2." in told
    assert "sudah 2." in told


def test_the_map_of_a_kecamatan_shows_that_one(client: Client) -> None:
    supervisor = client("supervisor")
    whole, part = (
        page(supervisor, path).partition('<svg class="map')[2].partition("</svg>")[0]
        for path in ("/desa", f"/desa?kecamatan={VILLAGE[:8]}&tahap=belum_ada")
    )
    assert whole.count("<rect") == 205
    assert 0 < part.count("<rect") < 20
    assert "Asparaga</text>" in whole
    assert "Asparaga</text>" not in part
