"""The 26 types, their bounds, and the words people use for them. And the SPM services that can apply."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import ppks, spm
from domain.ppks import FINDINGS, TYPE_DATA, TYPE_LIST, TYPES, VERSION, rule_findings
from domain.ppks_wording import LEGACY, LEGACY_VERSION, LISTS, REVIEW, TODAY_OF_LEGACY, find
from domain.refusals import UnknownCode

DAY = date(2026, 3, 2)


def test_the_list_has_26_types_in_the_order_of_the_regulation() -> None:
    assert [kind.number for kind in TYPE_LIST] == list(range(1, 27))
    assert len(TYPES.on(DAY).codes) == 26
    assert TYPES.on(DAY).version == VERSION


def test_a_day_before_the_list_began_is_judged_by_it_too() -> None:
    assert TYPES.on(date(2009, 1, 1)).version == VERSION


def test_the_strict_types_are_those_that_ruin_a_life_when_known() -> None:
    assert [kind.number for kind in TYPE_LIST if kind.tier == 3] == [3, 6, 7, 10, 14, 15, 16, 17, 18, 19]
    assert [kind.number for kind in TYPE_LIST if kind.tier == 1] == [8, 11, 12, 13, 21, 22, 23, 26]


@pytest.mark.parametrize(
    ("code", "age", "sex", "findings"),
    [
        ("anak_balita_telantar", 5, "L", ()),
        ("anak_balita_telantar", 6, "L", ("age_above",)),
        ("anak_telantar", 5, "P", ("age_below",)),
        ("anak_telantar", 6, "P", ()),
        ("anak_telantar", 18, "P", ()),
        ("anak_telantar", 19, "P", ("age_above",)),
        ("anak_berhadapan_dengan_hukum", 12, "L", ()),
        ("anak_berhadapan_dengan_hukum", 11, "L", ("offender_age_below",)),
        ("anak_berhadapan_dengan_hukum", 18, "L", ("age_above",)),
        ("anak_dengan_kedisabilitasan", 17, "L", ()),
        ("anak_dengan_kedisabilitasan", 18, "L", ("age_above",)),
        ("lanjut_usia_telantar", 59, "L", ("age_below",)),
        ("lanjut_usia_telantar", 60, "L", ()),
        ("bekas_warga_binaan", 18, "L", ("age_below",)),
        ("bekas_warga_binaan", 19, "L", ()),
        ("orang_dengan_hiv", 17, "P", ("age_below",)),
        ("perempuan_rawan_sosial_ekonomi", 18, "P", ()),
        ("perempuan_rawan_sosial_ekonomi", 59, "P", ()),
        ("perempuan_rawan_sosial_ekonomi", 60, "P", ("age_above",)),
        ("perempuan_rawan_sosial_ekonomi", 17, "L", ("age_below", "sex_mismatch")),
        ("perempuan_rawan_sosial_ekonomi", None, None, ("age_unknown", "sex_unknown")),
        ("lanjut_usia_telantar", None, "P", ("age_unknown",)),
        ("penyandang_disabilitas", None, None, ()),
        ("fakir_miskin", 3, "L", ()),
    ],
)
def test_a_person_outside_the_bounds_of_a_type_is_found(
    code: str, age: int | None, sex: str | None, findings: tuple[str, ...]
) -> None:
    assert rule_findings(code, VERSION, age=age, sex=sex) == findings
    assert set(findings) <= set(FINDINGS)


def test_bounds_of_an_unknown_type_or_list_are_refused() -> None:
    with pytest.raises(UnknownCode):
        rule_findings("rtlh", VERSION, age=5, sex="L")
    with pytest.raises(UnknownCode):
        rule_findings("fakir_miskin", "ID-PPKS-1999", age=5, sex="L")


def test_age_counts_completed_years() -> None:
    assert ppks.age_on(date(2008, 3, 2), DAY) == 18
    assert ppks.age_on(date(2008, 3, 3), DAY) == 17
    assert ppks.age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17


def test_only_the_office_can_make_the_bounds_of_types_8_and_23_binding() -> None:
    assert [kind.number for kind in TYPE_LIST if kind.hard] == [8, 23]


def test_children_grow_into_another_type() -> None:
    assert {kind.number: TYPE_DATA[kind.next].number for kind in TYPE_LIST if kind.next} == {1: 2, 5: 9, 23: 8}


def test_units_subtypes_and_criteria_are_checked_before_sealing() -> None:
    assert ppks.check("fakir_miskin", kind="family", on=DAY).tier == 2
    with pytest.raises(ppks.UnitNotAllowed):
        ppks.check("komunitas_adat_terpencil", kind="person", on=DAY)
    with pytest.raises(ppks.SubtypeMissing):
        ppks.check("penyandang_disabilitas", kind="person", on=DAY)
    assert ppks.check("penyandang_disabilitas", kind="person", on=DAY, subtypes=("fisik", "mental")).number == 9
    with pytest.raises(ppks.SubtypeNotForType):
        ppks.check("penyandang_disabilitas", kind="person", on=DAY, subtypes=("cacat",))
    with pytest.raises(ppks.SubtypeNotForType):
        ppks.check("pengemis", kind="person", on=DAY, subtypes=("fisik",))
    with pytest.raises(UnknownCode):
        ppks.check("odgj", kind="person", on=DAY)


def test_the_criteria_of_a_minority_are_not_kept() -> None:
    with pytest.raises(ppks.CriteriaNotKept):
        ppks.check("kelompok_minoritas", kind="person", on=DAY, criteria=True)
    assert ppks.check("kelompok_minoritas", kind="community", on=DAY).tier == 3


@pytest.mark.parametrize(
    ("wording", "code"),
    [
        ("ABH", "anak_berhadapan_dengan_hukum"),
        ("a.b.h.", "anak_berhadapan_dengan_hukum"),
        ("Anak yang berhadapan dengan hukum (ABH)", "anak_berhadapan_dengan_hukum"),
        ("anak terlantar", "anak_telantar"),
        ("PMKS: Anak Terlantar", "anak_telantar"),
        ("  ANAK   BALITA TERLANTAR ", "anak_balita_telantar"),
        ("lansia terlantar", "lanjut_usia_telantar"),
        ("ODHA", "orang_dengan_hiv"),
        ("ODHIV", "orang_dengan_hiv"),
        ("Orang dengan HIV/AIDS (ODHA)", "orang_dengan_hiv"),
        ("PRSE", "perempuan_rawan_sosial_ekonomi"),
        ("WRSE", "perempuan_rawan_sosial_ekonomi"),
        ("Wanita Rawan Sosial-Ekonomi", "perempuan_rawan_sosial_ekonomi"),
        ("PMBS", "pekerja_migran_bermasalah_sosial"),
        ("KAT", "komunitas_adat_terpencil"),
        ("BWBLP", "bekas_warga_binaan"),
        ("BWBLK", "bekas_warga_binaan"),
        ("NAPZA", "korban_napza"),
        ("AMPK", "anak_memerlukan_perlindungan_khusus"),
        ("ADK", "anak_dengan_kedisabilitasan"),
        ("KBSP", "keluarga_bermasalah_sosial_psikologis"),
        ("keluarga fakir miskin", "fakir_miskin"),
        ("penyandang cacat", "penyandang_disabilitas"),
        ("korban trafficking", "korban_perdagangan_orang"),
        ("TPPO", "korban_perdagangan_orang"),
    ],
)
def test_the_words_on_old_and_new_forms_find_todays_type(wording: str, code: str) -> None:
    match = find(wording)
    assert (match.code, match.types, match.review) == (code, VERSION, False)


@pytest.mark.parametrize(
    ("wording", "subtype"),
    [("ODGJ", "mental"), ("Tuna netra", "sensorik"), ("tuna daksa", "fisik"), ("tunagrahita", "intelektual")],
)
def test_odgj_and_others_are_hints_at_a_subtype_of_disability(wording: str, subtype: str) -> None:
    match = find(wording)
    assert (match.code, match.subtype) == ("penyandang_disabilitas", subtype)
    assert match.suggestions == ("anak_dengan_kedisabilitasan",)


@pytest.mark.parametrize(
    "wording", ["RTLH", "keluarga rentan", "Anak Nakal", "gepeng", "pengungsi", "pecandu narkoba", "lansia"]
)
def test_words_without_one_present_meaning_go_to_review(wording: str) -> None:
    match = find(wording)
    assert match.review
    assert match.suggestions
    assert set(match.suggestions) <= set(TYPE_DATA)


@pytest.mark.parametrize("wording", ["", "()", "waria", "gay", "LGBT", "orang baik"])
def test_unknown_words_and_words_for_an_orientation_match_nothing(wording: str) -> None:
    assert find(wording).code == REVIEW
    assert find(wording).suggestions == ()


def test_every_type_is_found_by_its_code_and_by_its_label() -> None:
    for kind in TYPE_LIST:
        assert find(kind.code).code == kind.code
        assert find(kind.label).code == kind.code
        assert find(kind.label.upper().replace(" ", "-")).code == kind.code


def test_the_older_list_is_readable_and_none_of_it_is_lost() -> None:
    assert len(LEGACY) == 22
    for code, label, today in LEGACY:
        assert LISTS.label(LEGACY_VERSION, code) == label
        assert find(label).code == today == TODAY_OF_LEGACY[code]
    assert LISTS.label(VERSION, "fakir_miskin") == "Fakir miskin"
    assert {code for code, _, today in LEGACY if today == REVIEW} == {"anak_nakal", "rtlh", "keluarga_rentan"}


@given(st.text(max_size=60))
def test_finding_a_type_never_fails_whatever_is_typed(text: str) -> None:
    assert find(text).code in {*TYPE_DATA, REVIEW}


def test_every_spm_service_has_its_types() -> None:
    types = {service: [kind.number for kind in TYPE_LIST if service in kind.spm] for service in "abcde"}
    assert types == {"a": [5, 9], "b": [1, 2, 5], "c": [8], "d": [11, 12], "e": [21, 22]}
    assert list(spm.SERVICES.on(DAY).codes) == list("abcde")
    assert len(spm.ITEMS.on(DAY).codes) == 18
    assert set(spm.ITEMS.on(DAY).codes) >= spm.UNCONFIRMED | spm.MOST_DAYS.keys()


def _need(service: str, type: str, *items: str, neglected: bool | None = None, inside: bool = False) -> None:
    spm.check_need(service, items, type=type, on=DAY, neglected=neglected, inside=inside)


def test_an_spm_service_is_for_its_own_types() -> None:
    _need("d", "pengemis", "L04")
    with pytest.raises(spm.ServiceNotForType):
        _need("c", "pengemis", "L04")
    with pytest.raises(UnknownCode):
        _need("f", "pengemis")
    with pytest.raises(UnknownCode):
        _need("d", "pengemis", "L14")


def test_disaster_items_and_rehabilitation_items_do_not_mix() -> None:
    _need("e", "korban_bencana_alam", "E1", "E3")
    with pytest.raises(spm.ItemNotInService):
        _need("e", "korban_bencana_alam", "L03")
    with pytest.raises(spm.ItemNotInService):
        _need("d", "gelandangan", "E1")


def test_a_disabled_person_needs_an_assessment_as_neglected() -> None:
    _need("a", "penyandang_disabilitas", "L05", neglected=True)
    for neglected in (False, None):
        with pytest.raises(spm.NeglectNotEstablished):
            _need("a", "penyandang_disabilitas", "L05", neglected=neglected)
    _need("c", "lanjut_usia_telantar", "L03")  # neglected by the type's own criteria


def test_services_inside_an_institution_are_the_provinces() -> None:
    with pytest.raises(spm.InsideInstitution):
        _need("c", "lanjut_usia_telantar", "L03", inside=True)
    _need("e", "korban_bencana_alam", "E1", inside=True)
