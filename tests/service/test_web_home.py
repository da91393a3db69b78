"""The first page says what waits for whoever looks, in counts, each with a link to where it is decided."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from projections import verified
from projections.verify import verify
from service.office import Office
from service.web import bodies, home
from tests.service import destroyers
from tests.service.destroyed import lived
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_boards import ratified
from tests.service.test_api_destructions import proposed
from tests.service.test_api_wksbm import begun
from tests.service.test_emergencies import hidden
from tests.service.test_log_proofs import seal
from tests.service.web_office import page, told

Client = Callable[[str], Asking]
here = destroyers.here_on_sqlite
OTHER = "75.01.02.2014"
DECIDED = {"kind": "berita_acara", "number": "3/2022", "dated": "2022-02-01"}
URGENT, DESTROY, RESET = (
    *("Akses darurat yang harus ditinjau", "Pemusnahan menunggu putusan", "Pemulihan akun menunggu persetujuan"),
)


def waits(who: Asking, **query: object) -> dict[str, tuple[str, str]]:
    """What stands under "Hari ini": of each name its link and what it says."""
    boxes = r'<div[^>]*><dt><a href="([^"]+)">([^<]+)</a></dt><dd>(.*?)</dd></div>'
    return {
        name: (link, " ".join(told(text).split()))
        for link, name, text in re.findall(boxes, page(who, "/", **query), re.DOTALL)
    }


def test_whoever_serves_one_village_begins_with_how_far_it_is(office: Office) -> None:
    kades = Asking(office, "kades", (VILLAGE,))
    assert "belum ada WKSBM" in told(page(kades, "/"))
    begun(kades)
    first = told(page(kades, "/"))
    assert "Dirintis. Langkah berikutnya: Sosialisasi. Masih kurang untuk SK: musyawarah dengan jumlah hadir" in first
    assert f'href="/desa/{VILLAGE}"' in page(kades, "/")
    standing = {"stage": "sah", "sk_in_force": True, "registered_on": None}
    assert bodies.next_of(standing) == ("Terdaftar di dinas", [])
    assert bodies.next_of(standing | {"registered_on": "2026-01-01"}) == (None, [])
    head = Asking(office, "kades", (OTHER,))
    body = ratified(head, OTHER)
    expired = told(page(head, "/"))
    assert "Sah. SK sudah berakhir Langkah berikutnya: SK baru." in expired
    head.done(f"/api/v1/wksbm/{body}/dissolution", {"reason": "musyawarah", "evidence": [DECIDED], "on": "2022-02-02"})
    over = told(page(head, "/"))
    assert "Dibubarkan." in over
    assert "belum ada WKSBM" not in over
    assert "Langkah berikutnya" not in over
    wider = Asking(office, "tksk", (VILLAGE[:8],))
    assert "Desa/kelurahan Anda" not in page(wider, "/")


def test_what_waits_for_a_second_person_is_counted_for_whoever_decides(here: Office) -> None:
    [one] = lived(here, [1])
    supervisor, head, dpo, admin = (Asking(here, role) for role in ("supervisor", "kepala_dinas", "dpo", "admin"))
    assert waits(supervisor)[URGENT] == ("/pengawasan#darurat", "0")
    before = here.reader.head()[0]
    child = hidden(here)
    for holder in (Asking(here, "tksk"), supervisor):
        holder.done("/api/v1/emergencies", {"beneficiary": child, "reason": "Demam tinggi"})
    stream = proposed(dpo, one)
    admin.done(f"/api/v1/accounts/{Asking(here, 'psm').account}/resets", {"means": "password"})
    readings = dpo.data("/api/v1/readings")
    assert waits(supervisor)[URGENT] == ("/pengawasan#darurat", "1"), "not her own"
    assert waits(head)[URGENT] == ("/pengawasan#darurat", "2")
    assert dpo.data("/api/v1/readings") == readings, "nothing is opened by it"
    assert waits(supervisor, posisi=before)[URGENT][1] == "0"
    assert URGENT not in {**waits(dpo), **waits(admin), **waits(Asking(here, "auditor"))}
    assert waits(supervisor)[DESTROY] == waits(head)[DESTROY] == ("/pelindungan", "1")
    assert waits(dpo)[DESTROY][1] == "0", "she proposed it"
    head.done(f"/api/v1/destructions/{stream}/approvals")
    assert (waits(head)[DESTROY][1], waits(supervisor)[DESTROY][1]) == ("0", "1")
    assert waits(supervisor)[RESET] == ("/pengawasan#pemulihan", "1")
    assert waits(admin)[RESET] == ("/pengelolaan#pemulihan", "0"), "he asked for it"
    assert RESET not in waits(head)
    refused = Asking(here, "psm").get("/api/v1/decisions")
    assert refused.status_code == 403


def test_an_administrator_begins_with_how_the_service_does(
    office: Office, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = client("admin")
    shown = waits(admin)
    assert shown["Tampilan tertinggal"] == shown["Peristiwa yang disisihkan"] == ("/pengelolaan/tampilan", "0")
    assert "yang tertua" in shown["Belum disegel"][1]
    assert "belum pernah; jalankan wahana project verify --scheduled" in shown["Tampilan diperiksa"][1]
    assert page(admin, "/").count('<div class="bad">') == 1
    seal(office, tmp_path)
    verified.keep(office.views, verify(office.views))
    shown = waits(admin)
    assert shown["Belum disegel"] == ("/jejak", "0")
    assert "0 beda" in shown["Tampilan diperiksa"][1]
    assert '<div class="bad">' not in page(admin, "/")
    assert "Belum disegel" not in waits(admin, posisi=1), "health is that of now"
    assert "Belum disegel" not in waits(client("supervisor"))
    late = {"replaced": [], "missing": ["cases"], "late": ["people"], "set_aside": [{}], "verified": None}
    stuck = {"sealed": {"unsealed": 7, "unsealed_seconds": 7200.0}}
    monkeypatch.setattr(home.explorer, "health", lambda: {**late, **stuck})
    shown = waits(admin)
    assert [shown[name][1] for name in ("Tampilan tertinggal", "Peristiwa yang disisihkan")] == ["2", "1"]
    assert shown["Belum disegel"][1] == "7 yang tertua 2 jam"
    assert page(admin, "/").count('<div class="bad">') == 4
    monkeypatch.setattr(home.explorer, "health", lambda: {"status": 503})
    assert "Belum disegel" not in waits(admin), "the databases cannot be asked"
