"""What goes on around the cases: the indicator and its targets, those who help, and coaching days for many WKSBM."""

from datetime import date, timedelta
from typing import Any

from domain.indicator import WKSBM_COVERAGE_ID
from service.demo import names
from service.demo.body_papers import Body
from service.demo.play import Life, Paper
from service.demo.world import BEGINS, Pen, World
from service.log.ids import new_id

_HELPERS = {"psm": 30.0, "tagana": 14, "karang_taruna": 12, "keluarga_pioner": 5, "wpks": 5, "lks": 4, "dunia_usaha": 2}
_OFFERS = {
    "psm": ("pendampingan", 10),
    "tagana": ("tanggap_bencana", None),
    "karang_taruna": ("penyuluhan", 40),
    "keluarga_pioner": ("konsultasi_keluarga", 5),
    "wpks": ("pendampingan", 8),
    "lks": ("penampungan", 20),
    "dunia_usaha": ("bantuan_usaha", 15),
    "tksk": ("rujukan", None),
}


def indicator_life(world: World) -> Life:
    """WKSBM coverage: what it measures, the figure stated in July 2019, and a target for every year."""
    pen = Pen(world, "indicator", "kabid")
    body: dict[str, Any] = {"id": WKSBM_COVERAGE_ID, "name": "Cakupan WKSBM"}
    body["definition"] = "Bagian desa/kelurahan yang memiliki WKSBM, dihitung per desa/kelurahan."
    yield pen.step("indicator.define", BEGINS, body, late=0)
    url = {"stream": WKSBM_COVERAGE_ID}
    stated = {"permille": 250, "month": "2019-07", "wording": "sekitar 25 persen", "approximate": True}
    stated |= {"definition_unknown": True, "reference": "Pernyataan dinas pada sosialisasi WKSBM, 25 Juli 2019"}
    yield pen.step("indicator.state_baseline", date(2019, 7, 26), stated, url=url, late=0)
    for year in range(2020, world.today.year + 1):
        target: dict[str, Any] = {"year": year, "permille": min(950, 250 + 90 * (year - 2019))}
        target["reference"] = f"Renja Dinas Sosial {year}"
        yield pen.step("indicator.set_target", date(year, 1, 15), target, url=url, late=0)


def helper_life(world: World, number: int) -> Life:
    """One PSKS: registered, offering something, and sometimes gone after some years."""
    pen = Pen(world, f"helper/{number}", "kabid")
    rng, id = pen.rng, new_id()
    seats = [seat for seat in world.staff.seats.values() if seat.role == "tksk"]
    body: dict[str, Any] = {"id": id}
    if number < len(seats):
        kind, on = "tksk", BEGINS + timedelta(days=number)
        body |= {"kind": kind, "name": world.staff.names[seats[number].login], "area": seats[number].areas[0]}
    else:
        kind, on = pen.pick(_HELPERS), world.some_day(rng)
        village = rng.choice(world.villages)
        called = {"karang_taruna": "Karang Taruna", "lks": "LKS", "dunia_usaha": "UD"}.get(kind)
        name = names.body(rng, called) if called else names.official(rng, rng.choice("LP"))
        body |= {"kind": kind, "name": name, "village": village.code}
    yield pen.step("psks.register", on, {**body, "contact": "08000000" + f"{number:04}"})
    service, capacity = _OFFERS[kind]
    offer: dict[str, Any] = {"service": service, "open_hours": "Senin sampai Jumat, 08.00 sampai 15.00"}
    if capacity:
        offer["capacity"] = capacity
    yield pen.step("psks.offer_service", pen.after(on, 0, 30), offer, url={"stream": id})
    if kind != "tksk" and pen.chance(0.2):
        reason = pen.pick({"mengundurkan_diri": 3.0, "pindah": 2, "tidak_aktif": 4})
        yield pen.step("psks.end", pen.after(on, 300, 1500), {"reason": reason}, url={"stream": id})


def coaching_life(world: World, number: int, bodies: list[Body]) -> Life:
    """A coaching day for many WKSBM, recorded in one command."""
    pen = Pen(world, f"coaching/{number}", "kabid")
    on = BEGINS + timedelta(days=180 + int((world.days - 200) * (number + 1) / (world.scale.coachings + 1)))
    standing = [body for body in bodies if body.begun < on and not body.mortal]
    come = pen.rng.sample(standing, min(len(standing), pen.rng.randint(6, 25)))
    if not come:
        return
    body: dict[str, Any] = {"kind": pen.pick({"pembinaan": 3.0, "pelatihan": 2}), "organizer": "Dinas Sosial"}
    body |= {"participants": 3 * len(come) + pen.rng.randint(0, 9), "wksbm": [one.id for one in come]}
    papers = (Paper("laporan_kegiatan"), Paper("daftar_hadir"))
    yield pen.step("wksbm.conduct_coaching_day", on, body, papers=papers, subject=come[0].id, late=0)
