"""When the same help for the same household is told of as given twice: each kind of it has a period.

A warning, never a refusal: whoever gives may know why it is needed again. What is a matter of course when it comes again,
such as guidance or a companion's visits, has no period.
"""

from datetime import date, timedelta

DAYS = 90
#: Kinds with another period than `DAYS`; 0 for none.
DAYS_OF = {
    **dict.fromkeys(("air_minum", "makanan_siap_saji"), 1),
    **dict.fromkeys(("lauk_pauk", "makanan_anak"), 7),
    **dict.fromkeys(("beras", "sembako", "L03"), 30),
    **dict.fromkeys(
        ("alat_bantu", "alat_bantu_dengar", "alat_usaha", "bahan_bangunan", "kursi_roda", "tongkat_kruk"), 365
    ),
    **dict.fromkeys(("L01", "L02", "L07", "L08", "L10", "L11", "L12", "L13", "lainnya"), 0),
    **dict.fromkeys(("penampungan", "pendampingan"), 0),
}
#: What two lists call by two codes.
SAME = {"L04": "sandang", "L05": "alat_bantu", "paket_sembako": "sembako", "selimut": "selimut_tikar"}


def kind_of(code: str) -> str:
    """The kind that a code of a service, of aid or of goods stands for, the same from whatever list it comes."""
    return SAME.get(code, code)


def last_day(kind: str, on: date) -> date | None:
    """The last day on which that kind of help, given ``on`` a day, would be given twice; ``None`` for what may come again
    at once."""
    days = DAYS_OF.get(kind_of(kind), DAYS)
    try:
        return on + timedelta(days=days) if days else None
    except OverflowError:  # the very end of the calendar
        return date.max
