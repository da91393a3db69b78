"""One decision under way: what it rests on, and what it will have recorded."""

from typing import Any, TypeVar

from domain.aggregate import Aggregate, Event
from domain.correction import effective
from domain.refusals import AlreadyBegun, NotFound
from domain.sealed import Evidence, Sealed
from domain.subject import subject_of
from service.log.entries import Reservation, Tip
from service.log.eventlog import EventLog
from service.log.files import FileOfAnother, Files
from service.log.ids import new_id
from service.log.recent import RecentStreams
from service.log.vault import GENERAL, Pending, Vault, strict_label

A = TypeVar("A", bound=Aggregate)


class Decision:
    """What a caller works with while deciding: aggregates to load and begin, and a way to seal what is personal.

    Unless it is ``fresh``, it begins from streams as this process remembers them; ``recalled`` says which.
    """

    def __init__(self, log: EventLog, recent: RecentStreams, files: Files, vault: Vault, *, fresh: bool) -> None:
        self._log, self._recent, self._files, self._vault, self._fresh = log, recent, files, vault, fresh
        self._compartments: dict[str, frozenset[str]] = {}  # of subjects, with what this decision adds
        self._read: dict[str, tuple[Event, ...]] = {}  # streams as this decision read them in the log
        self.recalled: dict[str, Tip] = {}  # streams that were not asked of the log
        self.rests: dict[str, str] = {}  # for each stream that was loaded, the command of its last event
        self.aggregates: dict[str, Aggregate] = {}
        self.pending: dict[str, Pending] = {}
        self.token_texts: dict[str, set[str]] = {}
        self.reservations: list[Reservation] = []
        self.files: dict[str, str] = {}

    def load(self, aggregate_class: type[A], stream: str) -> A:
        """The aggregate with that id. Raises `NotFound`."""
        known = self.aggregates.get(stream) or self._loaded(stream)
        if not isinstance(known, aggregate_class):
            raise NotFound
        self.aggregates[stream] = known
        return known

    def _loaded(self, stream: str) -> Aggregate | None:
        recalled = None if self._fresh else self._recent.recall(stream)
        if recalled:
            aggregate, tip = recalled
            self.recalled[stream] = tip
        elif found := self._recent.load(stream):
            aggregate, tip, self._read[stream] = found
        else:
            return None
        self.rests[stream] = tip[1]
        return aggregate

    def tips(self) -> dict[str, Tip]:
        """How the streams must end that it only read, as far as they were not asked of the log. What it appends to, the
        log checks by itself."""
        growing = {stream for stream, aggregate in self.aggregates.items() if aggregate.pending_events}
        return {stream: tip for stream, tip in self.recalled.items() if stream not in growing}

    def begin(self, aggregate: A) -> A:
        """Take a newly begun aggregate into this decision. Raises `AlreadyBegun` when its id is in use."""
        if aggregate.id in self.aggregates or self._log.version(aggregate.id):
            raise AlreadyBegun
        self.aggregates[aggregate.id] = aggregate
        return aggregate

    def event(self, stream: str, version: int) -> Event:
        """A stored event of a stream as it reads now (corrections applied). Raises `NotFound`."""
        for event in self.history(stream):
            if event.version == version:
                return event
        raise NotFound

    def history(self, stream: str) -> list[Event]:
        """The events of a stream as they read now: corrections applied, what was retracted left out."""
        return effective(self._read.get(stream) or self._log.history(stream))

    def compartments(self, subject: str, more: frozenset[str] = frozenset()) -> frozenset[str]:
        """The compartments a subject is in, and from now on also in ``more``."""
        known = self._compartments.get(subject)
        if known is None:
            known = self._vault.compartments([subject]).get(subject, frozenset())
        self._compartments[subject] = known | more
        return known | more

    def seal(
        self,
        subject: str,
        fields: dict[str, Any],
        *,
        strict: bool = False,
        part: str | None = None,
        compartments: frozenset[str] = frozenset(),
        label: str = "",
    ) -> Sealed:
        """Hide values behind a reference. The part is written with the event that carries the reference; a strict one under
        the label of the compartments the subject is in, ``compartments`` among them; under another ``label`` when one is
        given."""
        part = part or new_id()
        label = label or (strict_label(self.compartments(subject, compartments)) if strict else GENERAL)
        self.pending[part] = Pending(part, subject, label, fields)
        return Sealed(part)

    def find_by(self, sealed: Sealed, texts: set[str]) -> None:
        """Let a sealed part be found by these token texts."""
        self.token_texts.setdefault(sealed.part, set()).update(texts)

    def reserve(self, kind: str, value: str, stream: str) -> None:
        """Hold a value that only one stream may have."""
        self.reservations.append(Reservation(kind, value, stream))

    def paper(self, kind: str, *, file: str | None, number: str | None, dated: str | None, stream: str) -> Evidence:
        """The evidence an event stores of a paper. Raises `NotFound` for a file that was never uploaded."""
        if file is None:
            return Evidence(kind, number, dated)
        self.files[file] = stream
        return self._files.evidence(kind, file, number, dated)

    def refuse_papers_of_others(self) -> None:
        """Raise `FileOfAnother` for a file under another key than that of whom its record is about: it would outlive her
        destruction and stand in somebody else's trail. Also for a copy made for a hold that is not one of hers: as a
        paper like others it would be read by whoever handed it in."""
        for file, stream in self.files.items():
            row, about = self._files.row(file), self.aggregates[stream]
            copied = not row.account
            own = row.subject == subject_of(about) and self._files.is_under_own(row)
            if not own or (copied and file not in getattr(about, "documents_held", ())):
                raise FileOfAnother
