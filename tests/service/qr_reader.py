"""Reads a QR code without the library that drew it: modules to bytes, by ISO/IEC 18004.

For pictures without damage, level L and byte mode: what is wrong in them is not put right, so that a test sees it.
"""

from itertools import pairwise

MASKS = (
    lambda y, x: (y + x) % 2 == 0,
    lambda y, x: y % 2 == 0,
    lambda y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)
#: Of level L, by version from 1 on: error correction codewords of a block, and blocks.
CORRECTION = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28]
CORRECTION += [28, 28, 30, 30, 26, 28, *[30] * 14]
BLOCKS = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8]
BLOCKS += [8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25]
Modules = list[list[int]]


def _reserved(version: int) -> set[tuple[int, int]]:
    """The places (row, column) that hold no data."""
    size = 17 + 4 * version
    found = {(y, x) for y in range(9) for x in (*range(9), *range(size - 8, size))}
    found |= {(y, x) for y in range(size - 8, size) for x in range(9)}
    found |= {place for one in range(size) for place in ((6, one), (one, 6))}
    if version >= 2:
        count = version // 7 + 2
        step = 26 if version == 32 else (version * 4 + count * 2 + 1) // (count * 2 - 2) * 2
        centres = [6, *(size - 7 - step * one for one in range(count - 1))]
        last = size - 7
        for y, x in ((y, x) for y in centres for x in centres if (y, x) not in ((6, 6), (6, last), (last, 6))):
            found |= {(y + down, x + right) for down in range(-2, 3) for right in range(-2, 3)}
    if version >= 7:
        found |= {place for a in range(6) for b in range(size - 11, size - 8) for place in ((a, b), (b, a))}
    return found


def _codewords(modules: Modules, version: int) -> list[int]:
    size, reserved = len(modules), _reserved(version)
    format = sum(modules[8][x] << (4 - x) for x in range(5)) ^ 0b10101
    assert format >> 3 == 0b01, "level L"
    masked = MASKS[format & 7]
    bits, up = [], True
    for right in (*range(size - 1, 6, -2), 5, 3, 1):
        for y in range(size - 1, -1, -1) if up else range(size):
            places = [(y, x) for x in (right, right - 1) if (y, x) not in reserved]
            bits += [modules[y][x] ^ masked(y, x) for y, x in places]
        up = not up
    return [int("".join(map(str, bits[at : at + 8])), 2) for at in range(0, len(bits) - 7, 8)]


def read(modules: Modules) -> bytes:
    """What a QR code says, given its rows of modules without the quiet zone."""
    version = (len(modules) - 17) // 4
    words, blocks, correction = _codewords(modules, version), BLOCKS[version - 1], CORRECTION[version - 1]
    short, longer = divmod(len(words) - blocks * correction, blocks)
    sizes = [short + (number >= blocks - longer) for number in range(blocks)]
    order = sorted((at, block) for block, size in enumerate(sizes) for at in range(size))
    placed = dict(zip(((block, at) for at, block in order), words, strict=False))
    data = [placed[block, at] for block, size in enumerate(sizes) for at in range(size)]
    halves = [half for word in data for half in (word >> 4, word & 15)]  # mode and length take whole half-bytes
    assert halves[0] == 0b0100, "byte mode"
    begin = 3 if version < 10 else 5
    length = int("".join(f"{one:x}" for one in halves[1:begin]), 16)
    held = halves[begin : begin + 2 * length]
    return bytes(high << 4 | low for high, low in list(pairwise(held))[::2])
