"""Sentences about indicators. Figures are shares of a thousand, told as percent."""

from projections.sentences.words import MONTHS, Told


def _percent(told: Told) -> str:
    whole, tenth = divmod(int(told.data.get("permille", 0)), 10)
    return f"{whole},{tenth} persen" if tenth else f"{whole} persen"


def _baseline(told: Told) -> str:
    year, _, month = str(told.data["month"]).partition("-")
    about = "sekitar " if told.has("approximate") else ""
    unknown = " Apa yang dihitung tidak dijelaskan." if told.has("definition_unknown") else ""
    return (
        f"Angka dasar {MONTHS[int(month) - 1]} {year} dicatat: {about}{_percent(told)} (“{told['wording']}”, "
        f"{told['reference']}).{unknown}"
    )


SENTENCES = {
    "indicator.defined": lambda told: f"Indikator “{told['name']}” ditetapkan: {told['definition'].rstrip('.')}.",
    "indicator.baseline_stated": _baseline,
    "indicator.target_set": lambda told: (
        f"Sasaran tahun {told.data['year']} ditetapkan {_percent(told)} ({told['reference']})."
    ),
}
