"""What happened to WKSBM, KPS, PSKS, indicators and the territory, told in Indonesian."""

import random
from datetime import date
from typing import Any

import msgspec
import pytest

from domain.aggregate import ENVELOPE, Event
from domain.indicator import Indicator
from domain.psks import Psks
from domain.sealed import Sealed
from domain.territory import Territory
from domain.wksbm import Wksbm
from projections import ALL
from projections.projection import Projection
from projections.sentences import tell
from tests.projections.villages import BULILA, DAY, TODAY, formed, paper, ratified


def told(event: Event, opened: Any = None) -> str:
    own = {name: value for name, value in msgspec.to_builtins(event).items() if name not in ENVELOPE}
    return tell(event.topic, own, opened)


def long_life() -> Wksbm:
    """A WKSBM to which everything happens."""
    wksbm = ratified("w1", BULILA, DAY, date(2024, 7, 31), paper("sk"))
    wksbm.hold_socialization(on=DAY, attendance=1200, minutes=Sealed("p1"), session="s1")
    wksbm.identify_kps(on=DAY, found=6, kps=("k1",))
    wksbm.register_at_office(on=DAY, register_number="PSKS-7", members=20)
    wksbm.join_kps(on=DAY, kps="k1")
    wksbm.provide_facility(on=DAY, kind="papan_nama", quantity=1, origin="dana_desa", value=1_500_000)
    wksbm.conduct_coaching(on=DAY, kind="pelatihan", organizer="Dinas Sosial", participants=12)
    wksbm.report_activity(on=DAY, kind="kedukaan", beneficiaries=2, description=Sealed("p2"))
    wksbm.raise_funds(on=DAY, amount=750_000, origin="iuran")
    wksbm.distribute_funds(on=DAY, amount=300_000, purpose="pangan", beneficiaries=4)
    wksbm.assess(on=DAY, level="tumbuh", score=61)
    wksbm.provide_evidence(on=DAY, target=1, evidence=(paper("surat_tugas"),))
    wksbm.leave_kps(on=DAY, kps="k1")
    wksbm.end_board_term(on=date(2021, 1, 1))
    wksbm.find_dormant(on=date(2021, 2, 1), signals=("ketua_kosong", "kps_keluar"))
    wksbm.reactivate(on=date(2021, 3, 1))
    wksbm.dissolve(on=TODAY, reason="musyawarah", evidence=(paper("sk"),))
    return wksbm


def events_of(wksbm: Wksbm) -> list[Any]:
    return list(wksbm.pending_events)


def test_every_step_of_a_wksbm_has_a_sentence_of_its_own() -> None:
    sentences = [told(event) for event in events_of(long_life())]
    assert not [sentence for sentence in sentences if "dicatat (" in sentence]
    assert not [sentence for sentence in sentences if "None" in sentence or "  " in sentence]
    assert all(sentence.endswith(".") for sentence in sentences)


def test_sentences_say_what_a_clerk_would() -> None:
    of = {event.topic: event for event in events_of(long_life())}
    assert told(of["wksbm.ratified"]) == (
        "WKSBM disahkan dengan SK nomor 141/12/2019 tanggal 1 Agustus 2019 oleh Hasan Pakaya (kepala desa), "
        "berlaku sampai 31 Juli 2024."
    )
    assert told(of["wksbm.funds_distributed"]) == (
        "Dana Rp300.000 disalurkan untuk pangan kepada 4 penerima (dilaporkan, belum terbukti)."
    )
    assert "Notulen: [tersegel]." in told(of["wksbm.socialization_held"])
    assert "Notulen: Sepakat." in told(of["wksbm.socialization_held"], {"p1": {"minutes": "Sepakat."}})
    assert "Uraian: [dimusnahkan]." in told(of["wksbm.activity_reported"], {})


def test_the_stated_baseline_is_told_as_it_was_said() -> None:
    indicator = Indicator.define("i1", on=DAY, name="Cakupan", definition="Desa dengan WKSBM")
    indicator.state_baseline(
        on=DAY,
        permille=255,
        month="2019-07",
        wording="sekitar seperempat",
        reference="60DTK",
        approximate=True,
        definition_unknown=True,
    )
    event: Any = indicator.pending_events[-1]
    assert told(event) == (
        "Angka dasar Juli 2019 dicatat: sekitar 25,5 persen (“sekitar seperempat”, 60DTK). "
        "Apa yang dihitung tidak dijelaskan."
    )


def test_territory_and_psks_are_told_with_names_and_decrees() -> None:
    published: Any = Territory.publish(on=DAY, valid_from=DAY).pending_events[0]
    assert told(published).startswith("Daftar wilayah dengan 205 desa/kelurahan ditetapkan, berlaku mulai 1 Agustus")
    psks = Psks.register("p1", on=DAY, kind="tksk", name="TKSK Telaga", area="75.01.02")
    psks.end(on=TODAY, reason="masa_tugas_berakhir")
    first, last = (told(event) for event in psks.pending_events)  # type: ignore[arg-type]
    assert "TKSK Telaga" in first
    assert last == "PSKS dicatat tidak aktif lagi: masa tugas berakhir."


@pytest.mark.parametrize("seed", range(100))
def test_rows_are_folded_from_a_history_with_any_record_missing(seed: int) -> None:
    chance = random.Random(seed)
    events = [event for event in events_of(long_life()) + events_of(formed("w2")) if chance.random() < 0.6]
    for projection in ALL:
        rows: dict[str, Any] = {}
        for event in events:
            fold(projection, rows, event)


def fold(projection: Projection[Any], rows: dict[str, Any], event: Event) -> None:
    handler = projection.handler(type(event))
    if handler is not None:
        for key in projection.keys(event):
            handler(rows.setdefault(key, projection.row(key)), event)
