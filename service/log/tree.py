"""The Merkle tree of RFC 9162 over the log's leaves, read in tiles of 256 hashes, and the checks of its proofs.

``docs/reference/proof-format.md`` says what levels and numbers are. A root or a proof over a million leaves reads one or
two tiles of each of three levels.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Protocol

WIDTH = 256  # hashes of a tile, and leaves of one hash of the next level
_HEIGHT = 8  # 2 ** 8 = WIDTH
EMPTY_ROOT = hashlib.sha256(b"").digest()


class Hashes(Protocol):
    """Where hashes come from: those of ``level`` with numbers ``first`` to ``first + count - 1``, all of which are there.

    Level 0 are the leaves; the hash number n of level L is the root of the 256^L leaves from n · 256^L on.
    """

    def hashes(self, level: int, first: int, count: int) -> Sequence[bytes]: ...


class HashesMissing(Exception):
    """A source does not hold the hashes that a tree of this size has."""


def node(left: bytes, right: bytes) -> bytes:
    """An inner node (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def folded(hashes: Sequence[bytes]) -> bytes:
    """The root over 1, 2, 4 … 256 neighbouring hashes."""
    while len(hashes) > 1:
        hashes = [node(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


class Tree:
    """The tree of the first ``size`` leaves of a source. Each tile is read once."""

    def __init__(self, source: Hashes, size: int) -> None:
        self._source = source
        self.size = size
        self._tiles: dict[tuple[int, int], Sequence[bytes]] = {}

    def tile(self, level: int, number: int) -> Sequence[bytes]:
        """Tile ``number`` of a level: 256 hashes, or fewer at the end of the tree. Raises `HashesMissing`."""
        known = self._tiles.get((level, number))
        if known is None:
            first = number * WIDTH
            count = min(WIDTH, (self.size >> (_HEIGHT * level)) - first)
            known = self._source.hashes(level, first, count) if count > 0 else ()
            if len(known) != max(0, count):
                raise HashesMissing(f"level {level}, from number {first}: {len(known)} of {count}")
            self._tiles[level, number] = known
        return known

    def root(self) -> bytes:
        """The root; of no leaves, SHA-256 of nothing."""
        return self._over(0, self.size) if self.size else EMPTY_ROOT

    def inclusion(self, index: int) -> list[bytes]:
        """The inclusion proof of the leaf with that index (RFC 9162, section 2.1.3.1)."""
        if not 0 <= index < self.size:
            raise ValueError("no leaf of the tree has this index")
        proof, start, end = [], 0, self.size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                proof.append(self._over(middle, end))
                end = middle
            else:
                proof.append(self._over(start, middle))
                start = middle
        return proof[::-1]

    def consistency(self, first: int) -> list[bytes]:
        """The proof that the tree of the first ``first`` leaves is its beginning (RFC 9162, section 2.1.4.1)."""
        if not 0 < first <= self.size:
            raise ValueError("not the size of a beginning of the tree")
        proof, start, end, whole = [], 0, self.size, True
        while first != end:
            middle = start + _split(end - start)
            if first <= middle:
                proof.append(self._over(middle, end))
                end = middle
            else:
                proof.append(self._over(start, middle))
                start, whole = middle, False
        return ([] if whole else [self._over(start, end)]) + proof[::-1]

    def _over(self, start: int, end: int) -> bytes:
        count = end - start
        if count & (count - 1):
            middle = start + _split(count)
            return node(self._over(start, middle), self._over(middle, end))
        level, rest = divmod(count.bit_length() - 1, _HEIGHT)
        tile, at = divmod(start >> (_HEIGHT * level), WIDTH)
        return folded(self.tile(level, tile)[at : at + (1 << rest)])


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << ((count - 1).bit_length() - 1)


def completed(source: Hashes, before: int, size: int) -> Iterator[tuple[int, int, bytes]]:
    """The hashes of level 1 and above that a tree has at ``size`` leaves and had not at ``before``: level, number, hash.

    Lower levels come first; the source must give those of one level before the next is asked for.
    """
    level = 1
    while size >> (_HEIGHT * level):
        for number in range(before >> (_HEIGHT * level), size >> (_HEIGHT * level)):
            below = source.hashes(level - 1, number * WIDTH, WIDTH)
            if len(below) != WIDTH:
                raise HashesMissing(f"level {level - 1}, from number {number * WIDTH}")
            yield level, number, folded(below)
        level += 1


def _hashes(proof: Sequence[bytes]) -> bool:
    return all(len(step) == 32 for step in proof)


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether an inclusion proof holds (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size or not _hashes(proof):
        return False
    here, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = node(step, found)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            found = node(found, step)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def consistent(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a consistency proof between two roots holds (RFC 9162, section 2.1.4.2)."""
    if first == second:
        return not proof and first_root == second_root
    if not 0 < first < second or not proof or not _hashes(proof):
        return False
    steps = [first_root, *proof] if not first & (first - 1) else list(proof)
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    older = newer = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            older, newer = node(step, older), node(step, newer)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            newer = node(newer, step)
        here, last = here >> 1, last >> 1
    return last == 0 and older == first_root and newer == second_root
