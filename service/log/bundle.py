"""The export of a whole log as one file, for whoever checks it without this program.

``docs/reference/proof-format.md``, section Bundle, says what each member holds. Everything but the keys comes from one
state of the database, read in the order of positions and written as it is read; 32 bytes an event are held for the tiles.
"""

import base64
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from service.log.checkpoints import Published, signed, written
from service.log.database import Database, Stream
from service.log.keys import KeyStore
from service.log.notes import VerifierKey
from service.log.policy import LogKeys
from service.log.tree import WIDTH, folded
from service.log.vault import Vault
from service.log.whole import whole

FORMAT = "wahana-casebook/1"
PARTS = ("none", "sealed", "opened")
_OPENED_AT_ONCE = 500
_MOST_NAMED = 100
_COLUMNS = "SELECT position, stream, version, topic, schema, recorded, command, leaf FROM events ORDER BY position"
_COMMANDS = 'SELECT id, account, name, first, "count", recorded FROM commands ORDER BY first, id'
_PARTS = "SELECT id, position, subject, key, box FROM parts ORDER BY position, id"
_json = msgspec.json.Encoder().encode


class Bundle:
    """Writes the log of an office; ``origin`` is its name, ``codes`` what code-systems.json is to hold."""

    def __init__(
        self,
        database: Database,
        keys: KeyStore,
        vault: Vault,
        *,
        origin: str,
        codes: Any,
        log_keys: LogKeys | None = None,
        witnesses: Collection[VerifierKey] = (),
    ) -> None:
        self._log_keys, self._witnesses = log_keys, witnesses
        self._database, self._keys, self._vault = database, keys, vault
        self._origin, self._codes = origin, codes

    def write(
        self,
        path: Path,
        *,
        now: str,
        parts: str = "none",
        closed: Collection[str] = (),
        given: Mapping[str, str] | None = None,
    ) -> int:
        """Write the file, which only its owner may read, and return the number of events.

        It has its name only when it is whole. ``parts`` is one of `PARTS`: ``sealed`` adds the encrypted boxes, ``opened``
        what is in them as well, but for those of the subjects that are ``closed``. Raises `LogUnavailable`,
        `KeyUnreadable`, `PartDamaged`, ``OSError``. ``given`` stands in the manifest: for whom it is (``for``), and the day
        by which it is to be deleted (``delete_by``).
        """
        known = dict(self._keys.commitments())
        with (
            whole(path) as file,
            ZipFile(file, "w", ZIP_DEFLATED, compresslevel=4) as bundle,
            self._database.snapshot() as stream,
        ):
            events = next(stream("SELECT count(*) FROM events"))[0]
            # A key made or destroyed meanwhile: the keys before and after this state hold all that it speaks of.
            known = {**dict(self._keys.commitments()), **known}
            about = {"format": FORMAT, "origin": self._origin, "events": events, "exported": now, "parts": parts}
            about |= given or {}
            chosen, strange = self._chosen(stream)
            if strange:
                about["checkpoints_left_out"] = sorted(strange)[:_MOST_NAMED]
            bundle.writestr("manifest.json", _json(about))
            bundle.writestr("code-systems.json", _json(self._codes))
            self._events(bundle, stream)
            _lines(bundle, "commands", stream(_COMMANDS))
            _lines(bundle, "parts", ((*row[:4], _digest(row[4])) for row in stream(_PARTS)))
            _lines(bundle, "keys", ((key, *of) for key, of in sorted(known.items())))
            _lines(bundle, "checkpoints", _checkpoints(stream, chosen, self._witnesses))
            if parts != "none":
                _lines(bundle, "boxes", ((row[0], base64.b64encode(row[4]).decode()) for row in stream(_PARTS)))
            if parts == "opened":
                _lines(bundle, "opened", self._opened(stream, closed))
        return int(events)

    def _chosen(self, stream: Stream) -> tuple[set[int], set[int]]:
        """Sizes of the latest checkpoint, of the last one of each calendar month (UTC) and of those with a cosignature; and
        sizes of rows that would be among them if a key of the log had signed them. What one of the keys signed that was not
        to is evidence, and is chosen.

        From the greatest size down, so that only these cost a signature: in years there are hundreds of thousands of rows.
        """
        keys = [LogKeys((key,)) for key in self._log_keys.keys] if self._log_keys else []
        witnessed = {size for (size,) in stream("SELECT DISTINCT size FROM cosignatures")}
        chosen, strange, month = set[int](), set[int](), ""
        for row in (Published(*row) for row in stream("SELECT size, note, sealed FROM checkpoints ORDER BY size DESC")):
            last = not chosen or row.sealed[:7] != month
            if not last and row.size not in witnessed:
                continue
            if keys and not any(signed(row, key) for key in keys):
                strange.add(row.size)
                continue
            chosen.add(row.size)
            month = row.sealed[:7]
        return chosen, strange

    @staticmethod
    def _events(bundle: ZipFile, stream: Stream) -> None:
        # A line feed inside a text is damage; written as no canonical text has it, it stays one line and is told.
        texts = (
            row[0].replace("\n", "\\u000a").encode() for row in stream("SELECT text FROM events ORDER BY position")
        )
        _write(bundle, "events.ndjson", texts)
        leaves = bytearray()

        def columns() -> Iterator[tuple[Any, ...]]:
            for *row, leaf in stream(_COLUMNS):
                leaves.extend(leaf)
                yield (*row, bytes(leaf).hex())

        _lines(bundle, "columns", columns())
        for name, tile in _tiles(bytes(leaves)):
            bundle.writestr(name, tile, compress_type=0)

    def _opened(self, stream: Stream, closed: Collection[str]) -> Iterator[tuple[Any, ...]]:
        waiting: list[str] = []
        for part, subject in stream("SELECT id, subject FROM parts ORDER BY position, id"):
            if subject in closed:
                continue
            waiting.append(part)
            if len(waiting) == _OPENED_AT_ONCE:
                yield from self._vault.open(waiting).items()
                waiting.clear()
        yield from self._vault.open(waiting).items()


def tile_name(level: int, number: int, width: int) -> str:
    """The path of a tile as C2SP tlog-tiles writes it."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + ("" if width == WIDTH else f".p/{width}")


def _tiles(hashes: bytes) -> Iterator[tuple[str, bytes]]:
    level, size = 0, 32 * WIDTH
    while hashes:
        above = b""
        for number, start in enumerate(range(0, len(hashes), size)):
            tile = hashes[start : start + size]
            yield tile_name(level, number, len(tile) // 32), tile
            if len(tile) == size:
                above += folded([tile[at : at + 32] for at in range(0, size, 32)])
        level, hashes = level + 1, above


def _checkpoints(
    stream: Stream, chosen: Collection[int], witnesses: Collection[VerifierKey]
) -> Iterator[dict[str, Any]]:
    """The checkpoints of the ``chosen`` sizes in order, each with the lines of its witnesses."""
    witnessed: dict[int, list[str]] = {}
    for size, line in stream("SELECT size, line FROM cosignatures ORDER BY size, witness"):
        witnessed.setdefault(size, []).append(line)
    for size, note, sealed in stream("SELECT size, note, sealed FROM checkpoints ORDER BY size"):
        if size in chosen:
            lines = [str(one) for line in witnessed.get(size, ()) for one in written(line, note, witnesses)]
            yield {"size": size, "sealed": sealed, "note": note + "".join(lines)}


def _digest(box: bytes) -> str:
    return hashlib.sha256(box).hexdigest()


def _lines(bundle: ZipFile, name: str, values: Iterable[Any]) -> None:
    _write(bundle, f"{name}.ndjson", map(_json, values))


def _write(bundle: ZipFile, name: str, lines: Iterable[bytes]) -> None:
    with bundle.open(name, "w", force_zip64=True) as member:
        for line in lines:
            member.write(line + b"\n")
