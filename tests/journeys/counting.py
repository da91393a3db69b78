"""Counting again: what the village board and coverage must say, worked out from the events of a log alone, with the
aggregates of the domain and no view."""

from __future__ import annotations

import calendar
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from domain.aggregate import Event
from domain.beneficiary import Beneficiary
from domain.case import Case
from domain.correction import effective, replay
from domain.referral import Referral
from domain.territory import TERRITORY_ID, Territory
from domain.wksbm import Wksbm
from service.log.codec import decode

BEGINNINGS = {"wksbm.initiated", "wksbm.socialization_held", "wksbm.kps_identified", "wksbm.deliberation_held"}
SIGNS = {"wksbm.activity_reported", "wksbm.funds_raised", "wksbm.funds_distributed", "wksbm.reactivated"}
TURNS = ("wksbm.found_dormant", "wksbm.reactivated")
SENSES = ("dirintis", "terbentuk", "sah", "aktif")


def decoded(texts: Iterable[str]) -> list[Event]:
    """The events of canonical texts."""
    return [decode(json.loads(text)["topic"], text) for text in texts]


def months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class Body:
    """What one WKSBM's events say of it on a day."""

    def __init__(self, events: list[Event], day: date, months: int) -> None:
        self.events = [event for event in effective(events) if not event.topic.startswith("record.")]
        self.day, self.since = day, months_before(day, months)
        self.begun = min(event.on for event in self.events) <= day
        self.dissolved = bool(self._until("wksbm.dissolved"))
        self.formed = self._until("wksbm.formed")
        self.sks = [event for event in self._named("wksbm.ratified") if event.dated <= day]
        turns = self._until(*TURNS)
        last = max(turns, key=lambda event: (event.on, event.version), default=None)
        self.asleep = last is not None and last.topic == "wksbm.found_dormant"
        self.signs = [event for event in self._until(*SIGNS) if event.on >= self.since]
        wksbm = replay(None, events)
        assert isinstance(wksbm, Wksbm)
        self.unproven = len(wksbm.unproven)

    def _named(self, *topics: str) -> list[Any]:
        return [event for event in self.events if event.topic in topics]

    def _until(self, *topics: str) -> list[Any]:
        return [event for event in self._named(*topics) if event.on <= self.day]

    @property
    def stage(self) -> str:
        if self.dissolved:
            return "dibubarkan"
        return "sah" if self.sks else "terbentuk" if self.formed else "dirintis"

    @property
    def sk_in_force(self) -> bool:
        return not self.dissolved and any(sk.term_until >= self.day for sk in self.sks)

    @property
    def active(self) -> bool:
        return not self.dissolved and bool(self.formed) and not self.asleep and bool(self.signs)

    def senses(self) -> dict[str, bool]:
        """The senses of coverage in which it counts, each with whether a paper proves it."""
        if self.dissolved:
            return {}
        behind = {
            "dirintis": self._until(*BEGINNINGS),
            "terbentuk": self.formed,
            "sah": [sk for sk in self.sks if sk.term_until >= self.day],
            "aktif": self.signs if self.active else [],
        }
        return {sense: any(map(self.proven, events)) for sense, events in behind.items() if events}

    def proven(self, event: Any) -> bool:
        """Whether its own papers, or papers that came later, prove a step."""
        provided: set[int] = set()
        for paper in self._named("wksbm.evidence_provided"):
            if paper.target == event.version:
                if paper.proven and set(paper.rests_on) <= provided:
                    return True
                provided.add(paper.version)
        return not event.unproven


class Counted:
    """Everything that the boards count, from all events of a log as known at its end."""

    def __init__(self, events: list[Event], day: date, months: int) -> None:
        streams: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            streams[event.stream].append(event)
        territory = replay(None, streams.pop(TERRITORY_ID))
        assert isinstance(territory, Territory)
        self.standing, self.heirs = territory.villages_on(day), territory.successors_on(day)
        self.villages: dict[str, Counter[str]] = {code: Counter() for code in self.standing}
        self.bodies: dict[str, dict[str, Body]] = {code: {} for code in self.standing}
        self.elsewhere: set[str] = set()
        for stream, own in streams.items():
            found = replay(None, own)
            code = self.heirs.get(found.village or "", found.village or "") if found else ""
            if isinstance(found, Wksbm):
                body = Body(own, day, months)
                if code in self.bodies:
                    self.bodies[code][stream] = body
                elif body.senses():
                    self.elsewhere.add(stream)
            for name in counted_as(found) if code in self.villages else ():
                self.villages[code][name] += 1

    def begun(self, code: str) -> list[Body]:
        """The bodies of a village that the board shows: those of which something had happened by the day."""
        return [body for body in self.bodies[code].values() if body.begun]

    def board(self, code: str) -> dict[str, int]:
        """The figures of a village's row on the board, by their path."""
        bodies = self.begun(code)
        standing = [body for body in bodies if not body.dissolved]
        return {
            **{name: self.villages[code][name] for name in ("open_cases", "open_referrals")},
            **{f"people.tier_{tier}": self.villages[code][f"people.tier_{tier}"] for tier in (1, 2, 3)},
            "unproven": sum(body.unproven for body in bodies),
            "wksbm": len(standing),
            "sk_in_force": sum(body.sk_in_force for body in standing),
            "active": sum(body.active for body in standing),
            "dormant": sum(body.asleep for body in standing),
        }

    def stage(self, code: str) -> str:
        order = ("belum_ada", "dibubarkan", "dirintis", "terbentuk", "sah")
        return max((body.stage for body in self.begun(code)), key=order.index, default="belum_ada")

    def coverage(self, kecamatan: str | None = None) -> dict[str, int]:
        """The figures of coverage, of all villages or of a kecamatan's, by their path."""
        found: Counter[str] = Counter()
        for code, village in self.standing.items():
            if kecamatan in (None, village.kecamatan):
                found["villages"] += 1
                found.update(covered(self.bodies[code].values()))
        names = [f"{sense}.{name}" for sense in SENSES for name in ("villages", "proven", "unproven")]
        return {name: found[name] for name in ("villages", *names)}


def counted_as(found: Any) -> list[str]:
    """Under which figures of the board a person, a case or a referral counts, once its events are remembered."""
    if isinstance(found, Beneficiary):
        lives = found.died_on is None and not found.moved_out and found.linked_to is None
        return [f"people.tier_{found.tier}"] if lives else []
    if isinstance(found, Case):
        return [] if found.terminated else ["open_cases"]
    return ["open_referrals"] if isinstance(found, Referral) and found.is_open else []


def covered(bodies: Iterable[Body]) -> list[str]:
    """The figures of coverage in which a village with these bodies counts."""
    proofs: dict[str, bool] = {}
    for body in bodies:
        for sense, proof in body.senses().items():
            proofs[sense] = proofs.get(sense, False) or proof
    ways = {True: "proven", False: "unproven"}
    return [f"{sense}.{way}" for sense, proof in proofs.items() for way in ("villages", ways[proof])]
