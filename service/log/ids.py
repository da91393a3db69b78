"""Identifiers: UUID version 7 (RFC 9562), in the order of their making, which keeps index pages close together."""

import os
import re
import time

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def new_id(milliseconds: int | None = None) -> str:
    """A new UUIDv7 as lower-case text; ``milliseconds`` since 1970 default to now.

    The twelve bits behind them are the fraction of the millisecond (RFC 9562, 6.2, method 3): a command makes several ids
    in one, and rows in disorder would be spread over as many pages.
    """
    now = time.time_ns() if milliseconds is None else milliseconds * 1_000_000
    stamp, rest = divmod(now, 1_000_000)
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    value = (stamp << 80) | (0x7 << 76) | ((rest * 4096 // 1_000_000) << 64) | (0b10 << 62) | random
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: str) -> bool:
    """Whether ``text`` is a UUID in lower-case canonical form."""
    return _UUID.fullmatch(text) is not None
