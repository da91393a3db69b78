"""How referrals go: accepted, refused, sent back, forwarded, forgotten, and sometimes answered in full."""

from collections.abc import Generator
from datetime import date
from typing import TYPE_CHECKING, Any

from domain.beneficiary_consent import ADULT
from domain.destinations import DESTINATIONS, reply_due, rules_of
from domain.nik import FEMALE
from service.casebook import Answer
from service.demo import names, texts
from service.demo.play import Step
from service.log.ids import new_id

if TYPE_CHECKING:
    from service.demo.casework import Desk

#: Kind of destination: its name and the need.
_PLACES = {
    "puskesmas": ("Puskesmas Limboto", "pemeriksaan"),
    "rumah_sakit": ("RSUD Contoh Limboto", "rawat_inap"),
    "dukcapil": ("Disdukcapil Kabupaten Gorontalo", "dokumen"),
    "bpjs_kesehatan": ("BPJS Kesehatan Cabang Gorontalo", "jaminan_kesehatan"),
    "baznas": ("Baznas Kabupaten Gorontalo", "bantuan"),
    "panti_provinsi": ("Griya Lansia Provinsi", "pengasuhan_panti"),
    "pendidikan": ("Dinas Pendidikan Kabupaten Gorontalo", "sekolah"),
    "perumahan": ("Dinas Perkim Kabupaten Gorontalo", "perbaikan_rumah"),
    "pemerintah_desa": ("Pemerintah desa", "bantuan"),
    "ketenagakerjaan": ("Balai Latihan Kerja", "pelatihan_kerja"),
    "rumah_singgah": ("Rumah Singgah Huyula", "tempat_aman"),
}
_STRICT_PLACES = {
    "uptd_ppa": ("UPTD PPA Kabupaten Gorontalo", "perlindungan_hukum"),
    "kepolisian": ("Unit PPA Polres Gorontalo", "perlindungan_hukum"),
    "bapas": ("Bapas Gorontalo", "perlindungan_hukum"),
    "bnn": ("BNN Provinsi Gorontalo", "rehabilitasi"),
    "rumah_sakit": ("RSUD Contoh Limboto", "pemeriksaan"),
}
_HEARD = {"telepon": 4.0, "whatsapp": 5, "surat": 3, "kunjungan": 2}
_COURSES = {
    "answered": 46.0,
    "silent": 14,
    "expired": 8,
    "rejected": 8,
    "returned": 7,
    "forwarded": 5,
    "absent": 6,
    "withdrawn": 6,
}
Told = Generator[Step, Answer, date]


def _submission(desk: "Desk", on: date) -> tuple[str, dict[str, Any], str]:
    pen = desk.pen
    places = _STRICT_PLACES if desk.strict else _PLACES
    kind = pen.rng.choice(list(places))
    name, need = places[kind]
    stream = new_id()
    body: dict[str, Any] = {"id": stream, "destination_kind": kind, "destination": name, "need": need}
    body |= {"letter_number": f"460/{pen.rng.randint(1, 999)}/Dinsos/{on.year}", "letter_date": on.isoformat()}
    body["documents"] = ["surat_rujukan", "hasil_asesmen"]
    if kind == "puskesmas":
        body["destination_id"] = pen.world.staff.id("mitra")  # the one destination that signs in itself
    return stream, body, kind


def _agreed(desk: "Desk", on: date, body: dict[str, Any]) -> Told:
    """The consent that a strictly restricted person, or a parent, gives before she is referred."""
    if not desk.strict:
        return on
    pen, person, consent = desk.pen, desk.person, new_id()
    said: dict[str, Any] = {"consent": consent, "purpose": "rujukan", "recipient_kind": body["destination_kind"]}
    said |= {
        "recipient": body["destination"],
        "how": pen.pick({"tanda_tangan": 5.0, "cap_jempol": 4, "lisan_saksi": 1}),
    }
    if on.year - person.born.year > ADULT:
        said["giver"] = "yang_bersangkutan"
    else:
        said |= {"giver": "orang_tua", "relation": "orang_tua", "guardian": names.person(pen.rng, FEMALE)}
    if said["how"] == "lisan_saksi":
        said["witness"] = names.official(pen.rng, FEMALE)
    url = {"stream": person.id}
    yield pen.step("beneficiary.give_consent", on, said, url=url, by=desk.worker, subject=person.id, late=0)
    body["consent"] = consent
    return on


def referral(desk: "Desk", on: date) -> Told:
    """One referral of a case, to one of its ends or to silence; returns the day of its last step."""
    pen = desk.pen
    stream, body, kind = _submission(desk, on)
    yield from _agreed(desk, on, body)
    yield pen.step("referral.submit", on, body, url={"stream": desk.id}, by=desk.worker, subject=desk.id)
    desk.waits_for = stream
    course, sent_on = pen.pick(_COURSES), on

    def step(what: str, day: date, more: dict[str, Any] | None = None) -> Step:
        said = {"channel": pen.pick(_HEARD), **(more or {})}
        return pen.step(f"referral.{what}", day, said, url={"stream": stream}, by=desk.worker)

    on = pen.after(on, 2, 14)
    if course == "silent":
        return on
    if course == "expired":
        on = pen.after(reply_due(rules_of(DESTINATIONS.on(sent_on).version, kind), sent_on), 1, 30)
        yield step("expire", on)
        return on
    if course == "rejected":
        reason = pen.pick({"penuh": 4.0, "syarat_tidak_terpenuhi": 3, "bukan_kewenangan": 2})
        yield step("reject", on, {"reason": reason})
        return on
    if course == "withdrawn":
        yield step("withdraw", on, {"reason": texts.reason(pen.rng)})
        return on
    if course == "returned":
        yield step("return_incomplete", on, {"reason": "berkas_kurang", "missing": ["laporan_sosial"]})
        on = pen.after(on, 2, 15)
        again = {"reply_by": pen.after(on, 14, 30).isoformat(), "documents": ["laporan_sosial"]}
        yield step("resubmit", on, again)
        on = pen.after(on, 2, 12)
    yield step("accept", on)
    on = pen.after(on, 1, 8)
    if course == "forwarded":
        following, body, _ = _submission(desk, on)
        body["channel"] = "telepon"
        yield from _agreed(desk, on, body)
        yield pen.step("referral.forward", on, body, url={"stream": stream}, by=desk.worker)
        stream = desk.waits_for = following
        on = pen.after(on, 2, 14)
        yield step("accept", on)
    if pen.chance(0.6):
        yield step("schedule", on, {"planned_for": pen.after(on, 2, 20).isoformat()})
        on = pen.after(on, 2, 20)
    if course == "absent":
        yield step("note_absence", on)
        return on
    if pen.chance(0.7):
        yield step("handle", on)
        on = pen.after(on, 3, 60)
    outcome = pen.pick({"tertangani": 7.0, "tertangani_sebagian": 2, "kembali_ke_keluarga": 1})
    yield step("complete", on, {"outcome": outcome})
    if pen.chance(0.65):
        on = pen.after(on, 1, 30)
        yield step("receive_feedback", on, {"feedback": texts.note(pen.rng)})
    return on
