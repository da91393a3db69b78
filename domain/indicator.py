"""Performance indicators: what is measured, the baseline somebody once stated, and the target of each year.

The measured value is never stored here; it is projected from events. A stated baseline is a note on the indicator,
never invented events: for WKSBM coverage it is "around 25 percent" of July 2019, with no definition given.
"""

import re
from datetime import date

from domain.aggregate import Aggregate, Event
from domain.refusals import Refused
from domain.sealed import Evidence

WKSBM_COVERAGE_ID = "00000000-0000-7000-8000-000000000201"
_MONTH = re.compile(r"(19|20)\d{2}-(0[1-9]|1[0-2])")


class NotAShare(Refused):
    RULE = "not_a_share"
    SENTENCE = "Nilai {permille} bukan bagian per seribu; isi 0 sampai 1000 (25 persen ditulis 250)."


class NotAMonth(Refused):
    RULE = "not_a_month"
    SENTENCE = "“{month}” bukan bulan; tulis seperti 2019-07."


class NotAYear(Refused):
    RULE = "not_a_year"
    SENTENCE = "Tahun sasaran {year} di luar batas 2000 sampai 2100."


class Indicator(Aggregate):
    """One measure of the office's work, in permille of its denominator."""

    NOUN = "indicator"

    class Defined(Event):
        TOPIC = "indicator.defined"
        name: str
        definition: str

        def apply(self, indicator: "Indicator") -> None:
            indicator.name = self.name

    class BaselineStated(Event):
        """``permille`` is the figure as a number, ``wording`` as it was said, ``reference`` who or what said it."""

        TOPIC = "indicator.baseline_stated"
        permille: int
        month: str  # the month it describes, such as 2019-07
        wording: str
        reference: str
        approximate: bool = False
        definition_unknown: bool = False

        def apply(self, indicator: "Indicator") -> None:
            indicator.baselines[self.month] = self.permille

    class TargetSet(Event):
        TOPIC = "indicator.target_set"
        year: int
        permille: int
        reference: str

        def apply(self, indicator: "Indicator") -> None:
            indicator.targets[self.year] = self.permille

    def start(self) -> None:
        self.name = ""
        self.baselines: dict[str, int] = {}  # the last stated for each month
        self.targets: dict[int, int] = {}  # the last set for each year

    @classmethod
    def define(cls, id: str, *, on: date, name: str, definition: str) -> "Indicator":
        """Say what is measured and how, in public words."""
        indicator = cls.blank(id)
        indicator.trigger(cls.Defined, on=on, name=name, definition=definition)
        return indicator

    def state_baseline(
        self,
        *,
        on: date,
        permille: int,
        month: str,
        wording: str,
        reference: str,
        approximate: bool = False,
        definition_unknown: bool = False,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Note a figure that was stated for a past month. Raises `NotAShare` or `NotAMonth`."""
        if not _MONTH.fullmatch(month):
            raise NotAMonth(month=month[:10])
        self.trigger(
            self.BaselineStated,
            on=on,
            permille=_share(permille),
            month=month,
            wording=wording,
            reference=reference,
            approximate=approximate,
            definition_unknown=definition_unknown,
            evidence=evidence,
        )

    def set_target(
        self, *, on: date, year: int, permille: int, reference: str, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Set the target of a year; a later one for the same year replaces it. Raises `NotAShare` or `NotAYear`."""
        if not 2000 <= year <= 2100:
            raise NotAYear(year=year)
        self.trigger(
            self.TargetSet, on=on, year=year, permille=_share(permille), reference=reference, evidence=evidence
        )


def _share(permille: int) -> int:
    if not 0 <= permille <= 1000:
        raise NotAShare(permille=permille)
    return permille
