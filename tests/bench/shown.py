"""Which pages are measured: one line for each page there is, by its rule. A test holds them against those of the app."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from service.office import Office
from tests.bench.history import WORKER
from tests.journeys.sown import FULLEST, Sown, every_page
from tests.service import planting_field
from tests.service.offices import VILLAGE

#: Whoever opens a page: one with this role, somebody with every role, or somebody who is not signed in.
EVERY, NOBODY = "every role", ""
ROW = f"/mengapa/board.open_cases/peristiwa?village={VILLAGE}&row={{case}}"
TEXTS = ["Ibu Rahma di Dusun Tiga", "Sering menangis sejak rumahnya runtuh."]


class Shown(NamedTuple):
    """A page: what it is called in the table, who opens it, and its address, where the record of which most was recorded
    is not the one to show. In the address ``{body}`` is a WKSBM of the invented log, ``{person}`` and ``{case}`` those
    of whom most was recorded."""

    name: str
    who: str = "supervisor"
    address: str = ""


PAGES = {
    "/": Shown("the first page"),
    "/akun": Shown("one's own account", "peksos"),
    "/bantuan": Shown("help"),
    "/bantuan/<role>": Shown("help for a role", "psm"),
    "/bencana": Shown("disasters"),
    "/bencana/<id>": Shown("a disaster"),
    "/bencana/<id>/korban": Shown("the form of a disaster's victims", "peksos"),
    "/cakupan": Shown("coverage"),
    "/catat/<command>": Shown("a form", "psm", "/catat/beneficiary.register?kind=person"),
    "/desa": Shown("all villages"),
    "/desa/<code>": Shown("a village"),
    "/jawab/<token>": Shown("the answer page of a letter", NOBODY),
    "/jejak": Shown("the log", "auditor"),
    "/jejak/<id>": Shown("a replay", "auditor", "/jejak/{body}"),
    "/jejak/pembacaan": Shown("who looked at what", "auditor"),
    "/jejak/peristiwa/<int:position>": Shown("an event of the log", "auditor"),
    "/jejak/sampel": Shown("a sample of closed cases", "auditor", "/jejak/sampel?benih=75-01&banyak=10"),
    "/jejak/titik-periksa/<int:size>": Shown("the minutes of a checkpoint", "auditor"),
    "/jenis-ppks": Shown("the types of people in need"),
    "/kasus": Shown("cases"),
    "/kasus/<id>": Shown("a case"),
    "/kasus/<id>/isi/<form>": Shown("the form of an assessment", EVERY, "/kasus/{case}/isi/asesmen?alat=umum"),
    "/kasus/<id>/ringkasan": Shown("the summary of a case"),
    "/koreksi/<id>/<int:target>": Shown("the form of a correction", "supervisor", "/koreksi/{person}/1"),
    "/kotak-keluar": Shown("the outbox", "psm"),
    "/kotak-keluar/berkas": Shown("bringing in an outbox from a file", "psm"),
    "/kps/<id>": Shown("a KPS"),
    "/laporan": Shown("reports"),
    "/luring": Shown("without signal", "psm"),
    "/masuk": Shown("signing in", NOBODY),
    "/masuk/kode": Shown("the code of a reset", NOBODY),
    "/mengapa/<figure>": Shown("why a number", "supervisor", "/mengapa/board.open_cases"),
    "/mengapa/<figure>/peristiwa": Shown("why a number: the events of a row", "supervisor", ROW),
    "/pelindungan": Shown("protection", "dpo"),
    "/pelindungan/pemusnahan/<id>": Shown("a destruction", "dpo"),
    "/pelindungan/permintaan/<id>": Shown("a subject request", "dpo"),
    "/pelindungan/permintaan/<id>/laporan": Shown("the report of a subject request", "dpo"),
    "/pelindungan/surat": Shown("held papers", "dpo"),
    "/pengawasan": Shown("supervision"),
    "/pengawasan/alih": Shown("handing cases over", "supervisor", f"/pengawasan/alih?dari={WORKER}"),
    "/pengelolaan": Shown("administration", "admin"),
    "/pengelolaan/akun/<id>": Shown("an account", "admin"),
    "/pengelolaan/daftar": Shown("code lists", "admin"),
    "/pengelolaan/tampilan": Shown("the views and their rebuild", "admin"),
    "/pengelolaan/wilayah": Shown("the territory", "admin"),
    "/psks/<id>": Shown("a PSKS"),
    "/publik": Shown("the public page", NOBODY),
    "/publik/rujukan": Shown("the status of a referral", NOBODY),
    "/publik/tanda-terima": Shown("checking a receipt", NOBODY),
    "/rujukan": Shown("referrals"),
    "/rujukan/<id>": Shown("a referral"),
    "/rujukan/<id>/surat": Shown("the letter of a referral"),
    "/tanda-terima/<command>": Shown("a receipt", EVERY),
    "/warga": Shown("people"),
    "/warga/<id>": Shown("a person"),
    "/warga/<id>/dibaca": Shown("who looked at a person", "auditor"),
    "/warga/<id>/mirip": Shown("people like a person"),
    "/wksbm/<id>": Shown("a WKSBM", "supervisor", "/wksbm/{body}"),
    "/wksbm/<id>/berita-acara": Shown("the minutes of a WKSBM"),
    "/wksbm/<id>/sk": Shown("the SK of a WKSBM"),
}
#: Of these the latest record is shown, not the fullest: a referral that is still open, a request that may be reported on.
LATEST = ("/rujukan/<id>/surat", "/pelindungan/permintaan/<id>/laporan")


def recorded(here: Office, folder: Path) -> Sown:
    """Everything that can be recorded, through the commands, in an office that has a log already; and whoever most was
    recorded about asks what the office holds about her."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planting_field, "make_office", lambda folder, url: here)
        sown = Sown(folder, TEXTS, patch, once=True)
    person = _number(every_page(here, sown.one, order=FULLEST)["/warga/<id>"])
    asks = {"subject": person, "kind": "access", "asker": "wali", "channel": "surat"}
    request = sown.do("subject_request.open", asks)
    sown.do("subject_request.confirm_identity", {"how": "penetapan_wali"}, stream=request)
    return sown


def addresses(sown: Sown, body: str) -> dict[str, str]:
    """The address of each page, by its rule."""
    found, latest = every_page(sown.office, sown.one, order=FULLEST), every_page(sown.office, sown.one)
    found |= {rule: latest[rule] for rule in LATEST}
    known = {"person": _number(found["/warga/<id>"]), "case": _number(found["/kasus/<id>"]), "body": body}
    return {rule: page.address.format(**known) or found[rule][0] for rule, page in PAGES.items()}


def _number(found: list[str]) -> str:
    return found[0].rpartition("/")[2]
