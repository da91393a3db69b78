"""django-simple-history: a record whose every version is a row of a history table. ``simple_history DATABASE-URL``."""

import sys
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django
from django.conf import settings

from tests.bench.peers.serve import serve, timed


def database(url: str) -> dict[str, Any]:
    """Django's words for a database URL, as durable as Wahana's log."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path.removeprefix("/"),
            "OPTIONS": {
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
                "transaction_mode": "IMMEDIATE",
            },
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.removeprefix("/"),
        "USER": parts.username,
        "HOST": parse_qs(parts.query)["host"][0],
    }


def main(url: str) -> None:
    """Insert and change notes of some 700 bytes, each in a transaction of its own."""
    settings.configure(
        DATABASES={"default": database(url)},
        INSTALLED_APPS=["simple_history"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()
    from django.db import connection, models, transaction
    from simple_history.models import HistoricalRecords

    class Note(models.Model):
        text = models.TextField()
        history = HistoricalRecords(history_user_id_field=models.IntegerField(null=True))

        class Meta:
            app_label = "simple_history"

    with connection.schema_editor() as editor:
        editor.create_model(Note)
        editor.create_model(Note.history.model)
    numbers = count()

    def insert_and_change() -> None:
        with transaction.atomic():
            note = Note.objects.create(text=f"{next(numbers):08d}" + "x" * 692)
        note.text = f"{next(numbers):08d}" + "x" * 692
        with transaction.atomic():
            note.save()

    serve({"write": lambda calls: timed(insert_and_change, calls // 2) / 2})


if __name__ == "__main__":
    main(sys.argv[1])
