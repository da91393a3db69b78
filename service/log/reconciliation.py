"""Reconciliation: every text of the log is hashed again and held against everything that was sealed."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from service.log.checkpoints import Checkpoints, Published, StoredHashes, signed
from service.log.codec import leaf_hash
from service.log.database import Database
from service.log.notes import BadNote, Checkpoint, Note
from service.log.policy import LogKeys
from service.log.tree import EMPTY_ROOT, WIDTH, node

_MOST = 20  # differences that are told
_PAGE = 16 * WIDTH  # events read at a time
_TEXTS = "SELECT position, text, leaf FROM events WHERE position > :after AND position <= :end ORDER BY position"


class Reconciled(msgspec.Struct, frozen=True):
    """What was found: events = sealed + unsealed where nothing is missing, and each difference in words.
    ``strange`` are rows that somebody else wrote among the checkpoints and hashes: they say nothing about the log."""

    events: int
    sealed: int
    unsealed: int
    differences: tuple[str, ...]
    strange: tuple[str, ...] = ()


class Growing:
    """The tree over leaves that are given one by one: its perfect subtrees, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.completed: list[bytes] = []  # by the last leaf, from that leaf up
        self._perfect: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        perfect, left = self._perfect, self.size + 1
        self.size, self.completed = left, [leaf]
        while not left & 1:
            leaf = sha256(b"\x01" + perfect.pop() + leaf).digest()  # `node`, without the call
            self.completed.append(leaf)
            left >>= 1
        perfect.append(leaf)

    def root(self) -> bytes:
        if not self._perfect:
            return EMPTY_ROOT
        found = self._perfect[-1]
        for left in reversed(self._perfect[:-1]):
            found = node(left, found)
        return found


def reconcile(
    database: Database, last: Checkpoint | None, keys: LogKeys | None = None, *, checked: int = 0
) -> Reconciled:
    """Hash every text again; hold leaf columns, hashes of the tree and the root of every checkpoint against them.

    ``last`` is the sealer's own checkpoint, ``keys`` those whose signatures count. A checkpoint that has the right root
    need not be signed if its size is at most ``checked``: whoever asks saw before that all of these were, and that none was
    added since. Raises
    `LogUnavailable`.
    """
    differences: list[str] = []
    events, head = database.rows("SELECT count(*), coalesce(max(position), 0) FROM events")[0]
    sealed = last.size if last else 0
    unsealed = max(0, head - sealed)
    if events != sealed + unsealed:
        differences.append(f"{events} events, but {sealed} are sealed and the last position is {head}")
    stored, published, tree = StoredHashes(database), Checkpoints(database), Growing()
    strange = _strange_beside(database, sealed, keys)

    def forged(row: Published) -> bool:
        if keys is None or signed(row, keys):
            return False
        strange.append(f"the checkpoint of size {row.size} is not signed by the log's key for that size")
        return True

    beyond = [str(one.size) for one in published.beyond(_MOST) if not forged(one)]
    if beyond:
        differences.append(f"checkpoints of sizes {', '.join(beyond)}: the log has only {head} events")
    while tree.size < head and len(differences) < _MOST:
        begins, ends = tree.size, min(head, tree.size + _PAGE)
        checkpoints = {one.size: one for one in published.between(begins, ends)}
        tiles = stored.hashes(1, begins // WIDTH, (min(ends, sealed) - begins) // WIDTH)
        for position, text, leaf in database.rows(_TEXTS, after=begins, end=ends):
            if position != tree.size + 1:
                break
            recomputed = leaf_hash(text)
            if recomputed != leaf:
                differences.append(f"position {position}: the text does not match its leaf hash")
            tree.add(recomputed)
            if (row := checkpoints.get(position)) is not None:
                wrong = _root(row, tree)
                if (wrong or position > checked) and not forged(row):
                    differences += wrong
            if position == sealed and last and last.root != tree.root():
                differences.append(f"the first {position} events are not those of the sealer's own checkpoint")
            if position % WIDTH == 0 and position <= sealed:
                differences += _levels(stored, tiles, begins, tree)
        if tree.size != ends:
            break  # a gap, which was counted above
    return Reconciled(events, sealed, unsealed, tuple(differences[:_MOST]), tuple(strange[:_MOST]))


def _strange_beside(database: Database, sealed: int, keys: LogKeys | None) -> list[str]:
    """What somebody else wrote beside the checkpoints: another key, and hashes that the tree does not have yet."""
    published = Checkpoints(database, lambda: keys)
    named, latest = published.named_key(), published.latest()
    made = max(sealed, latest.size if latest else 0)
    foreign = (
        named not in keys.keys
        if keys and named
        else named is None and database.rows("SELECT count(*) FROM log_keys")[0][0] > 0
    )
    return [
        *(["log_keys names a key that is not the log's"] if foreign else ()),
        *(
            f"tree_hashes, level {level}, number {number}: the tree has no such hash yet"
            for level, number in StoredHashes(database).strange(made, _MOST)
        ),
    ]


def _root(published: Published, tree: Growing) -> list[str]:
    try:
        checkpoint = Checkpoint.parse(Note.parse(published.note).text)
    except BadNote as error:
        return [f"the checkpoint of size {published.size}: {error}"]
    if (checkpoint.size, checkpoint.root) == (tree.size, tree.root()):
        return []
    return [f"the checkpoint of size {published.size} has another root than the log"]


def _levels(stored: StoredHashes, tiles: Sequence[bytes], begins: int, tree: Growing) -> list[str]:
    """Whether the hashes that the last leaf completed stand there. ``tiles`` are those of level 1 from ``begins`` on."""
    found, level, number = [], 1, tree.size // WIDTH
    at = number - 1 - begins // WIDTH
    there = tiles[at : at + 1]
    while True:
        if list(there) != [tree.completed[8 * level]]:
            found.append(f"tree_hashes, level {level}, number {number - 1}: not the hash of its leaves")
        level, (number, rest) = level + 1, divmod(number, WIDTH)
        if rest:
            return found
        there = stored.hashes(level, number - 1, 1)
