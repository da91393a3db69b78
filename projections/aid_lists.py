"""Questions about what a household was given: services and aid under its cases, and relief after disasters."""

from typing import Any

from domain.case import Case
from domain.correction import Corrected, Retracted
from domain.incident import DisasterIncident
from projections.history_lists import Entry, read
from projections.view import View

_HOUSEHOLD = " UNION ".join(
    (
        *(
            f"SELECT k.{column} AS key FROM {{people}} k WHERE k.key IN :ids"
            for column in ("key", "family", "linked_to")
        ),
        *(f"SELECT k.key FROM {{people}} k WHERE k.{column} IN :ids" for column in ("family", "linked_to")),
        *(
            f"SELECT k.key FROM {{people}} k WHERE k.{column} IN "
            f"(SELECT me.{column} FROM {{people}} me WHERE me.key IN :ids)"
            for column in ("family", "linked_to")
        ),
    )
)
_MENDED = [Corrected.TOPIC, Retracted.TOPIC]
_WORK = [Case.ServiceDelivered.TOPIC, Case.EmergencyAidGiven.TOPIC]
_GIVEN = (
    "SELECT h.*, c.beneficiary AS whom, t.tier AS of_tier, t.village AS of_village, t.worker AS of_worker, "
    "t.opened_by AS of_opener FROM {cases} c JOIN {history} h ON h.stream = c.key AND h.topic IN :work "
    "LEFT JOIN {cases:today} t ON t.key = c.key WHERE c.beneficiary IN :ids UNION ALL "
    "SELECT h.*, v.victim, NULL, NULL, NULL, NULL FROM {victims} v JOIN {history} h ON h.stream = v.incident "
    "AND h.topic IN :relief WHERE v.victim IN :ids AND v.deliveries > 0"
)


def households(view: View, people: list[str]) -> list[str]:
    """The records that live on one table with one of these: itself, its family and that one's members, and those linked to
    it as duplicates."""
    rows = view.rows(f"SELECT DISTINCT key FROM ({_HOUSEHOLD}) AS h WHERE key IS NOT NULL ORDER BY key", ids=people)
    return [row["key"] for row in rows]


def given_to(view: View, people: list[str]) -> list[tuple[Entry, str, dict[str, Any] | None]]:
    """What some people were given, in the order of the log, as it reads now: whom each entry names, and of a case what
    decides today who may read it. What was retracted is left out."""
    rows = view.rows(
        _GIVEN, ids=people, work=[*_WORK, *_MENDED], relief=[DisasterIncident.ReliefDelivered.TOPIC, *_MENDED]
    )
    whom = {row["key"]: row for row in rows}
    found: list[tuple[Entry, str, dict[str, Any] | None]] = []
    for entry in read(whom.values()):
        row = whom[f"{entry.stream}:{entry.version}"]
        if entry.retracted is not None or entry.topic in _MENDED:
            continue
        if entry.topic in _WORK:
            about = {name: row[f"of_{name}"] for name in ("tier", "village", "worker", "opener")}
            found.append((entry, row["whom"], about if about["tier"] is not None else None))
        else:
            given = set(entry.data.get("recipients") or ())
            found += [(entry, one, None) for one in people if one in given]
    return found
