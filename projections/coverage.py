"""Coverage: in how many villages a WKSBM is begun, formed, legal and active, on any day.

Four senses, each counted in villages and never in bodies; a village counts in a sense when one of its bodies does.

* ``dirintis``: a first step was taken, and the body is not dissolved.
* ``terbentuk``: of these, formed.
* ``sah``: not dissolved, and an SK in force on the day.
* ``aktif``: formed, not dissolved, not found dormant, and a sign of life within the last N months (an activity, money
  raised or given out, or its waking).

Two clocks: the view's position says what was known, ``day`` is the day that is asked about. What papers prove is judged
as it is known, also for an earlier day. A figure that somebody once stated is a note of its indicator, never counted.
"""

import calendar
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from domain.indicator import WKSBM_COVERAGE_ID
from domain.territory import Territory
from domain.villages import Village
from projections.view import Reached, View
from projections.villages_in_force import territory, within

SENSES = ("dirintis", "terbentuk", "sah", "aktif")


@dataclass(slots=True)
class Body:
    """The facts of one WKSBM. Days are ISO text, which sorts as they do."""

    village: str
    begun: list[tuple[str, bool]] = field(default_factory=list)
    formed: list[tuple[str, bool]] = field(default_factory=list)
    sks: list[tuple[str, str, bool]] = field(default_factory=list)
    turns: list[tuple[str, int, bool]] = field(default_factory=list)  # day, version, asleep
    signs: list[str] = field(default_factory=list)  # days with a sign of life, in order
    proven_signs: list[str] = field(default_factory=list)  # those of them that a paper proves, in order
    first: str = "~"  # the day of the first of all steps and SKs
    dissolved: str = "~"

    def senses(self, day: str, since: str) -> dict[str, bool]:
        """In which senses it counts on ``day``, and of each whether a paper proves it; ``since`` begins the time in
        which a sign of life counts."""
        if not self.first <= day < self.dissolved:
            return {}
        found = {}
        if (begun := _proof(self.begun, day)) is not None:
            found["dirintis"] = begun
        if (formed := _proof(self.formed, day)) is not None:
            found["terbentuk"] = formed
        if self.sks and (legal := [proof for dated, until, proof in self.sks if dated <= day <= until]):
            found["sah"] = any(legal)
        if formed is not None and not (self.turns and self.dormant(day)) and _any_within(self.signs, since, day):
            found["aktif"] = _any_within(self.proven_signs, since, day)
        return found

    def dormant(self, day: str) -> bool:
        """Whether the last finding up to ``day`` was that it sleeps."""
        turns = [turn for turn in self.turns if turn[0] <= day]
        return bool(turns) and max(turns)[2]

    def last_sign(self, day: str) -> str | None:
        """Its last sign of life up to ``day``."""
        last = bisect_right(self.signs, day)
        return self.signs[last - 1] if last else None


def _proof(steps: list[tuple[str, bool]], day: str) -> bool | None:
    """Whether one of the steps up to ``day`` is proven; ``None`` when there is none."""
    found = None
    for on, proof in steps:
        if on <= day:
            if proof:
                return True
            found = False
    return found


def _any_within(days: list[str], since: str, day: str) -> bool:
    place = bisect_left(days, since)
    return place < len(days) and days[place] <= day


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day."""
    # Held within the calendar: any day may be asked about.
    year, month = divmod(max(day.year * 12 + day.month - 1 - months, 12), 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def bodies_until(
    view: View,
    reach: Reached,
    day: date,
    *,
    signs_from: date = date.min,
    wksbm: list[str] | None = None,
) -> dict[str, Body]:
    """The bodies with their facts up to ``day``, by id; signs of life from ``signs_from`` on. ``reach`` is SQL over
    ``village`` with its parameters; ``wksbm`` asks for these ids only."""
    where, values = reach
    values = {**values, "day": day.isoformat(), "signs_from": signs_from.isoformat()}
    if wksbm is not None:
        where, values["only"] = f"{where} AND wksbm IN :only", wksbm
    found: dict[str, Body] = {}
    rows = view.rows(
        f"SELECT key, wksbm, village, kind, valid_from, valid_until, proven FROM {{coverage_facts}} WHERE {where} "
        "AND kind IN ('dirintis', 'terbentuk', 'sah', 'tidak_aktif', 'aktif_kembali', 'dibubarkan') "
        "AND valid_from <= :day",
        **values,
    )
    for row in rows:
        body = found.get(row["wksbm"])
        if body is None:
            body = found[row["wksbm"]] = Body(row["village"])
        kind, begins, proof = row["kind"], row["valid_from"], bool(row["proven"])
        if kind == "dirintis":
            body.begun.append((begins, proof))
        elif kind == "terbentuk":
            body.formed.append((begins, proof))
        elif kind == "sah":
            body.sks.append((begins, row["valid_until"], proof))
        elif kind == "dibubarkan":
            body.dissolved = min(body.dissolved, begins)
        else:
            body.turns.append((begins, int(row["key"].rpartition(":")[2]), kind == "tidak_aktif"))
            if kind == "aktif_kembali":
                _note_sign(body, begins, proof)
    signs = view.rows(
        f"SELECT wksbm, valid_from, proven FROM {{coverage_facts}} WHERE {where} AND kind = 'aktif' "
        "AND valid_from BETWEEN :signs_from AND :day",
        **values,
    )
    for row in signs:
        if body := found.get(row["wksbm"]):
            _note_sign(body, row["valid_from"], row["proven"])
    for body in found.values():
        steps = [*(day for day, _ in (*body.begun, *body.formed)), *(dated for dated, _, _ in body.sks)]
        body.first = min(steps, default="~")
        body.signs.sort()
        body.proven_signs.sort()
    return found


def _note_sign(body: Body, day: str, proof: bool) -> None:
    body.signs.append(day)
    if proof:
        body.proven_signs.append(day)


class _Count:
    """Villages, and of them those that count in each sense: with a paper and without."""

    def __init__(self) -> None:
        self.villages = 0
        self.senses = {sense: [0, 0] for sense in SENSES}

    def take(self, senses: dict[str, bool]) -> None:
        self.villages += 1
        for sense, proof in senses.items():
            self.senses[sense][0 if proof else 1] += 1

    def shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"villages": self.villages}
        for sense, (papers, none) in self.senses.items():
            counted = papers + none
            share = (2000 * counted + self.villages) // (2 * self.villages) if self.villages else 0
            shown[sense] = {"villages": counted, "proven": papers, "unproven": none, "permille": share}
        return shown


def _by_village(
    found: dict[str, Body], standing: dict[str, Village], known: Territory, day: date, months: int
) -> tuple[dict[str, dict[str, bool]], list[str]]:
    """The senses of each village, and which bodies lie in no village of the day."""
    successors, elsewhere = known.successors_on(day), list[str]()
    on, since = day.isoformat(), months_before(day, months).isoformat()
    senses: dict[str, dict[str, bool]] = {code: {} for code in standing}
    for wksbm, body in found.items():
        own = body.senses(on, since)
        if not own:
            continue
        code = body.village if body.village in standing else successors.get(body.village, "")
        if code not in senses:
            elsewhere.append(wksbm)
            continue
        for sense, proof in own.items():
            senses[code][sense] = senses[code].get(sense, False) or proof
    return senses, elsewhere


class Judged(NamedTuple):
    """The villages of a day, the senses of each with whether a paper proves it, and the bodies that lie in none."""

    known: Territory
    standing: dict[str, Village]
    senses: dict[str, dict[str, bool]]
    elsewhere: list[str]


def judged(view: View, reach: Reached, reach_key: Reached, day: date, months: int) -> Judged:
    """What `coverage` counts, with the same arguments."""
    known = territory(view)
    standing = within(view, reach_key, day, known)
    found = bodies_until(view, reach, day, signs_from=months_before(day, months))
    return Judged(known, standing, *_by_village(found, standing, known, day, months))


def coverage(view: View, reach: Reached, reach_key: Reached, day: date, months: int) -> dict[str, Any]:
    """Coverage on ``day`` of each kecamatan and of all, in the villages of the territory in force that day.

    ``reach`` is SQL over ``village``, ``reach_key`` the same over ``key``. ``elsewhere`` counts bodies whose village is
    not in that territory (it was split); ``permille`` is of the villages.
    """
    known, standing, senses, elsewhere = judged(view, reach, reach_key, day, months)
    whole, parts = _Count(), {village.kecamatan: _Count() for village in standing.values()}
    names = {village.kecamatan: village.kecamatan_name for village in standing.values()}
    for code, village in standing.items():
        whole.take(senses[code])
        parts[village.kecamatan].take(senses[code])
    return {
        "on": day.isoformat(),
        "edition": known.edition_on(day),
        "months": months,
        "kabupaten": whole.shown(),
        "kecamatan": [{"code": code, "name": names[code], **parts[code].shown()} for code in sorted(parts)],
        "elsewhere": len(elsewhere),
        "notes": notes(view),
    }


def month_ends(begin: date, end: date) -> list[date]:
    """The last day of each month from the month of ``begin`` up to ``end``, and ``end`` itself."""
    days, day = [], begin
    while True:
        last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        days.append(min(last, end))
        if last >= end:
            return days
        day = last + timedelta(days=1)


def series(
    view: View,
    reach: Reached,
    reach_key: Reached,
    begin: date,
    end: date,
    months: int,
    kecamatan: str | None = None,
) -> dict[str, Any]:
    """Coverage at each month's end from ``begin`` to ``end``, of all villages within reach or of one kecamatan."""
    known = territory(view)
    found = bodies_until(view, reach, end)
    standing: dict[str, dict[str, Village]] = {}
    points = []
    for day in month_ends(begin, end):
        edition = known.edition_on(day)
        if edition not in standing:
            listed = within(view, reach_key, day, known)
            standing[edition] = {c: v for c, v in listed.items() if kecamatan in (None, v.kecamatan)}
        senses, _ = _by_village(found, standing[edition], known, day, months)
        count = _Count()
        for code in standing[edition]:
            count.take(senses[code])
        points.append({"on": day.isoformat(), "edition": edition, **count.shown()})
    return {"months": months, "kecamatan": kecamatan, "points": points, "notes": notes(view)}


def notes(view: View) -> list[dict[str, Any]]:
    """What was stated or set about WKSBM coverage: baselines as they were said, and targets."""
    rows = view.rows(
        "SELECT kind, month, year, permille, wording, reference, approximate, definition_unknown "
        "FROM {indicator_figures} WHERE indicator = :indicator ORDER BY kind, month, year",
        indicator=WKSBM_COVERAGE_ID,
    )
    for row in rows:
        row["approximate"], row["definition_unknown"] = bool(row["approximate"]), bool(row["definition_unknown"])
    return rows
