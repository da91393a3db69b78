"""What an empty place says: to whoever may fill it how, to others that it is empty."""

from __future__ import annotations

import pytest

from service.office import Office
from service.web import record
from tests.service.offices import VILLAGE, Asking, application
from tests.service.test_api_cases import opened
from tests.service.web_pages import page

#: A place, whoever is asked to fill it, whoever only reads that it is empty, and what only the one is asked.
PLACES = (
    (f"/desa/{VILLAGE}", "kades", "psm", "Daftarkan yang membantu di desa ini."),
    (f"/desa/{VILLAGE}", "tksk", "psm", "Tanyakan kepada desa, lalu daftarkan."),
    (f"/desa/{VILLAGE}", "kades", "auditor", "Mulailah dengan merintisnya"),
    ("/warga", "psm", "dpo", "Daftarkan warga"),
    ("/warga", "tksk", "kades", "Daftarkan warga"),
    ("/kasus?keadaan=", "psm", "supervisor", "Kasus dibuka dari halaman warga"),
    ("/kasus?petugas=-", "psm", "auditor", "Kasus dibuka dari halaman warga"),
    ("/pelindungan", "dpo", "auditor", "Tetapkan kelas"),
    ("/pelindungan", "dpo", "kepala_dinas", "Usulkan dari daftar di atas"),
    ("case", "psm", "auditor", "Beri tugas dari"),
    ("case", "psm", "supervisor", "Kirim rujukan dari"),
)


@pytest.mark.parametrize(("where", "able", "reader", "asked"), PLACES)
def test_nobody_is_asked_for_what_she_may_not_do(
    office: Office, where: str, able: str, reader: str, asked: str
) -> None:
    them = {role: Asking(office, role) for role in (able, reader)}
    if where == "case":
        where = f"/kasus/{opened(office, them[able])}"
    assert asked in page(them[able], where)
    read = page(them[reader], where)
    assert asked not in read
    assert 'class="empty"' in read


def test_a_data_officer_registers_nobody_and_works_on_who_is_restricted(office: Office) -> None:
    dpo = Asking(office, "dpo")
    told = page(dpo, "/warga")
    assert "/catat/beneficiary.register" not in told
    assert "Daftarkan" not in told
    page(dpo, "/catat/beneficiary.register", 404)
    for command in ("beneficiary.claim_identity", "subject_request.open"):
        with application(office).test_request_context(headers={"Authorization": f"Bearer {dpo.token}"}) as here:
            here.app.preprocess_request()
            assert record.may_record(command), command


@pytest.mark.parametrize(
    ("where", "reader", "told"),
    [
        (f"/desa/{VILLAGE}", "psm", "Yang mencatat: kepala desa, TKSK, atau supervisor."),
        ("/warga", "dpo", "Warga didaftarkan oleh WKSBM, PSM, TKSK, atau pekerja sosial."),
        ("/warga?nama=Siapa", "kades", "Warga didaftarkan oleh WKSBM, PSM, TKSK, atau pekerja sosial."),
    ],
)
def test_whoever_may_not_fill_it_is_told_who_does(office: Office, where: str, reader: str, told: str) -> None:
    shown = page(Asking(office, reader), where)
    assert told in shown
    assert "sebelum mendaftarkan" not in shown
