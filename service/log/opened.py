"""What is opened: the vault and the file store write down here whatever they decrypt about somebody, so that no opening
goes unnoticed."""

from contextvars import ContextVar
from typing import Any

import msgspec

#: Ids of parts and files, each with its subject, that this thread opened since it began to keep count, without parts that
#: are known to be about nobody; ``None`` where nobody keeps count.
opened: ContextVar[dict[str, str] | None] = ContextVar("opened", default=None)


class Plain(msgspec.Struct):
    """What the vault opened for one answer to one reader, who is noted above as having opened it: parts, with ``None`` for
    one that is no longer there, the keys that it took, and the compartments of subjects."""

    parts: dict[str, dict[str, Any] | None] = {}
    keys: dict[str, bytes] = {}
    compartments: dict[str, frozenset[str]] = {}


#: What is kept until the answer is made, so that nothing is opened for it twice; ``None`` where nothing is.
plain: ContextVar[Plain | None] = ContextVar("plain", default=None)


def note(id: str, subject: str) -> None:
    """Write down that a part or a file was opened."""
    found = opened.get()
    if found is not None:
        found[id] = subject
