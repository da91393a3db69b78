"""Sentences about readings."""

from projections.sentences.words import Told, number


def _made(told: Told) -> str:
    if told.has("everything"):
        return f"Semua data pribadi diserahkan melalui {told['resource']}."
    people = len(told.data.get("subjects") or ())
    return f"Data {number(people)} orang yang dilindungi dibuka melalui {told['resource']}."


SENTENCES = {"reading.made": _made}
