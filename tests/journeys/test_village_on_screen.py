"""S5 on pages, in a real browser: a village head forms a WKSBM on a phone, from the first meeting to its decree, and shows
his assembly how the village stood on the evening of 30 June."""

from __future__ import annotations

from datetime import date

from tests.journeys.browser import in_a_browser
from tests.journeys.calendar import ELSEWHERE, NEXT_DOOR, VILLAGE, Place, registration
from tests.journeys.desks import Desks, Seat, plain
from tests.journeys.test_village_forms_a_wksbm import legal

pytestmark = in_a_browser
BODY, PLACE = "WKSBM Huyula", f"/desa/{VILLAGE}"
GROUPS = {"Al-Hidayah": "Majelis taklim", "Rukun Warga": "Paguyuban warga / perantau", "Melati": "Arisan"}
DECREED, ENTERED = date(2025, 6, 25), date(2025, 7, 14)
SK = {
    "Nomor SK": "141/07/2025",
    "Tanggal surat": "2025-06-16",
    "Penanda tangan": "Hasan Pakaya",
    "Jabatan penanda tangan": "Kepala desa",
    "Masa bakti sampai": "2030-06-24",
}
SECRET, THIRD = "Nama Rahasia", "75.01.01.1002"


class Village:
    """The village of the head, his neighbours, and whoever works there."""

    def __init__(self, desks: Desks) -> None:
        self.desks, self.place = desks, desks.place
        self.who, self.office, self.worker = (
            self.place.who(role, *areas) for role, *areas in (("kades", VILLAGE), ("supervisor",), ("tksk",))
        )
        self.paper = self.place.folder / "berita acara.pdf"
        self.paper.write_bytes(b"%PDF-1.7 berita acara")
        self.wksbm = ""

    @property
    def phone(self) -> Seat:
        return self.desks.of(self.who)

    def people(self, day: date, *names: str, village: str = VILLAGE) -> list[str]:
        """People of a village registered on a day, each with a type, a need and a case."""
        self.place.calendar.move_to(day)
        desk, found = self.place.who("peksos"), []
        for name in names:
            person = str(desk.done("/api/v1/beneficiaries", registration(village, name=name, birth_year=1948))["id"])
            at = f"/api/v1/beneficiaries/{person}"
            desk.done(f"{at}/classifications", {"type": "lanjut_usia_telantar"})
            (one,) = desk.data(at)["classifications"]
            need = {"classification": one["classification"], "spm_service": "c", "services": ["L03"], "year": day.year}
            desk.done(f"{at}/needs", need)
            desk.done("/api/v1/cases", {"beneficiary": person, "channel": "surat", "urgency": "biasa"})
            found.append(person)
        return found


def test_a_village_head_forms_a_wksbm_on_a_phone(desks: Desks) -> None:
    village = Village(desks)
    known = village.people(date(2025, 6, 12), "Hadija Katili")
    survivor, case = of_a_survivor(village.place)
    village.place.calendar.move_to(date(2025, 6, 16))
    only_his_village(village.phone)
    begun(village)
    a_step_is_missing(village.phone)
    village.place.calendar.move_to(date(2025, 6, 20))
    formed(village)
    known += village.people(date(2025, 6, 30), "Ramli Gobel")
    later = village.people(date(2025, 7, 2), "Sofyan Monoarfa")
    village.place.calendar.move_to(ENTERED)
    decreed(village)
    the_evening_of_30_june(village, known, later)
    for path in (f"/warga/{survivor}", f"/warga/{survivor}?per=2025-06-30", f"/warga/{survivor}/pembacaan"):
        village.phone.go(path, 404).reads("Tidak ada di sini").lacks(SECRET)
    village.phone.go(f"/kasus/{case}", 403).lacks(SECRET).go("/warga").lacks(SECRET)
    neighbours_are_counts(village)


def of_a_survivor(place: Place) -> tuple[str, str]:
    """The record and the case of somebody who survived violence in his village."""
    worker = place.who("peksos")
    person = worker.done("/api/v1/beneficiaries", registration(name=SECRET, birth_year=1999))["id"]
    worker.done(f"/api/v1/beneficiaries/{person}/classifications", {"type": "korban_tindak_kekerasan"})
    case = worker.done("/api/v1/cases", {"beneficiary": person, "channel": "surat", "urgency": "segera"})["id"]
    return str(person), str(case)


def only_his_village(phone: Seat) -> None:
    listed = phone.go("/desa").page.locator("main tbody th a[href^='/desa/']")
    assert set(listed.evaluate_all("all => all.map(one => one.getAttribute('href'))")) == {PLACE}
    phone.go(f"/desa/{NEXT_DOOR}", 404).reads("Tidak ada di sini")


def begun(village: Village) -> None:
    """The WKSBM, a meeting with the bodies of the village, and its groups, each by its form."""
    phone = village.phone.go(PLACE).record("Rintis WKSBM", {"Nama": BODY, "Dusun": "Dusun I"}).follow(BODY)
    village.wksbm = phone.here.rpartition("/")[2]
    phone.follow("Catat sosialisasi").fill({"Jumlah yang hadir": "61"}).attach("Daftar hadir", village.paper).saved()
    for name, kind in GROUPS.items():
        phone.go(PLACE).record("Daftarkan KPS", {"Jenis": kind, "Nama": name})
    phone.reads(*(f"{name}, {kind}" for name, kind in GROUPS.items()))
    phone.follow(BODY).follow("Catat KPS yang ada").fill({"Yang ditemukan": "9", **dict.fromkeys(GROUPS, True)}).saved()


def a_step_is_missing(phone: Seat) -> None:
    """Then it cannot be made legal: the page and the refusal say which; what was typed is still there."""
    phone.reads("Sebelum dapat disahkan masih kurang: musyawarah dengan jumlah hadir, pembentukan, pengurus")
    phone.follow("Catat pengesahan (SK)").fill(SK).refused("musyawarah", "pembentukan", "pengurus")
    assert phone.page.locator('[name="number"]').input_value() == SK["Nomor SK"]


def formed(village: Village) -> None:
    """The rest of the steps, with the minutes; the groups become members; the board is named."""
    phone = village.phone.go(f"/wksbm/{village.wksbm}")
    phone.follow("Catat musyawarah").fill({"Jumlah yang hadir": "44"}).attach("Berita acara", village.paper).saved()
    phone.follow("Catat pembentukan").attach("Berita acara", village.paper).saved()
    phone.follow("Angkat pengurus").fill({"Masa bakti mulai": "2025-06-20"})
    for at, (post, name) in enumerate((("Ketua", "Yusuf Abdullah"), ("Sekretaris", "Ramla Ishak"))):
        phone.fill({"Jabatan": post, "Nama": name}, at)
    phone.saved()
    for name in GROUPS:
        phone.record("Gabungkan KPS", {"Kelompok (KPS)": name})
    phone.reads("Kelompok anggota 3", *(f"{name}, {kind}" for name, kind in GROUPS.items()))
    phone.reads("Ketua: Yusuf Abdullah", "Sekretaris: Ramla Ishak").lacks("Sebelum dapat disahkan")
    phone.follow("Gabungkan KPS").reads("Belum ada yang dapat dipilih").lacks("Kelompok (KPS)")


def shown_legal(desk: Seat, path: str = "/cakupan") -> int:
    """How many villages of the kecamatan have a decree in force, by the page of coverage."""
    row = desk.go(path).page.locator("section", has_text="Menurut kecamatan").last.locator("tbody tr")
    cells = row.filter(has_text="Telaga").first.locator("td")
    return int(cells.nth(2).inner_text())


def decreed(village: Village) -> None:
    """The decree is of 25 June and entered on 14 July: the kecamatan's coverage rises by one from the decree's day."""
    desk = village.desks.of(village.office)
    days = ("2025-06-24", "2025-06-25", "2025-07-13", "2025-07-14")
    before, seen = [legal(village.office, day) for day in days], shown_legal(desk)
    phone = village.phone.go(f"/wksbm/{village.wksbm}").follow("Catat pengesahan (SK)")
    phone.fill({**SK, "Tanggal surat": DECREED.isoformat(), "Tanggal pengesahan": DECREED.isoformat()})
    phone.attach("SK", village.paper).saved()
    phone.reads("Sah", SK["Nomor SK"], "25 Juni 2025")
    after = [legal(village.office, day) for day in days]
    rise = [(now[0] - then[0], now[1] - then[1]) for then, now in zip(before, after, strict=True)]
    assert rise == [(0, 0), (1, 1), (1, 1), (1, 1)], rise
    assert shown_legal(desk) == seen + 1
    assert shown_legal(desk, "/cakupan?per=2025-07-13") == seen, "nobody knew it then"
    rows = desk.go(f"/cakupan?kecamatan={VILLAGE[:8]}").page.locator("table").first.locator("tbody tr").all()
    months = {row.locator("th").inner_text(): int(row.locator("td").nth(2).inner_text()) for row in rows}
    assert months["30 Jun 2025"] == months["31 Mei 2025"] + 1


def the_evening_of_30_june(village: Village, known: list[str], later: list[str]) -> None:
    """For the assembly: people, needs and open cases as they were known then, by the one control on the page."""
    phone = village.phone.go(PLACE).reads("Warga, data biasa 3", "Kasus berjalan 3")
    phone.back_to("2025-06-30").reads("Warga, data biasa 2", "Kasus berjalan 2", "Terbentuk")
    assert "Seperti diketahui pada 30 Juni 2025" in phone.page.locator("form.moment").inner_text()
    assert phone.page.locator("main a", has_text="Catat").count() == 0, "the past is only to be read"
    phone.go("/warga").back_to("2025-06-30").reads("Hadija Katili", "Ramli Gobel").lacks("Sofyan Monoarfa")
    for person in known:
        phone.go(f"/warga/{person}?per=2025-06-30").reads("Lanjut usia telantar", "Kebutuhan (SPM)", "2025: ")
    phone.go(f"/warga/{later[0]}?per=2025-06-30", 404)


def neighbours_are_counts(village: Village) -> None:
    """His neighbours are counts on the public page, a small one suppressed, and another with it so that the sum does not
    give it away; none of their people is named to him."""
    desk = village.place.who("peksos")
    for code, many in ((NEXT_DOOR, 2), (ELSEWHERE, 6), (THIRD, 5)):
        for at in range(many):
            known = registration(code, name=f"Tetangga {at}")
            desk.done("/api/v1/beneficiaries", {**known, "reason_to_go_on": "Orang lain"})
    village.place.calendar.move_to(date(2025, 8, 2))
    phone = village.phone.go("/publik")
    rows = {code: phone.page.locator(f'tr[id="d{code}"]').inner_text() for code in (NEXT_DOOR, ELSEWHERE, THIRD)}
    assert {code: plain(row).split()[-1] for code, row in rows.items()} == {NEXT_DOOR: "*", ELSEWHERE: "6", THIRD: "*"}
    for path in ("/publik", "/desa", "/warga"):
        phone.go(path).lacks("Tetangga")
    phone.go("/publik").lacks("Hadija", SECRET)
