"""How WKSBM come to be: told of on a day for many villages, talked over, formed, and ratified, with or without papers."""

from collections.abc import Generator
from datetime import date, timedelta
from typing import Any

from service.casebook import Answer
from service.demo import names
from service.demo.body_papers import Body, board, papers, ratified
from service.demo.body_years import years
from service.demo.play import Life, Paper, Step
from service.demo.world import Pen, World
from service.log.ids import new_id

Told = Generator[Step, Answer, date]

#: The days on which WKSBM were explained to the heads of many villages: day, and the share of all bodies begun by it.
DAYS = (
    (date(2019, 7, 25), 0.35),
    (date(2020, 2, 20), 0.12),
    (date(2021, 4, 15), 0.13),
    (date(2022, 3, 10), 0.12),
    (date(2023, 5, 17), 0.10),
    (date(2024, 6, 12), 0.08),
    (date(2025, 5, 21), 0.06),
    (date(2026, 4, 22), 0.04),
)
_KPS = {
    "majelis_taklim": 16.0,
    "arisan": 14,
    "karang_taruna": 10,
    "dasawisma": 10,
    "rukun_kematian": 10,
    "huyula": 9,
    "posyandu": 8,
    "kelompok_tani_nelayan": 8,
    "pkk": 6,
    "kelompok_pengajian": 5,
    "paguyuban": 3,
    "lembaga_adat": 2,
}


def planned(world: World) -> list[Body]:
    """The bodies of the whole time, by the day they begin. A few villages have two, the second for one dusun."""
    rng = world.rng("bodies")
    places = rng.sample(world.villages, min(len(world.villages), world.scale.bodies))
    bodies: list[Body] = []
    for day, share in DAYS:
        if day > world.today:
            break
        for _ in range(max(1, round(share * world.scale.bodies))):
            if not places:
                break
            village = places.pop()
            name = names.body(rng, "WKSBM")
            bodies.append(Body(new_id(), len(bodies), village, name, day, mortal=rng.random() < 0.4))
            bodies[-1].order = rng.choice((1.0, 1.0, 0.97, 0.85, 0.6))
            if rng.random() < 0.06:
                hamlet = rng.choice(("Dusun I", "Dusun II", "Dusun III"))
                name = names.body(rng, "WKSBM")
                bodies.append(Body(new_id(), len(bodies), village, name, day, hamlet))
    return bodies


def day_life(world: World, day: date, bodies: list[Body]) -> Life:
    """One day at the office for many villages, recorded in one command."""
    pen = Pen(world, f"day/{day}", "kabid")
    begun = []
    for body in bodies:
        row = {"id": body.id, "village": body.village.code, "name": body.name}
        begun.append({**row, "hamlet": body.hamlet} if body.hamlet else row)
    sent = {"initiations": begun, "attendance": 2 * len(bodies) + pen.rng.randint(3, 20)}
    papers = (Paper("undangan"), Paper("daftar_hadir"), Paper("surat_tugas")) if pen.chance(0.8) else ()
    yield pen.step("wksbm.hold_socialization_day", day, sent, papers=papers, subject=bodies[0].id, late=0)


def body_life(world: World, body: Body) -> Life:
    """One WKSBM from the first visit to today, to sleep, or to its dissolution and a new beginning."""
    pen = Pen(world, f"body/{body.number}", _recorder(world, body.village.code))
    on = yield from _found(pen, body, pen.after(body.begun, 12, 60))
    if not pen.chance(0.84):
        return
    on = yield from _formed(pen, body, pen.after(on, 20, 240))
    if not pen.chance(0.8):
        return
    until = yield from ratified(pen, body, pen.after(on, 10, 160))
    over = yield from years(pen, body, pen.after(on, 20, 120), until)
    if over and pen.chance(0.6):
        again = Body(new_id(), body.number + 1000, body.village, f"{body.name} Baru", pen.after(over, 60, 300))
        yield pen.step(
            "wksbm.initiate", again.begun, {"id": again.id, "village": body.village.code, "name": again.name}
        )
        again.kps = body.kps
        on = yield from _formed(pen, again, pen.after(again.begun, 15, 90))
        yield from ratified(pen, again, pen.after(on, 10, 60))


def _recorder(world: World, village: str) -> str:
    staff = world.staff
    found = (staff.for_village(role, village) for role in ("pengurus_wksbm", "kades", "tksk"))
    return next((login for login in found if login), "kabid")


def _found(pen: Pen, body: Body, on: date) -> Told:
    """The local bodies of the village are registered and identified."""
    rng = pen.rng
    for kind in rng.sample(list(_KPS), rng.randint(2, 4)):
        id = new_id()
        sent: dict[str, Any] = {"id": id, "village": body.village.code, "kind": kind, "name": names.body(rng)}
        sent |= {"members": rng.randint(8, 60), "contact": names.person(rng, "P")}
        if pen.chance(0.5):
            sent["active_from"] = (on - timedelta(days=rng.randint(300, 5000))).isoformat()
        yield pen.step("kps.register", on, sent)
        body.kps.append(id)
    sent = {"found": len(body.kps) + rng.randint(0, 9), "kps": body.kps}
    yield pen.step("wksbm.identify_kps", on, sent, url={"stream": body.id}, papers=papers(pen, body, "daftar_kps"))
    return on


def _formed(pen: Pen, body: Body, on: date) -> Told:
    rng, url = pen.rng, {"stream": body.id}
    sent: dict[str, Any] = {"attendance": rng.randint(18, 90), "minutes": "Warga sepakat membentuk WKSBM."}
    kept = papers(pen, body, "berita_acara", "daftar_hadir")
    held = yield pen.step("wksbm.hold_deliberation", on, sent, url=url, papers=kept)
    yield pen.step("wksbm.form", on, {}, url=url, papers=papers(pen, body, "berita_acara"))
    sent = {"members": board(rng), "term_from": on.isoformat()}
    yield pen.step("wksbm.appoint_board", on, sent, url=url, papers=papers(pen, body, "susunan_pengurus"))
    for kps in body.kps[: rng.randint(1, 4)]:
        on = pen.after(on, 0, 12)
        proof = papers(pen, body, "surat_pernyataan")
        yield pen.step("wksbm.join_kps", on, {"kps": kps}, url=url, papers=proof)
        body.joined.append(kps)
    if not kept and pen.chance(0.5):
        # The papers that were missing turn up.
        sent = {"target": held.events[0].version}
        found = (Paper("berita_acara"), Paper("daftar_hadir"))
        yield pen.step("wksbm.provide_evidence", pen.after(on, 20, 120), sent, url=url, papers=found)
    return on
