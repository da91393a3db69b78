"""Reconciliation: every text of the log is hashed again and held against everything that was sealed."""

import msgspec

from service.log.checkpoints import Checkpoints, Published, StoredHashes
from service.log.codec import leaf_hash
from service.log.database import Database
from service.log.notes import BadNote, Checkpoint, Note
from service.log.tree import EMPTY_ROOT, WIDTH, node

_MOST = 20  # differences that are told
_LEVELS = range(1, 7)  # 256^6 leaves are more than a position can be


class Reconciled(msgspec.Struct, frozen=True):
    """What was found: events = sealed + unsealed where nothing is missing, and each difference in words."""

    events: int
    sealed: int
    unsealed: int
    differences: tuple[str, ...]


class _Growing:
    """The tree over leaves that are given one by one: its perfect subtrees, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.completed: list[bytes] = []  # by the last leaf, from that leaf up
        self._perfect: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        self.size += 1
        self.completed = [leaf]
        for _ in range((self.size & -self.size).bit_length() - 1):
            self.completed.append(node(self._perfect.pop(), self.completed[-1]))
        self._perfect.append(self.completed[-1])

    def root(self) -> bytes:
        if not self._perfect:
            return EMPTY_ROOT
        found = self._perfect[-1]
        for left in reversed(self._perfect[:-1]):
            found = node(left, found)
        return found


def reconcile(database: Database, last: Checkpoint | None) -> Reconciled:
    """Hash every text again; hold leaf columns, hashes of the tree and the root of every checkpoint against them.

    ``last`` is the sealer's own checkpoint. Raises `LogUnavailable`.
    """
    differences: list[str] = []
    events, head = database.rows("SELECT count(*), coalesce(max(position), 0) FROM events")[0]
    sealed = last.size if last else 0
    unsealed = max(0, head - sealed)
    if events != sealed + unsealed:
        differences.append(f"{events} events, but {sealed} are sealed and the last position is {head}")
    stored, published, tree = StoredHashes(database), Checkpoints(database), _Growing()
    while tree.size < head and len(differences) < _MOST:
        rows = database.rows(
            "SELECT position, text, leaf FROM events WHERE position > :after AND position <= :end ORDER BY position",
            after=tree.size,
            end=min(head, tree.size + WIDTH),
        )
        checkpoints = {one.size: one for one in published.between(tree.size, tree.size + WIDTH)}
        for position, text, leaf in rows:
            if position != tree.size + 1:
                break
            recomputed = leaf_hash(text)
            if recomputed != bytes(leaf):
                differences.append(f"position {position}: the text does not match its leaf hash")
            tree.add(recomputed)
            if position in checkpoints:
                differences += _root(checkpoints[position], tree)
            if last and position == last.size and last.root != tree.root():
                differences.append(f"the first {position} events are not those of the sealer's own checkpoint")
        if tree.size % WIDTH:
            break  # the end of the log, or a gap, which was counted above
        differences += _levels(stored, tree, sealed)
    return Reconciled(events, sealed, unsealed, tuple(differences[:_MOST]))


def _root(published: Published, tree: _Growing) -> list[str]:
    try:
        checkpoint = Checkpoint.parse(Note.parse(published.note).text)
    except BadNote as error:
        return [f"the checkpoint of size {published.size}: {error}"]
    if (checkpoint.size, checkpoint.root) == (tree.size, tree.root()):
        return []
    return [f"the checkpoint of size {published.size} has another root than the log"]


def _levels(stored: StoredHashes, tree: _Growing, sealed: int) -> list[str]:
    """Hashes of level 1 and above that the last leaf completed."""
    found = []
    for level in _LEVELS:
        number, rest = divmod(tree.size, WIDTH**level)
        if rest or tree.size > sealed:
            break
        if stored.hashes(level, number - 1, 1) != [tree.completed[8 * level]]:
            found.append(f"tree_hashes, level {level}, number {number - 1}: not the hash of its leaves")
    return found
