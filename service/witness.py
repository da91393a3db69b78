"""A witness: somebody outside the office who keeps the log's checkpoints and signs only what extends what she kept.

Needs no setting of Wahana, no database and no network library: a PC at the Inspektorat will do.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from service.log.kept import Kept
from service.log.notes import (
    COSIGNATURE,
    BadNote,
    Checkpoint,
    Note,
    Signer,
    VerifierKey,
    b64,
    opened,
    signature_holds,
    unb64,
)
from service.log.policy import LogKeys
from service.log.tree import consistent

LARGEST_ANSWER = 1_000_000  # bytes
TIMEOUT_SECONDS = 30
EVIDENCE = ("contradicts", "forged", "shown")  # what a witness keeps of a log that is not to be trusted
_PRIVATE = "PRIVATE+KEY+"


class NotReached(Exception):
    """The log's service did not answer, or not with what was asked for; nothing is known about the log."""


class LogContradicts(Exception):
    """The log is not a continuation of what was kept. What it showed is kept as evidence; nothing was signed."""


class NothingKept(Exception):
    """Whether the log continues what this witness saw before cannot be known, or was not asked; nothing was signed."""


class ProofWithheld(Exception):
    """The log showed a checkpoint, which is kept, and no proof that it continues the ones before; nothing was signed."""


class NotAccepted(Exception):
    """The office did not take the cosignature; the checkpoint is kept all the same."""


def make_key(path: Path, name: str) -> VerifierKey:
    """Make a witness's private key in a new file that only its owner can read.

    Raises ``FileExistsError`` and `BadNote` for a name that no key can have.
    """
    seed = os.urandom(32)
    key = Signer(name, seed, COSIGNATURE).key
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{_PRIVATE}{name}+{key.hash.hex()}+{b64(bytes([COSIGNATURE]) + seed)}\n")
    return key


def read_key(path: Path) -> Signer:
    """The key that `make_key` wrote. Raises ``OSError`` and `BadNote`."""
    text = path.read_text("utf-8").strip()
    name, _, rest = text.removeprefix(_PRIVATE).partition("+")
    marked, _, data = rest.partition("+")
    raw = unb64(data)
    if not text.startswith(_PRIVATE) or len(raw) != 33 or raw[0] != COSIGNATURE:
        raise BadNote(f"{path.name} is no witness's private key")
    signer = Signer(name, raw[1:], COSIGNATURE)
    if signer.key.hash.hex() != marked:
        raise BadNote(f"{path.name}: the key's hash does not fit")
    return signer


class LogOverHttp:
    """The routes of a log's service, by the address that people use."""

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("an address begins with http:// or https://")
        self._base = f"{url.rstrip('/')}/api/v1/log"

    def checkpoint(self) -> str:
        """The latest checkpoint's note. Raises `NotReached`."""
        return self._ask("/checkpoint").decode("utf-8", "replace")

    def consistency(self, first: int, second: int) -> list[bytes]:
        """A consistency proof. Raises `NotReached`."""
        try:
            answer: Any = json.loads(self._ask(f"/consistency?first={first}&second={second}"))
            return [unb64(one) for one in answer["proof"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise NotReached(f"the answer is no consistency proof: {type(error).__name__}") from None

    def cosign(self, size: int, line: str) -> None:
        """Send a cosignature. Raises `NotReached` and `NotAccepted`."""
        self._ask(f"/checkpoints/{size}/cosignature", line.encode())

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        request = Request(self._base + path, body, {"Content-Type": "text/plain; charset=utf-8"} if body else {})  # noqa: S310 - the scheme was checked
        try:
            with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 # nosec B310
                found: bytes = answer.read(LARGEST_ANSWER)
                return found
        except HTTPError as error:
            with error:
                said = error.read(LARGEST_ANSWER).decode("utf-8", "replace")
            if error.code == 409:
                raise NotAccepted(said) from None
            raise NotReached(f"{path}: HTTP {error.code}") from None
        except (URLError, HTTPException, OSError) as error:
            raise NotReached(str(error)) from None


class Witness:
    """Watches one log. ``kept`` is its directory, held alone by the caller; ``clock`` gives seconds since 1970."""

    def __init__(self, log: LogOverHttp, kept: Kept, signer: Signer, keys: LogKeys, clock: Callable[[], float]) -> None:
        self._log = log
        self._kept = kept
        self._signer = signer
        self._keys = keys
        self._clock = clock

    def watch(self, *, begin: bool = False) -> Checkpoint:
        """Fetch the latest checkpoint, hold it against the one kept, keep it, cosign it and send the cosignature.

        Where nothing is kept there is nothing to hold it against: only ``begin`` takes it as it is. Raises `NotReached`,
        `NothingKept`, `ProofWithheld`, `LogContradicts`, `NotAccepted`, and `BadNote` when what was kept is of another key.
        """
        before = self._kept.read()
        kept = self._greatest(before, begin)
        shown = self._log.checkpoint()
        try:
            origin = Checkpoint.parse(Note.parse(shown).text).origin
        except BadNote as error:
            raise NotReached(f"the answer is no checkpoint: {error}") from None
        name = self._keys.newest.name
        if origin != name:
            raise NotReached(f"the answer is a checkpoint of another log, not of {name}")
        try:
            new, note = self._keys.opened(shown), Note.parse(shown)
        except BadNote as error:
            self._evidence(shown, "unsigned")
            raise LogContradicts(f"what is shown is no checkpoint of {name}: {error}") from None
        if kept is None and not new.size:
            raise NotReached("the checkpoint is of no events: there is nothing to witness yet")
        if kept is not None:
            if kept.size < new.size:
                self._evidence(shown, "shown")  # before anything is asked that the log may refuse
            for one in (kept, *(self._opened(self._kept.read(name) or "") for name in self._kept.names("shown"))):
                self._extends(one, new, shown)
        own = [one for one in note.lines if one.of(self._signer.key)]
        if not all(signature_holds(one, note.text, self._signer.key) for one in own):
            self._evidence(shown, "forged")  # it stands where hers would, which is then not taken in
            raise LogContradicts(
                f"a line under {self._signer.key.name}'s own name and key does not hold: she never wrote it"
            )
        line = self._signer.cosign(new.text, int(self._clock()))
        if before is None or Note.parse(before).text != note.text:
            only = Note(note.text, tuple(one for one in note.lines if one.of(self._keys.at(new.size))))
            self._evidence(shown, "seen")
            self._kept.write(str(only))
        self._settle("seen")
        if not own:
            self._log.cosign(new.size, str(line))
        return new

    def _greatest(self, before: str | None, begin: bool) -> Checkpoint | None:
        """The greatest checkpoint that was kept, also where the last one was lost. None for a witness who begins."""
        seen = [self._kept.read(name) or "" for name in self._kept.names("seen")[-1:]]
        found = [self._opened(note) for note in (before, *seen) if note is not None]
        if found and begin:
            raise NothingKept(f"{self._kept.directory} holds what was seen before: go on without --begin")
        if not found and not begin:
            raise NothingKept(
                f"{self._kept.directory} holds no checkpoint: put it back from a backup. Who begins gives --begin once; "
                "then nothing is compared"
            )
        if not found and any(self._kept.names(kind) for kind in EVIDENCE):
            raise NothingKept(f"{self._kept.directory} holds evidence of before: begin in another directory")
        return max(found, key=lambda one: one.size, default=None)

    def _opened(self, before: str) -> Checkpoint:
        try:
            return self._keys.opened(before)
        except BadNote as error:
            for key in self._keys.keys:
                with suppress(BadNote):
                    size = opened(before, key).size
                    raise LogContradicts(
                        f"the checkpoint of {size} events kept in {self._kept.directory} is signed by a key of this log "
                        "that does not sign that size: somebody else had the key; keep the file, it proves it"
                    ) from None
            raise BadNote(
                f"the checkpoint kept in {self._kept.directory} is not of the key in --log-key ({error}): "
                "give the key it was kept under, or begin another directory for another log"
            ) from None

    def _extends(self, kept: Checkpoint, new: Checkpoint, shown: str) -> None:
        """Raises `LogContradicts` unless the new checkpoint continues the kept one."""
        if new.size < kept.size:
            self._contradicts(shown)
            raise LogContradicts(f"the log shows {new.size} events and showed {kept.size}: it was put back")
        if not kept.size:  # as kept once; every log begins with no events
            return
        try:
            proof = [] if new.size == kept.size else self._log.consistency(kept.size, new.size)
        except (NotReached, NotAccepted) as error:
            raise ProofWithheld(
                f"the log showed {new.size} events and gave no proof that they begin with the {kept.size} kept: {error}"
            ) from None
        if not consistent(kept.size, kept.root, new.size, new.root, proof):
            self._contradicts(shown)
            raise LogContradicts(f"the log of {new.size} events does not begin with the {kept.size} that were kept")

    def _contradicts(self, shown: str) -> None:
        self._evidence(shown, "contradicts")
        self._settle("contradicts")

    def _settle(self, kind: str) -> None:
        """What was shown without a proof is evidence of that kind from now on."""
        for name in self._kept.names("shown"):
            self._evidence(self._kept.read(name) or "", kind)
            self._kept.drop(name)

    def _evidence(self, shown: str, kind: str) -> None:
        try:
            size = Checkpoint.parse(Note.parse(shown).text).size
        except BadNote:
            size = 0
        name = f"{kind}-{size:012d}"
        if self._kept.read(name) not in (None, shown):
            name = f"{name}-{int(self._clock())}"
        self._kept.write(shown, name)
