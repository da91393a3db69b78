"""Questions about retention: the schedule, who is due by it and what prevents the others, and destructions.

Nothing of it is stored: whether a period is over depends on today.
"""

from collections.abc import Iterator
from datetime import date

from domain.retention import DESTROY, RetentionClass
from projections.view import Row, Rows, View

AT_ONCE = 1000

_FACTS = """
SELECT p.key AS id, p.village, p.kind, p.died_on, p.last_on, p.holds, p.destroyed_on,
  (SELECT count(*) FROM {cases} c WHERE c.beneficiary = p.key) AS cases,
  (SELECT count(*) FROM {cases} c WHERE c.beneficiary = p.key AND (c.open = 1 OR c.open_referrals > 0)) AS running,
  (SELECT max(c.terminated_on) FROM {cases} c WHERE c.beneficiary = p.key) AS closed_on,
  (SELECT max(c.last_on) FROM {cases} c WHERE c.beneficiary = p.key) AS case_last_on,
  (SELECT max(v.recorded_on) FROM {victims} v WHERE v.victim = p.key) AS struck_on,
  (SELECT max(v.helped_on) FROM {victims} v WHERE v.victim = p.key) AS helped_on
FROM {people} p
"""


def classes(view: View) -> Rows:
    """Every version of every class, the latest of each first."""
    return view.rows("SELECT * FROM {retention_classes} r ORDER BY r.code, r.number DESC")


def in_force(view: View, day: date) -> dict[str, RetentionClass]:
    """The class that holds on a day for each kind of beneficiary; kinds that none covers are left out."""
    found: dict[str, RetentionClass] = {}
    latest: dict[str, Row] = {}
    for row in classes(view):
        if row["valid_from"] <= day.isoformat():
            latest.setdefault(row["code"], row)
    for row in sorted(latest.values(), key=lambda row: str(row["valid_from"])):
        made = RetentionClass(
            row["code"],
            row["number"],
            row["label"],
            tuple(row["kinds"].split(",")),
            row["trigger_code"],
            row["years"],
            row["fate"],
            row["basis"],
            date.fromisoformat(row["valid_from"]),
        )
        found.update(dict.fromkeys(made.kinds, made))
    return found


def facts(view: View, ids: list[str]) -> dict[str, Row]:
    """What decides about the retention of some people, by id."""
    return {row["id"]: row for row in view.rows(f"{_FACTS} WHERE p.key IN :ids", ids=ids)} if ids else {}


def began(row: Row, trigger: str) -> date | None:
    """The day on which the retention of a person began by a trigger; None while it has not, or a case or referral runs.

    Of somebody who never had a case, the last record counts in place of the last case.
    """
    if row["running"]:
        return None
    last = max(
        filter(None, (row[name] for name in ("last_on", "case_last_on", "struck_on", "helped_on"))), default=None
    )
    day = {
        "kematian": row["died_on"],
        "kasus_terakhir_ditutup": row["closed_on"] if row["cases"] else last,
        "catatan_terakhir": last,
    }.get(trigger)
    return date.fromisoformat(day) if day else None


def judged(row: Row, rule: RetentionClass | None, day: date) -> Row:
    """A person as the dry run shows her: class, period, whether she is ``due``, and what ``prevents`` it."""
    prevents = []
    if row["holds"]:
        prevents.append("ditahan")
    if row["running"]:
        prevents.append("kasus_berjalan")
    if rule is None:
        prevents.append("tanpa_kelas")
    elif rule.fate != DESTROY:
        prevents.append(rule.fate)
    since = began(row, rule.trigger) if rule else None
    ends = rule.ends(since) if rule and since else None
    if rule and since is None and not row["running"]:
        prevents.append("belum_mulai")
    if ends and day <= ends:
        prevents.append("dalam_masa_simpan")
    return {
        "id": row["id"],
        "village": row["village"],
        "kind": row["kind"],
        "code": rule.code if rule else None,
        "number": rule.number if rule else None,
        "began": since.isoformat() if since else None,
        "ends": ends.isoformat() if ends else None,
        "due": not prevents,
        "prevents": prevents,
    }


def reviewed(view: View, day: date, *, after: str = "", limit: int = AT_ONCE, known: str = "1 = 1") -> Rows:
    """People by id with what is decided of each; those already destroyed are left out, and those outside ``known``, SQL
    over people ``p``."""
    rules = in_force(view, day)
    rows = view.rows(
        f"{_FACTS} WHERE p.destroyed_on IS NULL AND p.key > :after AND {known} ORDER BY p.key LIMIT :limit",
        after=after,
        limit=limit,
    )
    return [judged(row, rules.get(row["kind"]), day) for row in rows]


def everybody(view: View, day: date) -> Iterator[Row]:
    """The dry run over all people."""
    after = ""
    while rows := reviewed(view, day, after=after):
        yield from rows
        after = rows[-1]["id"]


_HELD = (
    "SELECT h.hold, h.beneficiary, h.document, h.reason, h.papers, h.held_on, h.lifted_on, h.destroyed_on, "
    "p.village, p.destroyed_on AS person_destroyed_on FROM {held_documents} h "
    "JOIN {people} p ON p.key = h.beneficiary"
)


def held_documents(view: View, *, known: str = "1 = 1") -> Rows:
    """Every document that is or was under hold, the latest first: ``due`` once its hold is lifted and everything else of
    the person is destroyed, or what ``prevents`` it. Those outside ``known``, SQL over people ``p``, are left out."""
    rows = view.rows(f"{_HELD} WHERE {known} ORDER BY h.held_on DESC, h.hold")
    for row in rows:
        row["prevents"] = [
            name
            for name, so in (
                ("sudah_dimusnahkan", row["destroyed_on"]),
                ("ditahan", not row["lifted_on"]),
                ("warga_belum_dimusnahkan", not row["person_destroyed_on"]),
            )
            if so
        ]
        row["due"] = not row["prevents"]
    return rows


def destructions(view: View) -> Rows:
    """Every destruction, the latest first."""
    return view.rows("SELECT * FROM {destructions} d ORDER BY d.proposed_on DESC, d.key DESC")


def destruction(view: View, stream: str) -> Row | None:
    """One destruction with its people; None when there is none."""
    row = view.one("SELECT * FROM {destructions} d WHERE d.key = :id", id=stream)
    if row is None:
        return None
    people = view.rows("SELECT * FROM {destroyed} d WHERE d.destruction = :id ORDER BY d.subject", id=stream)
    return {**row, "subjects": people}
