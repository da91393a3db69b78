"""Somebody who owns the database, and so can change the log behind the program's back."""

from __future__ import annotations

from service.log.database import Database, connect


class Owner:
    def __init__(self, url: str) -> None:
        self.database: Database = connect(url, owner=True, size=1)
        if self.database.engine == "sqlite":
            found = self.database.rows("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'")
            for (name,) in found:
                self.database.script(f"DROP TRIGGER {name}")
        else:
            self.database.script("ALTER TABLE events DISABLE TRIGGER ALL")

    def spoil(self, position: int) -> str:
        """Alter the text at a position; returns what it was."""
        ((text,),) = self.database.rows("SELECT text FROM events WHERE position = :position", position=position)
        self.mend(position, text.replace("{", "{ ", 1))
        return str(text)

    def mend(self, position: int, text: str) -> None:
        """Put a text back."""
        self.database.rows("UPDATE events SET text = :text WHERE position = :position", position=position, text=text)

    def close(self) -> None:
        self.database.close()
