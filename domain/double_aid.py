"""When the same help for the same household is told of as given twice: each kind of it has a period.

A warning, never a refusal: whoever gives may know why it is needed again. What is a matter of course when it comes again,
such as guidance or a companion's visits, has no period.
"""

from datetime import date, timedelta

DAYS = 90  # of a kind that is not named below
#: Days of each kind; 0 for none.
DAYS_OF = {
    **dict.fromkeys(("air_minum", "makanan_siap_saji"), 1),
    **dict.fromkeys(("E1", "lauk_pauk", "makanan_anak"), 7),
    **dict.fromkeys(("A01", "L03", "beras", "sembako"), 30),
    **dict.fromkeys(("A09", "B03", "B06", "L06", "family_kit", "kasur", "kids_ware", "peralatan_dapur"), 90),
    **dict.fromkeys(("perlengkapan_bayi", "perlengkapan_lansia", "perlengkapan_sekolah", "sandang"), 90),
    **dict.fromkeys(("selimut_tikar", "tenda", "terpal", "uang_tunai"), 90),
    **dict.fromkeys(("A07", "A08", "A10", "B05", "alat_bantu", "alat_bantu_dengar", "alat_usaha"), 365),
    **dict.fromkeys(("bahan_bangunan", "kursi_roda", "tongkat_kruk"), 365),
    **dict.fromkeys(("L01", "L02", "L07", "L08", "L09", "L10", "L11", "L12", "L13", "lainnya"), 0),
    **dict.fromkeys(("A02", "A03", "A04", "A05", "A06", "E4", "penampungan", "pendampingan"), 0),
}
#: What two lists call by two codes.
SAME = {
    "L04": "sandang",
    "E2": "sandang",
    "L05": "alat_bantu",
    "E3": "penampungan",
    "E5": "pendampingan",
    "B01": "uang_tunai",
    "B02": "sembako",
    "B04": "alat_usaha",
    "paket_sembako": "sembako",
    "selimut": "selimut_tikar",
}


def kind_of(code: str) -> str:
    """The kind that a code of a service, of aid or of goods stands for, the same from whatever list it comes."""
    return SAME.get(code, code)


def latest(on: date) -> date:
    """The last day that any kind of help given ``on`` a day can have."""
    return _after(on, max(DAYS, *DAYS_OF.values()))


def last_day(kind: str, on: date) -> date | None:
    """The last day on which that kind of help, given ``on`` a day, would be given twice; ``None`` for what may come again
    at once."""
    days = DAYS_OF.get(kind_of(kind), DAYS)
    return _after(on, days) if days else None


def _after(on: date, days: int) -> date:
    try:
        return on + timedelta(days=days)
    except OverflowError:  # the very end of the calendar
        return date.max
