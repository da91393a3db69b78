"""The policy file: which log, which receipts and which witnesses count (the format of sigsum, see
``docs/reference/proof-format.md``)."""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Self

import msgspec

from service.log.notes import COSIGNATURE, DECIMAL, PLAIN, BadNote, Checkpoint, Note, VerifierKey, opened

NONE, ANY, ALL = "none", "any", "all"


class BadPolicy(ValueError):
    """A policy that cannot be read; the message names the line."""


class LogKeys(msgspec.Struct, frozen=True):
    """The keys of one log, the oldest first; ``ends`` has the size up to which each but the last signs checkpoints."""

    keys: tuple[VerifierKey, ...]
    ends: tuple[int, ...] = ()

    @classmethod
    def parse(cls, lines: Sequence[str]) -> Self:
        """Read what stands behind ``log`` in the lines of a policy. Raises `BadPolicy` and `BadNote`."""
        keys: list[VerifierKey] = []
        ends: list[int] = []
        for line in lines:
            if len(ends) < len(keys):
                raise BadPolicy("one log too many: every key of the log but the last has an end")
            match line.split():
                case [key]:
                    keys.append(_key(key, PLAIN))
                case [key, "upto", end] if DECIMAL.fullmatch(end) and int(end) > max(ends, default=0):
                    keys.append(_key(key, PLAIN))
                    ends.append(int(end))
                case _:
                    raise BadPolicy("not a key of the log, or an end that is not above the one before")
        if len(keys) == len(ends):
            raise BadPolicy("there is no log whose key has no end")
        if len(set(keys)) != len(keys) or len({key.name for key in keys}) != 1:
            raise BadPolicy("the keys of a log have one name and are different")
        return cls(tuple(keys), tuple(ends))

    @property
    def newest(self) -> VerifierKey:
        """The key that signs what is still to come."""
        return self.keys[-1]

    def at(self, size: int) -> VerifierKey:
        """The key that signs the checkpoint of a size."""
        return self.keys[bisect_left(self.ends, size)]

    def opened(self, note: str) -> Checkpoint:
        """The checkpoint of a note that the log's key for its size signed. Raises `BadNote` for any other."""
        return opened(note, self.at(Checkpoint.parse(Note.parse(note).text).size))

    def lines(self) -> list[str]:
        """What stands behind ``log`` in the lines of a policy."""
        ended = [f"{key} upto {end}" for key, end in zip(self.keys, self.ends, strict=False)]
        return [*ended, str(self.newest)]


class Policy(msgspec.Struct, frozen=True):
    """Whose signatures the service and the sealer take. What a quorum is only a verifier asks: its lines are read, so
    that a mistake is told at the office, and not kept."""

    log: LogKeys
    receipts: VerifierKey | None = None
    witnesses: dict[str, VerifierKey] = {}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file. Raises `BadPolicy`, also when there is no such file."""
        try:
            return cls.parse(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise BadPolicy(f"{path.name}: {type(error).__name__}") from None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a policy. Raises `BadPolicy`."""
        logs: list[str] = []
        receipts: VerifierKey | None = None
        witnesses: dict[str, VerifierKey] = {}
        groups: set[str] = set()
        quorum = ""
        for number, line in enumerate(text.splitlines(), 1):
            words = line.partition("#")[0].split()
            try:
                match words:
                    case []:
                        pass
                    case ["log", *rest]:
                        logs.append(" ".join(rest))
                    case ["receipts", key] if receipts is None:
                        receipts = _key(key, PLAIN)
                    case ["witness", name, key] if _new(name, witnesses, groups):
                        witnesses[name] = _witness(key, witnesses)
                    case ["group", name, count, *members] if _new(name, witnesses, groups) and members:
                        _check_group(count, members, {*witnesses, *groups})
                        groups.add(name)
                    case ["quorum", name] if not quorum:
                        if name not in {NONE, *witnesses, *groups}:
                            raise BadPolicy(f"the quorum {name} is no witness and no group that stands before it")
                        quorum = name
                    case _:
                        raise BadPolicy("not a line of a policy, or one too many")
            except ValueError as error:
                raise BadPolicy(f"line {number}: {error}") from None
        if not quorum or not logs:
            raise BadPolicy("there is no line " + ("'quorum'" if logs else "'log'"))
        try:
            return cls(LogKeys.parse(logs), receipts, witnesses)
        except BadNote as error:
            raise BadPolicy(f"log: {error}") from None


def _new(name: str, *known: Collection[str]) -> bool:
    return name not in (NONE, ANY, ALL) and not any(name in one for one in known)


def _key(text: str, kind: int) -> VerifierKey:
    key = VerifierKey.parse(text)
    if key.kind != kind:
        raise BadNote(f"the key {key.name} is of another type")
    return key


def _witness(text: str, known: Mapping[str, VerifierKey]) -> VerifierKey:
    key = _key(text, COSIGNATURE)
    if key.public in {one.public for one in known.values()}:
        raise BadPolicy("one key for two witnesses")
    return key


def _check_group(count: str, members: list[str], known: set[str]) -> None:
    if len(set(members)) != len(members) or not known.issuperset(members):
        raise BadPolicy("a member of the group is unknown or named twice")
    if count not in (ANY, ALL) and not DECIMAL.fullmatch(count):
        raise BadPolicy(f"{count} is no number, not any and not all")
    if count not in (ANY, ALL) and not 1 <= int(count) <= len(members):
        raise BadPolicy(f"{count} of {len(members)} members")
