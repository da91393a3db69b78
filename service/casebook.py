"""The casebook: load what a command is about, let the caller decide, record everything at once, catch up.

One transaction holds the events, their encrypted parts and search tokens, their leaf hashes, the command's id with its
answer, and any reservation. The same command sent again is answered from what was stored and records nothing.
"""

import logging
import time
from collections.abc import Callable
from datetime import date

import msgspec

from domain.aggregate import Event
from domain.refusals import NotFound, Refused
from domain.subject import SubjectDestroyed
from domain.territory import TERRITORY_ID, Territory
from service.command import OFFLINE, Answer, Command, Recorded, restored, sealed_parts
from service.decision import Decision
from service.log.entries import (
    Appended,
    CommandRow,
    CommandTaken,
    Entries,
    KeyGone,
    LogUnavailable,
    Part,
    Reserved,
    Token,
    VersionTaken,
)
from service.log.eventlog import EventLog
from service.log.files import Files
from service.log.ids import new_id
from service.log.recent import RecentStreams
from service.log.tokens import TokenKey
from service.log.vault import Vault

__all__ = [
    "Answer",
    "Casebook",
    "Command",
    "CommandReused",
    "Decision",
    "NothingDecided",
    "Recorded",
    "StaleBase",
    "TakenByAnother",
    "TooBusy",
]

ATTEMPTS = 20
log = logging.getLogger(__name__)


class StaleBase(Refused):
    RULE = "stale_base"
    SENTENCE = "Catatan ini sudah berubah sejak Anda melihatnya; muat ulang lalu putuskan lagi."


class CommandReused(Refused):
    RULE = "command_reused"
    SENTENCE = "Nomor perintah ini sudah dipakai untuk isi yang lain."


class TakenByAnother(Refused):
    RULE = "already_reserved"
    SENTENCE = "Nilai ini harus unik dan sudah dipakai."


class NothingDecided(Refused):
    RULE = "nothing_decided"
    SENTENCE = "Tidak ada yang perlu dicatat."


class TooBusy(Exception):
    """Others kept writing to the same stream; nothing was recorded and the command may be sent again."""


class Casebook:
    """Records decisions. ``catch_up`` is told the events of each; ``now`` gives RFC 3339 UTC text with six digits;
    ``observe`` hears how many seconds each append took."""

    def __init__(
        self,
        log: EventLog,
        vault: Vault,
        files: Files,
        tokens: TokenKey,
        now: Callable[[], str],
        catch_up: Callable[[int], object],
    ) -> None:
        self.log = log
        self.vault = vault
        self.files = files
        self.tokens = tokens
        self.now = now
        self.recent = RecentStreams(log)
        self._catch_up = catch_up
        self.observe: Callable[[float], object] = lambda seconds: None
        self._territory: tuple[Territory | None, float] = None, 0.0  # and when it was asked for

    def territory(self, *, fresh: bool = False) -> Territory:
        """The territory as published and amended up to a second ago, or, ``fresh``, up to now. Raises `NotFound` before it
        is published."""
        now, (known, seen) = time.monotonic(), self._territory
        if known is not None and not fresh and now - seen <= 1:
            return known
        if known is None or known.version != self.log.version(TERRITORY_ID):
            known = self.log.load(Territory, TERRITORY_ID)
        self._territory = known, now
        return known

    def _edition(self, day: date) -> str | None:
        try:
            return self.territory().edition_on(day)
        except NotFound:
            return None

    def record(self, command: Command, decide: Callable[[Decision], object]) -> Answer:
        """Run ``decide`` and record what it decided; again from the start when somebody else was faster.

        It first works with streams as this process remembers them. What is refused on that ground is decided once more
        from the log.

        Raises the refusals of ``decide``, `StaleBase`, `CommandReused`, `TakenByAnother`, `TooBusy`, or
        `LogUnavailable`: then it may still become recorded while the server finishes; send the same command again.
        """
        repeated = None if command.fresh else self.answered(command)
        if repeated is not None:
            return repeated
        for attempt in range(ATTEMPTS):
            decision = Decision(self.log, self.recent, self.files, self.vault, fresh=attempt > 0)
            try:
                decide(decision)
                events, entries = self._prepare(command, decision)
            except LogUnavailable:
                raise
            except Exception:
                if decision.recalled:  # whoever refused, and why: it may rest on what has changed since
                    continue
                repeated = self.answered(command)  # by somebody else meanwhile, or by a server that was still finishing
                if repeated is not None:
                    return repeated
                raise
            try:
                for file, stream in decision.files.items():
                    self.files.claim(file, stream)
                began = time.perf_counter()
                appended = self.log.record(events, entries)
                self.observe(time.perf_counter() - began)
            except VersionTaken:
                time.sleep(attempt * 0.001)
                continue
            except Reserved:
                raise TakenByAnother from None
            except KeyGone:
                raise SubjectDestroyed from None
            except (CommandTaken, LogUnavailable):
                repeated = self.answered(command)
                if repeated is not None:
                    return repeated
                if attempt:
                    raise
                continue  # an idle connection had died: the same command, with its own id, once more
            return self._answer(command, decision, events, appended)
        raise TooBusy

    def answered(self, command: Command) -> Answer | None:
        """The answer of a command that is already recorded. Raises `CommandReused` when it asked for something else."""
        stored = self.log.command(command.id)
        if stored is None:
            return None
        if stored.account != command.account or stored.fingerprint != command.fingerprint:
            raise CommandReused
        return restored(stored, self.log.leaves(stored.first, stored.count))

    def _answer(self, command: Command, decision: Decision, events: list[Event], appended: Appended) -> Answer:
        placed = [
            msgspec.structs.replace(event, position=position, recorded=appended.recorded)
            for position, event in enumerate(events, appended.first)
        ]
        self.recent.grow(placed)
        self.recent.back(decision.aggregates, decision.rests, placed)
        if any(event.stream == TERRITORY_ID for event in events):
            self._territory = None, 0.0
        try:
            self._catch_up(len(events))
        except Exception:
            # The events are recorded: a view may be late, the answer may not be lost. The next read catches up.
            log.exception("views did not catch up")
        return Answer(
            command.id,
            appended.recorded,
            tuple(
                Recorded(event.id, event.stream, event.version, event.topic, position, leaf)
                for position, (event, leaf) in enumerate(zip(events, appended.leaves, strict=True), appended.first)
            ),
        )

    def _prepare(self, command: Command, decision: Decision) -> tuple[list[Event], Entries]:
        tips = decision.tips()
        decided: list[Event] = []
        for aggregate in decision.aggregates.values():
            decided += aggregate.collect_events()  # type: ignore[arg-type]  # the library's type of our own events
        if not decided:
            raise NothingDecided
        decision.refuse_papers_of_others()
        self._refuse_stale(command, decided)
        parts: list[Part] = []
        tokens: list[Token] = []
        events = []
        for index, event in enumerate(decided):
            event_id = new_id()
            references = []
            for part in sealed_parts(event):
                reference, box = self.vault.seal(decision.pending[part], event_id, event.version, index)
                references.append(reference)
                parts.append(box)
                tokens += self.tokens.of(decision.token_texts.get(part, ()), part)
            events.append(
                msgspec.structs.replace(
                    event,
                    id=event_id,
                    by=command.account,
                    post=command.post,
                    performed_by=command.performed_by,
                    territory=self._edition(event.on),
                    command=command.id,
                    source=command.source,
                    base=command.base if event.stream == command.stream else None,
                    device=command.device,
                    device_time=command.device_time,
                    parts=tuple(references),
                )
            )
        answer = msgspec.json.encode([[event.id, event.stream, event.version, event.topic] for event in events])
        row = CommandRow(command.id, command.account, command.name, command.fingerprint, 201, answer.decode())
        return events, Entries(
            self.now(), row, tuple(parts), tuple(tokens), tuple(decision.reservations), decision.rests, tips
        )

    def _refuse_stale(self, command: Command, decided: list[Event]) -> None:
        if command.base is None or command.stream is None:
            return
        offline, own = command.source == OFFLINE, (command.account, command.device)
        conflicts: set[str] = set()
        for event in decided:
            if event.stream == command.stream:
                declared = type(event).CONFLICTS
                if offline and type(event).OFFLINE_CONFLICTS is not None:
                    declared = type(event).OFFLINE_CONFLICTS
                conflicts |= {event.topic} if declared is None else declared
        at = min((event.version for event in decided if event.stream == command.stream), default=1) - 1
        if command.base > at:  # seen in a log that is no more, or never: it was restored from a backup
            raise StaleBase
        since = self.log.history(command.stream, after=command.base)
        # What the same device recorded before it, with the same base, was known to whoever went on from there.
        if any(event.topic in conflicts for event in since if not (offline and (event.by, event.device) == own)):
            raise StaleBase
