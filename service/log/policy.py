"""The policy file: which log, which receipts and which witnesses count (the format of sigsum, see
``docs/reference/proof-format.md``)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

import msgspec

from service.log.notes import COSIGNATURE, PLAIN, BadNote, Note, VerifierKey

NONE = "none"


class BadPolicy(ValueError):
    """A policy that cannot be read; the message names the line."""


class Policy(msgspec.Struct, frozen=True):
    """Whose signatures count. ``groups`` have a threshold and members; ``quorum`` is a witness, a group or ``none``."""

    log: VerifierKey
    quorum: str
    receipts: VerifierKey | None = None
    witnesses: dict[str, VerifierKey] = {}
    groups: dict[str, tuple[int, tuple[str, ...]]] = {}

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
        single: dict[str, list[str]] = {}
        witnesses: dict[str, VerifierKey] = {}
        groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        for number, line in enumerate(text.splitlines(), 1):
            words = line.partition("#")[0].split()
            try:
                match words:
                    case []:
                        pass
                    case ["log" | "receipts" | "quorum" as kind, value] if kind not in single:
                        single[kind] = [value]
                    case ["witness", name, key] if _new(name, witnesses, groups):
                        witnesses[name] = _key(key, COSIGNATURE)
                    case ["group", name, count, *members] if _new(name, witnesses, groups) and members:
                        groups[name] = _group(count, members, {*witnesses, *groups})
                    case _:
                        raise BadPolicy("not a line of a policy, or one too many")
            except ValueError as error:
                raise BadPolicy(f"line {number}: {error}") from None
        for kind in ("log", "quorum"):
            if kind not in single:
                raise BadPolicy(f"there is no line {kind!r}")
        quorum = single["quorum"][0]
        if quorum != NONE and quorum not in witnesses and quorum not in groups:
            raise BadPolicy(f"the quorum {quorum} is no witness and no group")
        try:
            receipts = _key(single["receipts"][0], PLAIN) if "receipts" in single else None
            return cls(_key(single["log"][0], PLAIN), quorum, receipts, witnesses, groups)
        except BadNote as error:
            raise BadPolicy(str(error)) from None

    def cosigned(self, note: Note) -> set[str]:
        """The witnesses whose line is under a note and holds. Raises `BadNote` when one does not hold."""
        return {name for name, key in self.witnesses.items() if note.signed(key)}

    def witnessed(self, note: Note) -> bool:
        """Whether the quorum is reached. Raises `BadNote` when a known witness's line does not hold."""
        reached = self.cosigned(note)
        for name, (count, members) in self.groups.items():  # a group's members stand before it
            if len(reached.intersection(members)) >= count:
                reached.add(name)
        return self.quorum == NONE or self.quorum in reached


def _new(name: str, *known: Mapping[str, object]) -> bool:
    return name != NONE and not any(name in one for one in known)


def _key(text: str, kind: int) -> VerifierKey:
    key = VerifierKey.parse(text)
    if key.kind != kind:
        raise BadNote(f"the key {key.name} is of another type")
    return key


def _group(count: str, members: list[str], known: set[str]) -> tuple[int, tuple[str, ...]]:
    if len(set(members)) != len(members) or not known.issuperset(members):
        raise BadPolicy("a member of the group is unknown or named twice")
    if count not in ("any", "all") and not count.isdecimal():
        raise BadPolicy(f"{count} is no number, not any and not all")
    least = {"any": 1, "all": len(members)}.get(count) or int(count)
    if not 1 <= least <= len(members):
        raise BadPolicy(f"{count} of {len(members)} members")
    return least, tuple(members)
