"""The vault: the one place where personal data lives, encrypted per subject and compartment.

One part is written per event, subject and compartment, in the transaction of the event. Its associated data name the
part, the event, the event's version and the key, so that a ciphertext moved elsewhere does not open.
"""

import hashlib
import os
from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain import compartments
from domain.sealed import PartRef
from service.log.database import Database
from service.log.entries import Part
from service.log.keys import KeyStore, commitment
from service.log.opened import Plain, note, plain

GENERAL = "umum"
STRICT = "ketat"  # of the strictly restricted tier; by itself: from before there were compartments
DESTROYED = "[dimusnahkan]"


def strict_label(compartments: Collection[str]) -> str:
    """The label of a strict part: "ketat:hiv", "ketat:anak+kekerasan", or "ketat:" when nothing says of what kind."""
    return f"{STRICT}:{'+'.join(sorted(compartments))}"


def compartments_in(labels: Collection[str]) -> frozenset[str]:
    """The compartments that the labels of a subject's keys name. An old strict label stands for all of them."""
    found: set[str] = set()
    for label in labels:
        strict, _, named = label.partition(":")
        if label == STRICT:
            found |= compartments.ALL
        elif strict == STRICT and named:
            found |= set(named.split("+"))
    return frozenset(found)


def held_label(hold: str) -> str:
    """The label of what a legal hold of one document keeps: a key for it alone."""
    return f"tahan:{hold}"


class PartDamaged(Exception):
    """A part is not the one its event speaks of: moved, altered, or sealed with another key."""


class Pending(msgspec.Struct, frozen=True):
    """Plaintext on its way into a part: whose it is, in which compartment, and the values by field name."""

    part: str
    subject: str
    label: str
    fields: dict[str, Any]


class _Holder(msgspec.Struct):
    id: str
    version: int
    parts: tuple[PartRef, ...] = ()


_holder = msgspec.json.Decoder(_Holder)  # made before there are threads


def _bound(part: str, event: str, version: int, key: str) -> bytes:
    return f"{part}\n{event}\n{version}\n{key}".encode()


class Vault:
    """Seals parts for new events and opens stored ones for readers who may."""

    def __init__(self, database: Database, keys: KeyStore) -> None:
        self._database = database
        self._keys = keys

    def seal(self, pending: Pending, event: str, version: int, index: int) -> tuple[PartRef, Part]:
        """Encrypt ``pending`` for the event with that id and version, which is number ``index`` of its command."""
        key_id, key = self._keys.key_for(pending.subject, pending.label)
        nonce = os.urandom(12)
        text = msgspec.json.encode(pending.fields, order="sorted")
        box = nonce + AESGCM(key).encrypt(nonce, text, _bound(pending.part, event, version, key_id))
        reference = PartRef(pending.part, key_id, commitment(key), hashlib.sha256(box).hexdigest())
        return reference, Part(pending.part, index, pending.subject, key_id, box)

    def compartments(self, subjects: Collection[str]) -> dict[str, frozenset[str]]:
        """The compartments each subject is in, as the labels of its keys say; one that is in none is left out."""
        kept = plain.get() or Plain()
        found = kept.compartments
        if missing := [subject for subject in subjects if subject not in found]:
            held = self._keys.labelled(missing)
            for subject in missing:
                theirs = held.get(subject, {})
                found[subject] = compartments_in({label for label, _ in theirs.values()})
                kept.keys |= {id: key for id, (_, key) in theirs.items()}
        return {subject: found[subject] for subject in subjects if found[subject]}

    def open(self, parts: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The plaintext of each part that still exists, by part id. Raises `PartDamaged`.

        A part whose row or key was destroyed is left out: show `DESTROYED` for it.
        """
        wanted = sorted({part for part in parts if part})
        kept = plain.get() or Plain()
        missing = [part for part in wanted if part not in kept.parts]
        kept.parts |= dict.fromkeys(missing) | self._opened(missing, kept.keys)
        return {part: dict(fields) for part in wanted if (fields := kept.parts[part]) is not None}

    def _opened(self, wanted: list[str], keys: dict[str, bytes]) -> dict[str, dict[str, Any]]:
        if not wanted:
            return {}
        rows = self._database.rows(
            "SELECT p.id, p.key, p.box, e.text, p.subject, e.stream = p.subject AND e.topic LIKE :disasters "
            "FROM parts p JOIN events e ON e.position = p.position "
            f"WHERE p.id {self._database.among('ids')}",
            ids=wanted,
            disasters="incident.%",
        )
        if unknown := {row[1] for row in rows} - keys.keys():
            keys |= self._keys.keys(sorted(unknown))
        opened = {}
        for part, key_id, box, text, subject, nobodys in rows:
            if key_id in keys:
                if not nobodys:  # a disaster's own note; whoever is not known to be nobody counts as somebody
                    note(part, subject)
                holder = _holder.decode(text)
                opened[part] = self._open(part, keys[key_id], bytes(box), holder)
        return opened

    @staticmethod
    def _open(part: str, key: bytes, box: bytes, holder: _Holder) -> dict[str, Any]:
        reference = next((one for one in holder.parts if one.id == part), None)
        if reference is None or reference.sha256 != hashlib.sha256(box).hexdigest():
            raise PartDamaged(f"part {part} is not the one its event names")
        if reference.commitment != commitment(key):
            raise PartDamaged(f"part {part} was sealed with another key")
        try:
            text = AESGCM(key).decrypt(box[:12], box[12:], _bound(part, holder.id, holder.version, reference.key))
        except InvalidTag as error:
            raise PartDamaged(f"part {part} does not open") from error
        return msgspec.json.decode(text, type=dict[str, Any])
