"""How people, families and communities are registered, classified, and what becomes of them."""

from datetime import date
from typing import Any

from domain.beneficiary_classification import OverrideReasonNeeded
from domain.beneficiary_state import HasDied, LinkedToAnother
from domain.nik import synthetic_nik
from domain.ppks import TYPE_DATA
from domain.refusals import NotFound
from service.api.commands import Denied
from service.demo import names, texts
from service.demo.casework import case
from service.demo.people import TYPES, Family, Person
from service.demo.play import Life
from service.demo.world import Pen, World
from service.log.ids import new_id
from service.search import ProbableDuplicates

_CHANNELS = {
    "desa": 26.0,
    "laporan_warga": 18,
    "keluarga": 14,
    "relawan": 14,
    "penjangkauan": 10,
    "datang_sendiri": 8,
    "wksbm": 5,
    "puskesos_slrt": 3,
    "rujukan": 1,
    "sp4n_lapor": 1,
}
_ITEMS = {
    "a": ["L03", "L05", "L06", "L09"],
    "b": ["L03", "L04", "L09", "L10"],
    "c": ["L03", "L04", "L06", "L08"],
    "d": ["L02", "L03", "L09", "L11"],
}
STRICT = 3


def registrar(pen: Pen, village: str) -> str:
    """Who registers somebody of a village: mostly the social worker, else a TKSK or PSM of the place."""
    staff = pen.world.staff
    found = pen.pick({"peksos": 6.0, "tksk": 3, "psm": 3})
    return staff.for_village(found, village) or staff.peksos(village)


def register(pen: Pen, on: date, body: dict[str, Any], *, late: float = 0.05) -> Life:
    """Register, with a reason to go on when the office says that there may be one already."""
    if pen.chance(0.5):
        body = {**body, "hamlet": texts.hamlet(pen.rng)}
    step = pen.step("beneficiary.register", on, body, late=late)
    try:
        yield step
    except ProbableDuplicates:
        step.body["reason_to_go_on"] = "Sudah ditanyakan kepada kepala dusun: orang yang berbeda."
        yield step


def classify(pen: Pen, on: date, person: Person, classification: str) -> Life:
    """Classify, with the sub-type of a disability and a reason where the age is outside the bounds."""
    body: dict[str, Any] = {"type": person.type, "classification": classification}
    data = TYPE_DATA[person.type]
    if data.needs_subtype:
        body["subtypes"] = [pen.pick({"fisik": 4.0, "mental": 3, "sensorik": 2, "intelektual": 2})]
    if data.keeps_criteria and pen.chance(0.3):
        body["criteria"] = texts.story(pen.rng)
    step = pen.step("beneficiary.classify", on, body, url={"stream": person.id}, late=0.03)
    try:
        yield step
    except OverrideReasonNeeded:
        step.body["override_reason"] = "Umur menurut keterangan keluarga; dokumen menyusul."
        yield step


def person_life(world: World, person: Person, with_case: bool, family: Family | None = None) -> Life:
    """One person: registered, classified, perhaps neglected, in need, taken on, moved, or dead."""
    pen = Pen(world, f"person/{person.number}", "")
    pen.by = registrar(pen, person.village)
    id, on = new_id(), person.registered
    body: dict[str, Any] = {"id": id, "kind": "person", "village": person.village, "channel": pen.pick(_CHANNELS)}
    yield from register(pen, on, {**body, "identity": person.identity(pen.rng)}, late=0.08)
    person.id = id
    url = {"stream": id}
    if family and family.id:
        relation = family.relation(person)
        yield pen.step("beneficiary.join_family", on, {"family": family.id, "relation": relation}, url=url, late=0)
    classification, on = new_id(), pen.after(on, 0, 9)
    yield from classify(pen, on, person, classification)
    if TYPE_DATA[person.type].tier >= STRICT:  # from here on she exists for those only who are cleared
        pen.by = world.staff.peksos(person.village)
    yield from needed(pen, on, person, classification)
    if person.nik and pen.chance(0.25):
        body = {"how": pen.pick({"layanan_data": 5.0, "surat_dukcapil": 2, "perekaman": 1})}
        yield pen.step("beneficiary.match_identity", pen.after(on, 2, 60), body, url=url)
    elif person.nik is None and pen.chance(0.15):
        said = {**person.identity(pen.rng), "nik": synthetic_nik(person.born, person.sex, person.number % 9999 + 1)}
        body = {"identity": said, "papers": ["ktp"]}
        yield pen.step("beneficiary.claim_identity", pen.after(on, 10, 200), body, url=url)
    if with_case:
        on = yield from case(pen, pen.after(on, 0, 45), person, TYPES.get(person.type, ("",) * 6)[5] or "umum")
    try:
        yield from _later(pen, pen.after(on, 60, 900), person, classification)
    except (HasDied, LinkedToAnother):
        return


def needed(pen: Pen, on: date, person: Person, classification: str) -> Life:
    """Neglect is assessed for those whom SPM counts, and then their need of the year is determined."""
    service = TYPES.get(person.type, ("",) * 6)[4]
    url = {"stream": person.id}
    if not service or not pen.chance(0.8):
        return
    on = pen.after(on, 0, 20)
    neglected = pen.chance(0.85)
    body = {"neglected": neglected, "how": pen.pick({"kunjungan_rumah": 6.0, "wawancara": 2, "musyawarah_desa": 1})}
    yield pen.step("beneficiary.assess_neglect", on, body, url=url)
    if neglected and pen.chance(0.85):
        items = pen.rng.sample(_ITEMS[service], 2)
        body = {"classification": classification, "spm_service": service, "services": items, "year": on.year}
        yield pen.step("beneficiary.determine_need", on, body, url=url)


def _later(pen: Pen, on: date, person: Person, classification: str) -> Life:
    """What a few years bring: most often nothing."""
    url = {"stream": person.id}
    happened = pen.pick({"": 68.0, "able": 12, "moves": 8, "dies": 7, "leaves": 5})
    ending = {"stream": person.id, "classification": classification}
    if happened == "able":
        yield pen.step("beneficiary.end_ppks", on, {"reason": "mampu"}, url=ending)
    elif happened == "moves":
        near = [village.code for village in pen.world.villages if village.code[:8] == person.village[:8]]
        near.remove(person.village)
        body = {"village": pen.rng.choice(near), "address": f"{texts.hamlet(pen.rng)}, ikut keluarga"}
        yield pen.step("beneficiary.move_domicile", on, body, url=url)
    elif happened == "dies":
        yield pen.step("beneficiary.die", on, {"note": "Menurut surat keterangan desa."}, url=url, late=0.4)
        yield pen.step("beneficiary.end_ppks", on, {"reason": "meninggal"}, url=ending, late=0.2)
    elif happened == "leaves":
        yield pen.step("beneficiary.move_out", on, {"destination": "Ikut anak di luar daerah"}, url=url)
        yield pen.step("beneficiary.end_ppks", on, {"reason": "pindah"}, url=ending)


def duplicate_life(world: World, person: Person, number: int) -> Life:
    """The same person registered again under another spelling; often linked, and one link turns out to be wrong."""
    pen = Pen(world, f"duplicate/{number}", world.staff.peksos(person.village))
    tksk = world.staff.for_village("tksk", person.village)
    on, id = pen.after(person.registered, 30, 500), new_id()
    near = [village.code for village in world.villages if village.code[:8] == person.village[:8]]
    village = person.village if pen.chance(0.6) else pen.rng.choice(near)
    said = person.identity(pen.rng, name=names.variant(pen.rng, person.name))
    if pen.chance(0.7):
        said.pop("nik", None)
    body: dict[str, Any] = {
        "id": id,
        "kind": "person",
        "village": village,
        "channel": pen.pick(_CHANNELS),
        "identity": said,
    }
    registered = register(pen, on, body)
    if tksk and pen.chance(0.5):
        pen.by = tksk
    yield from registered
    again = Person(person.number, village, said["name"], person.sex, person.born, person.type, on, None, id)
    yield from classify(pen, pen.after(on, 0, 5), again, new_id())
    # Nobody links before the first record stands.
    if not pen.chance(0.65) or not person.id or TYPE_DATA[person.type].tier >= STRICT:
        return
    on = pen.after(on, 20, 300)
    body = {"primary": person.id, "score": pen.rng.randint(72, 98), "grounds": ["nama_mirip", "tahun_lahir_sama"]}
    body["reason"] = "Nama, tanggal lahir, dan nama ibu sama; sudah dicocokkan dengan keluarga."
    pen.by = world.staff.peksos(person.village)
    try:
        yield pen.step("beneficiary.link_as_duplicate", on, body, url={"stream": id}, late=0)
    except (Denied, NotFound):
        return  # the first record is another worker's by now, or so protected that she does not know of it
    if number % 9 == 0:
        body = {"primary": person.id, "reason": "Ternyata saudara sepupu dengan nama yang hampir sama."}
        yield pen.step("beneficiary.reverse_link", pen.after(on, 15, 120), body, url={"stream": id}, late=0)


def group_life(world: World, kind: str, number: int, village: str, on: date, family: Family | None = None) -> Life:
    """A family or a remote community, classified and sometimes taken on as one. ``family`` learns its id."""
    pen = Pen(world, f"{kind}/{number}", world.staff.peksos(village))
    id = new_id()
    head = family.head.name if family else names.person(pen.rng, pen.rng.choice("LP"))
    called = f"Keluarga {head}" if kind == "family" else f"Komunitas Dusun {names.body(pen.rng)}"
    body = {"id": id, "kind": kind, "village": village, "channel": "desa", "identity": {"name": called, "head": head}}
    yield from register(pen, on, body, late=0)
    if family:
        family.id = id
    if kind == "family":
        type = pen.pick({"fakir_miskin": 3.0, "keluarga_bermasalah_sosial_psikologis": 1})
    else:
        type = "komunitas_adat_terpencil"
    group = Person(number, village, called, "", on, type, on, None, id)
    on = pen.after(on, 0, 10)
    yield pen.step("beneficiary.classify", on, {"type": type, "classification": new_id()}, url={"stream": id})
    if pen.chance(0.4):
        yield from case(pen, pen.after(on, 5, 40), group, "keluarga" if kind == "family" else "komunitas")
