"""Floods: declared, lists of victims most of whom show no NIK, relief, a check in the field, and figures that differ."""

from datetime import date, timedelta
from typing import Any

from service.demo import texts
from service.demo.people import Person, invent
from service.demo.play import Life
from service.demo.world import Pen, World
from service.log.ids import new_id
from service.search import ProbableDuplicates

#: When water came, and what kind of disaster it was.
DAYS = (
    (date(2020, 6, 11), "banjir"),
    (date(2020, 10, 28), "banjir"),
    (date(2021, 12, 6), "banjir"),
    (date(2022, 8, 19), "angin_kencang"),
    (date(2023, 5, 3), "banjir"),
    (date(2024, 7, 9), "banjir"),
    (date(2025, 3, 14), "tanah_longsor"),
    (date(2026, 6, 2), "banjir"),
)
_CALLED = {"banjir": "Banjir", "angin_kencang": "Angin kencang", "tanah_longsor": "Tanah longsor"}
_CONDITIONS = {"rumah_terendam": 8.0, "mengungsi": 5, "rumah_rusak": 3, "terdampak": 3, "luka_ringan": 1}
_GOODS = {"paket_sembako": 5.0, "makanan_siap_saji": 4, "selimut": 2, "air_minum": 2}
_LONGEST_LIST = 12


def flood_life(world: World, number: int, struck: date, kind: str) -> Life:
    """One disaster in four neighbouring villages, from the declaration to the agreed figure."""
    pen = Pen(world, f"flood/{number}", "kabid")
    rng, id = pen.rng, new_id()
    first = rng.choice(world.villages)
    near = [village for village in world.villages if village.kecamatan == first.kecamatan][:4]
    url = {"stream": id}
    name = f"{_CALLED[kind]} {first.kecamatan_name} {struck:%m/%Y}"
    body: dict[str, Any] = {"id": id, "kind": kind, "name": name, "struck_on": struck.isoformat()}
    body["villages"] = [village.code for village in near[:3] or near]
    yield pen.step("incident.declare", struck, body, late=0)
    if len(near) > 3:
        yield pen.step("incident.extend", pen.after(struck, 1, 3), {"villages": [near[3].code]}, url=url, late=0)
    people: list[Person] = []
    last = struck + timedelta(days=4)
    for village in near:
        due = world.scale.victims // len(near)
        while due > 0:
            row = [
                invent(
                    world, rng, 2000 + number * 200 + len(people) + offset, last, village.code, "korban_bencana_alam"
                )
                for offset in range(min(due, _LONGEST_LIST))
            ]
            yield from _listed(pen, url, pen.after(struck, 1, 4), row)
            people += row
            due -= len(row)
        yield from _relief(pen, url, pen.after(struck, 4, 9), [one for one in people if one.village == village.code])
    for reporter, share in (("BPBD", 1.4), ("Pemerintah kecamatan", 1.15)):
        body = {"figure": "jiwa_terdampak", "number": int(len(people) * 3 * share), "reporter": reporter}
        yield pen.step("incident.report_figure", pen.after(struck, 2, 8), body, url=url)
    yield pen.step("incident.close", pen.after(struck, 25, 40), {}, url=url, late=0)
    yield from _checked(pen, url, pen.after(struck, 30, 60), people)
    agreed = {"figure": "jiwa_terdampak", "number": len(people) * 3, "note": "Disepakati bersama BPBD dan kecamatan."}
    yield pen.step("incident.reconcile_figure", pen.after(struck, 70, 110), agreed, url=url, late=0)


def _listed(pen: Pen, url: dict[str, str], on: date, row: list[Person]) -> Life:
    """A list of one page, taken down in the field."""
    rng, victims = pen.rng, []
    for person in row:
        person.id = new_id()
        said: dict[str, Any] = {"name": person.name, "sex": person.sex, "birth_year": person.born.year}
        if person.nik and pen.chance(0.25):
            said["nik"] = person.nik
        one: dict[str, Any] = {"victim": person.id, "village": person.village, "conditions": [pen.pick(_CONDITIONS)]}
        one |= {"household": rng.randint(1, 6), "identity": said}
        if pen.chance(0.2):
            one["note"] = texts.note(rng)
        victims.append(one)
    step = pen.step("incident.record_victims", on, {"victims": victims}, url=url, late=0.15)
    try:
        yield step
    except ProbableDuplicates:
        for one in victims:
            one["reason_to_go_on"] = "Didata di lokasi; akan dicocokkan sesudah tanggap darurat."
        yield step


def _relief(pen: Pen, url: dict[str, str], on: date, people: list[Person]) -> Life:
    goods = pen.pick(_GOODS)
    body: dict[str, Any] = {"kind": "E1", "goods": goods, "unit": "paket", "village": people[0].village}
    body |= {"quantity": len(people), "value_rupiah": len(people) * 175_000}
    yield pen.step("incident.deliver_relief", on, {**body, "recipients": [one.id for one in people]}, url=url)
    if pen.chance(0.5):
        # Where nobody took names only a number is known.
        body |= {"goods": "makanan_siap_saji", "unit": "bungkus", "quantity": 3 * len(people), "count": 2 * len(people)}
        yield pen.step("incident.deliver_relief", on, body, url=url)


def _checked(pen: Pen, url: dict[str, str], on: date, people: list[Person]) -> Life:
    for person in people:
        if pen.chance(0.7):
            found = pen.pick({"benar": 88.0, "tidak_ditemukan": 6, "ganda": 4, "bukan_korban": 2})
            body = {"victim": person.id, "outcome": found}
            yield pen.step("incident.verify_victim", pen.after(on, 0, 20), body, url=url, late=0)
        if pen.chance(0.35):
            type = {"type": "korban_bencana_alam", "classification": new_id()}
            by = pen.world.staff.peksos(person.village)
            yield pen.step("beneficiary.classify", on, type, url={"stream": person.id}, by=by, late=0)
