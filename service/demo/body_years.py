"""The years after a WKSBM was ratified: work, money, monitoring, sleep, waking, and for some the end."""

from collections.abc import Generator
from datetime import date
from typing import Any

from service.casebook import Answer
from service.demo.body_papers import Body, papers, renewed
from service.demo.play import Life, Paper, Step
from service.demo.world import Pen

Told = Generator[Step, Answer, date | None]
_ACTIVITIES = {
    "kerja_bakti": 5.0,
    "kedukaan": 5,
    "pendataan": 4,
    "rapat": 4,
    "rujukan": 2,
    "pencegahan": 2,
    "jaminan": 1,
}
_ORIGINS = {"iuran": 6.0, "donasi": 4, "zakat": 3, "dana_desa": 2, "usaha": 1}
_PURPOSES = {"pangan": 4.0, "kedukaan": 4, "kesehatan": 3, "pendidikan": 2, "bencana": 1, "rujukan": 1}


def years(pen: Pen, body: Body, on: date, until: date) -> Told:
    """Year after year until the life of the body stops; returns the day it was dissolved, if it was."""
    url = {"stream": body.id}
    vigour = pen.rng.random()  # the chance that a year is a working year
    if pen.chance(0.4):
        yield _facility(pen, body, on)
    while True:
        if not pen.chance(0.35 + 0.65 * vigour):
            return (yield from _sleep(pen, body, pen.after(on, 400, 560), until))
        yield from _year(pen, body, on)
        if pen.chance(0.06) and len(body.joined) > 1:
            left = {**url, "kps": body.joined.pop()}
            yield pen.step("wksbm.leave_kps", on, {}, url=left, papers=papers(pen, body, "surat_pernyataan"))
        if on > until and pen.chance(0.75):
            until = yield from renewed(pen, body, on)
        on = pen.after(on, 300, 400)


def _facility(pen: Pen, body: Body, on: date) -> Step:
    kind = pen.pick({"papan_nama": 4.0, "peralatan_kantor": 3, "perlengkapan_duka": 2, "sekretariat": 1})
    sent = {
        "kind": kind,
        "quantity": pen.rng.randint(1, 6),
        "origin": "apbd",
        "value": pen.rng.randint(5, 60) * 100_000,
    }
    proof = papers(pen, body, "serah_terima")
    return pen.step("wksbm.provide_facility", on, sent, url={"stream": body.id}, by="kabid", papers=proof)


def _year(pen: Pen, body: Body, on: date) -> Life:
    rng, url = pen.rng, {"stream": body.id}
    for _ in range(rng.randint(1, 3)):
        on = pen.after(on, 10, 90)
        sent: dict[str, Any] = {"kind": pen.pick(_ACTIVITIES), "participants": rng.randint(8, 70)}
        sent["beneficiaries"] = rng.randint(0, 20)
        proof = papers(pen, body, pen.pick({"laporan_kegiatan": 2.0, "daftar_hadir": 1}))
        yield pen.step("wksbm.report_activity", on, sent, url=url, papers=proof, late=0.12)
    if pen.chance(0.6):
        sent = {"amount": rng.randint(3, 120) * 50_000, "origin": pen.pick(_ORIGINS)}
        yield pen.step("wksbm.raise_funds", on, sent, url=url, papers=papers(pen, body, "buku_kas"))
        sent = {"amount": rng.randint(2, 60) * 50_000, "purpose": pen.pick(_PURPOSES)}
        sent["beneficiaries"] = rng.randint(1, 25)
        on = pen.after(on, 3, 40)
        yield pen.step("wksbm.distribute_funds", on, sent, url=url, papers=papers(pen, body, "buku_penyaluran"))
    if pen.chance(0.4):
        level = pen.pick({"tumbuh": 6.0, "berkembang": 3, "maju": 1})
        sent = {"level": level, "score": {"tumbuh": 40, "berkembang": 60, "maju": 78}[level] + rng.randint(0, 15)}
        proof = papers(pen, body, "instrumen_monev")
        yield pen.step("wksbm.assess", pen.after(on, 10, 60), sent, url=url, by="kabid", papers=proof)


def _sleep(pen: Pen, body: Body, on: date, until: date) -> Told:
    """Nothing more is heard. Often somebody confirms it; some wake, some are dissolved, most sleep on."""
    url = {"stream": body.id}
    if not pen.chance(0.7):
        return None
    signals = ["tanpa_kegiatan", *(["sk_kedaluwarsa"] if on > until else [])]
    sent: dict[str, Any] = {"signals": signals, "note": "Pengurus mengaku belum berkegiatan lagi."}
    yield pen.step("wksbm.find_dormant", on, sent, url=url, by="kabid", papers=(Paper("instrumen_monev"),))
    on = pen.after(on, 120, 500)
    follows = pen.pick({"sleeps": 5.0, "wakes": 4, "ends": 8 if body.mortal else 0})
    if follows == "wakes":
        yield pen.step("wksbm.reactivate", on, {}, url=url, papers=(Paper("berita_acara"),))
        yield from _year(pen, body, pen.after(on, 10, 40))
    elif follows == "ends":
        decision = Paper("berita_acara", f"{pen.rng.randint(1, 90):02}/BA/{on.year}", on, scan=pen.chance(0.7))
        yield pen.step("wksbm.dissolve", on, {"reason": "musyawarah"}, url=url, papers=(decision,))
        return on
    return None
