"""What is opened: the vault and the file store write down here whatever they decrypt, so that no opening goes unnoticed."""

from contextvars import ContextVar
from typing import Any

#: Ids of parts and files, each with its subject, that this thread opened since it began to keep count; ``None`` where
#: nobody does.
opened: ContextVar[dict[str, str] | None] = ContextVar("opened", default=None)
#: What was opened for this page, by part, with ``None`` for what is no longer there; ``None`` where nobody keeps it. It
#: lasts as long as one answer to one reader, whose opening of it is noted above.
plain: ContextVar[dict[str, dict[str, Any] | None] | None] = ContextVar("plain", default=None)


def note(id: str, subject: str) -> None:
    """Write down that a part or a file was opened."""
    found = opened.get()
    if found is not None:
        found[id] = subject
