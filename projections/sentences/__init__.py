"""What happened, in plain Indonesian: one sentence for every event, from its own fields.

A module of this package tells one noun. It has a dictionary ``SENTENCES`` from topic to a text (with no values) or to a
function of `Told`:

    SENTENCES = {
        "kps.registered": lambda told: f"KPS {told['name']} ({told.label('kind', KINDS, 'kinds')}) didaftarkan.",
        "kps.resumed": "KPS aktif kembali.",
    }
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

from projections.sentences.words import Opened, Told

Sentence = str | Callable[[Told], str]

NOUNS: Mapping[str, str] = {
    "account": "akun",
    "beneficiary": "warga",
    "case": "kasus",
    "destruction": "pemusnahan",
    "incident": "kejadian bencana",
    "indicator": "indikator",
    "kps": "KPS",
    "psks": "PSKS",
    "record": "catatan",
    "referral": "rujukan",
    "subject_request": "permintaan subjek data",
    "retention": "jadwal retensi",
    "subject": "kunci data warga",
    "territory": "wilayah",
    "wksbm": "WKSBM",
}


def _collect() -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        sentences: Mapping[str, Sentence] = getattr(importlib.import_module(module.name), "SENTENCES", {})
        if taken := found.keys() & sentences.keys():
            raise TypeError(f"{module.name} tells {sorted(taken)} a second time")
        found.update(sentences)
    return found


SENTENCES: Mapping[str, Sentence] = _collect()


def tell(topic: str, data: Mapping[str, Any], opened: Opened = None) -> str:
    """One plain Indonesian sentence (or two, with a note) for an event. Never raises.

    ``data`` holds the event's own fields, sealed ones as ``{"part": id}``. ``opened`` holds the plaintext of the parts
    that the reader may see, by part id: a part missing from it reads "[dimusnahkan]". ``None`` stands for a reader who
    may see nothing sealed: "[tersegel]". A topic without a sentence, or a noun alone, tells that
    something was recorded.
    """
    sentence = SENTENCES.get(topic)
    if isinstance(sentence, str):
        return sentence
    if sentence is not None:
        try:
            return sentence(Told(data, opened))
        except (LookupError, TypeError, ValueError, AttributeError):
            # A field of an old or corrected event may have another shape: the reader still learns that it happened.
            pass
    noun, _, happening = topic.partition(".")
    which = f" ({happening.replace('_', ' ')})" if happening else ""
    return f"Peristiwa pada {NOUNS.get(noun, noun)} dicatat{which}."
