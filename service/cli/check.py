"""Checking an office: ``doctor``."""

import sys
from collections.abc import Sized

import click

from projections.engine import SMALL
from projections.source import Malformed, NewerEvent
from service.cli.output import as_json, opened, show
from service.destroying import begun, released
from service.log.checkpoints import StoredHashes
from service.log.held import Held
from service.log.keys import KeyUnreadable
from service.log.removal import Removal
from service.log.shred_list import ShredList
from service.office import Office

Finding = tuple[str, bool, str]  # what was checked, whether it is well, and what was found

# Each counts what is wrong.
_DISORDER = "SELECT count(*) FROM events a JOIN events b ON b.position = a.position + 1 WHERE b.recorded < a.recorded"
_GAPS = (
    "SELECT count(*) FROM (SELECT stream FROM events GROUP BY stream"
    " HAVING min(version) <> 1 OR max(version) <> count(*)) AS broken"
)
_COMMANDS = (
    "SELECT (SELECT count(*) FROM commands c WHERE c.count <> (SELECT count(*) FROM events e"
    " WHERE e.position >= c.first AND e.position < c.first + c.count AND e.command = c.id))"
    " + (SELECT count(*) FROM events e WHERE e.command <> '' AND NOT EXISTS (SELECT 1 FROM commands c"
    " WHERE c.id = e.command AND e.position >= c.first AND e.position < c.first + c.count))"
)


def _log(here: Office) -> list[Finding]:
    """The log as its tables hold it, and every text of it."""

    def count(sql: str) -> int:
        return int(here.database.rows(sql)[0][0])

    head, events = here.reader.head()[0], count("SELECT count(*) FROM events")
    disorder, gaps, commands = count(_DISORDER), count(_GAPS), count(_COMMANDS)
    return [
        ("log", events == head, f"{events} events, last position {head}"),
        ("order", disorder == 0, f"{disorder} events recorded before the one they follow"),
        ("streams", gaps == 0, f"{gaps} streams with a gap"),
        ("commands", commands == 0, f"{commands} commands or events that do not match"),
        _texts(here),
    ]


def _texts(here: Office) -> Finding:
    wrong = after = 0
    try:
        while rows := here.reader.read(after, 5000):
            wrong += sum(1 for row in rows if isinstance(row, Malformed))
            after = rows[-1].position
    except NewerEvent as newer:
        return "texts", False, f"{wrong} malformed or altered events up to position {after}; {newer}"
    return "texts", wrong == 0, f"{wrong} malformed or altered events"


def _held(here: Office) -> list[Finding]:
    """What the events refer to, and a sample of it drawn at random each time."""
    held = Held(here.log, here.database)
    held.compare()
    altered, sample = held.altered(), [*held.parts.sample, *held.files.sample]
    sampled = f"of {len(held.parts.sample)} parts and {len(held.files.sample)} files drawn at random"
    try:
        known = here.keys.keys(sorted({one.key for one in sample}))
        keys = {one.key for one in sample} - (held.destroyed(sample) - set(known))
        open_ones = "keys", len(known) == len(keys), f"{len(known)} of {len(keys)} keys {sampled} open"
    except KeyUnreadable as error:
        open_ones = "keys", False, f"{error}; see: wahana keys status"
    return [
        *(
            (name, not found.missing, f"{found.count} referred to, {found.missing} not there{_at(found.positions)}")
            for name, found in (("parts", held.parts), ("files", held.files))
        ),
        ("sample", not altered, f"{sampled} {len(altered)} are not those of the events{_at(altered[:5])}"),
        open_ones,
    ]


def _at(positions: list[int]) -> str:
    return f"; first at positions {', '.join(map(str, positions))}" if positions else ""


def _checkpoints(here: Office) -> Finding:
    known = here.log_keys() is not None
    with here.database.snapshot():  # a sealer may add to both
        latest = here.checkpoints.latest()
        planted = StoredHashes(here.database).strange(latest.size if latest else 0, 5)
    strange = here.checkpoints.strange(5) if known else []
    told = "signatures not checked: no policy, and no sealer named its key"
    if known:
        sizes = f": sizes {', '.join(map(str, strange))}" if strange else ""
        told = f"{_so_many(strange)} not signed by the log's key{sizes}"
    if planted:
        told += f"; {_so_many(planted)} hashes in tree_hashes that the tree does not have yet"
    return "checkpoints", not (strange or planted), told


def _so_many(found: Sized) -> str:
    return str(len(found)) if len(found) < 5 else "5 or more"


def _destruction(here: Office) -> Finding:
    """Whether what was destroyed is gone: the shred list is applied already, or this command would not have come here."""
    left, unended = Removal(here.database).left(), begun(here)
    listed = ShredList(here.shred_list).read()
    keys = [key for entry in listed for key in entry.keys]
    back = here.keys.standing(keys)
    noted = Removal(here.database).noted()
    destroyed = {*noted.values(), *(entry.subject for entry in listed)}
    halted = {stream for subject, stream in here.keys.closed().items() if subject not in destroyed}
    # Lines cut off the end of the list leave no trace in it; the log knows better.
    unlisted = set(noted) - set(keys) - set(left)
    detail = (
        f"{len(listed)} people on the shred list, {len(unlisted)} destroyed keys missing from it, {len(back)} keys left, "
        f"{len(unended)} begun and not ended, {len(left)} keys whose data are not all removed"
    )
    detail += "".join(f"; stopped before it began, run: wahana destroy {stream}" for stream in sorted(halted))
    waiting = released(here)  # nothing is wrong, only not done
    if waiting:
        detail += f"; {len(waiting)} people whose documents' hold was lifted"
    well = not (left or unended or back or unlisted or halted)
    return "destruction", well, f"{detail}; run: wahana destroy" if left or unended or waiting else detail


def _views(here: Office) -> list[Finding]:
    status = [one for one in here.views.status() if one.serving]
    found: list[Finding] = [
        (f"view {name}", False, "not built for this version of the program; run: wahana project rebuild")
        for name in sorted(set(here.views.projections) - {one.projection for one in status})
    ]
    for one in status:
        detail = f"{one.lag} behind, {len(one.set_aside)} aside"
        if one.replaced:
            detail = f"folded from another log up to position {one.position}; run: wahana project rebuild"
        found.append((f"view {one.projection}", one.lag <= SMALL and not one.replaced and not one.set_aside, detail))
    return found


@click.command()
@as_json
def doctor(json_output: bool) -> None:
    """Check what can be checked without changing anything; exit code 3 when something is wrong.

    \b
    Example:
      wahana doctor
    """
    here = opened()
    findings = [*_log(here), _checkpoints(here), *_held(here), _destruction(here), *_views(here)]
    show(
        [{"check": name, "ok": fine, "detail": detail} for name, fine, detail in findings],
        (f"{'ok   ' if fine else 'WRONG'}  {name}: {detail}" for name, fine, detail in findings),
        json_output,
    )
    if not all(fine for _, fine, _ in findings):
        sys.exit(3)
