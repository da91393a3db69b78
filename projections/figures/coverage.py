"""The figures of coverage: villages in each of its four senses, with papers and without."""

from collections.abc import Callable, Iterator

from projections import coverage
from projections.figures.figure import PLACES, Asked, Figure, Row, judged
from projections.view import View

_SENSES = {
    "dirintis": "memiliki WKSBM yang langkah pertamanya sudah diambil dan belum dibubarkan",
    "terbentuk": "memiliki WKSBM yang sudah terbentuk dan belum dibubarkan",
    "sah": "memiliki WKSBM yang belum dibubarkan dan SK-nya berlaku pada hari itu",
    "aktif": "memiliki WKSBM terbentuk yang tidak tidur dan memberi tanda hidup dalam bulan-bulan terakhir yang ditetapkan",
}
_PROOFS = {
    "villages": (None, ""),
    "proven": (True, ", dan ada berkas yang membuktikannya"),
    "unproven": (False, ", tetapi belum ada berkas yang membuktikannya"),
}


def _judged(view: View, asked: Asked) -> coverage.Judged:
    return asked.once(view, "coverage", lambda at, of: coverage.judged(at, of.reach, of.reach_key, of.day, of.months))


def _chosen(found: coverage.Judged, asked: Asked) -> Iterator[str]:
    village, kecamatan = asked.about.get("village"), asked.about.get("kecamatan")
    for code, standing in found.standing.items():
        if village in (None, code) and kecamatan in (None, standing.kecamatan):
            yield code


def _villages(view: View, asked: Asked) -> list[Row]:
    return [Row(code, code, 1) for code in _chosen(_judged(view, asked), asked)]


def _in_sense(sense: str, proof: bool | None) -> Callable[[View, Asked], list[Row]]:
    def find(view: View, asked: Asked) -> list[Row]:
        found = _judged(view, asked)
        counts = {code: found.senses[code].get(sense) for code in _chosen(found, asked)}
        return [Row(code, code, 1) for code, seen in counts.items() if seen is not None and proof in (None, seen)]

    return find


def _elsewhere(view: View, asked: Asked) -> list[Row]:
    return [Row(body, body, 1) for body in _judged(view, asked).elsewhere]


def figures() -> Iterator[Figure]:
    listed = "Banyaknya desa dan kelurahan dalam daftar wilayah yang berlaku pada hari itu."
    yield judged("coverage.villages", listed, kind="village", find=_villages, takes=PLACES)
    for sense, said in _SENSES.items():
        for name, (proof, more) in _PROOFS.items():
            yield judged(
                f"coverage.{sense}.{name}",
                f"Banyaknya desa dan kelurahan yang {said}{more}.",
                kind="village",
                find=_in_sense(sense, proof),
                takes=PLACES,
            )
        yield judged(
            f"coverage.{sense}.permille",
            f"Bagian dari seribu desa dan kelurahan yang {said}, dibulatkan.",
            kind="village",
            find=_in_sense(sense, None),
            takes=PLACES,
            share="coverage.villages",
        )
    elsewhere = (
        "Banyaknya WKSBM yang terhitung, tetapi desanya tidak ada dalam daftar wilayah yang berlaku pada hari itu."
    )
    yield judged("coverage.elsewhere", elsewhere, kind="wksbm", find=_elsewhere)
