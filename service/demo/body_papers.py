"""A WKSBM on paper: its board, its SK, and the papers that were kept or not."""

from collections.abc import Generator
from datetime import date, timedelta
from random import Random
from typing import Any

import msgspec

from domain.villages import Village
from service.casebook import Answer
from service.demo import names
from service.demo.play import Paper, Step
from service.demo.world import Pen

Told = Generator[Step, Answer, date]


class Body(msgspec.Struct):
    """One WKSBM of the plan: where, called what, begun when; ``kps`` are the registered bodies of its
    village, ``joined`` those that are members, and only a ``mortal`` one is ever dissolved;
    ``order`` is the share of its papers that are kept."""

    id: str
    number: int
    village: Village
    name: str
    begun: date
    hamlet: str | None = None
    mortal: bool = False
    order: float = 0.85
    kps: list[str] = []
    joined: list[str] = []


def papers(pen: Pen, body: Body, *kinds: str) -> tuple[Paper, ...]:
    """The papers of a step where they were kept; otherwise none, and the step stands as unproven."""
    return tuple(Paper(kind) for kind in kinds) if pen.chance(body.order) else ()


def board(rng: Random) -> list[dict[str, str]]:
    """A board of two to four: chair and secretary first."""
    offices = ("ketua", "sekretaris", "bendahara", "bidang")[: rng.randint(2, 4)]
    return [{"office": office, "name": names.official(rng, rng.choice("LP"))} for office in offices]


def ratified(pen: Pen, body: Body, on: date) -> Told:
    """The SK, and the office's register; returns the last day of the SK."""
    until = yield from _signed(pen, body, on)
    if pen.chance(0.8):
        day = pen.after(on, 5, 90)
        sent = {"register_number": f"WKSBM/{body.number + 1:03}/{day.year}"}
        form = papers(pen, body, "formulir_psks")
        yield pen.step("wksbm.register_at_office", day, sent, url={"stream": body.id}, by="kabid", papers=form)
    return until


def _signed(pen: Pen, body: Body, on: date) -> Told:
    rng, kind = pen.rng, body.village.kind
    until = on + timedelta(days=365 * pen.pick({3: 3.0, 5: 5}))
    post = pen.pick({"lurah": 5.0, "camat": 1}) if kind == "kelurahan" else "kepala_desa"
    number = f"{rng.randint(3, 60):02}/SK/{body.village.name}/{on.year}"
    sent = {"number": number, "dated": on.isoformat(), "signatory": names.official(rng, rng.choice("LP"))}
    sent |= {"signatory_post": post, "term_until": until.isoformat()}
    sk = Paper("sk", number, on, scan=pen.chance(body.order))
    yield pen.step("wksbm.ratify", on, sent, url={"stream": body.id}, papers=(sk,))
    return until


def renewed(pen: Pen, body: Body, on: date) -> Told:
    """The old board leaves, a new one is appointed, and a new SK follows; returns the last day of that SK."""
    url = {"stream": body.id}
    yield pen.step("wksbm.end_board_term", on, {}, url=url, papers=papers(pen, body, "berita_acara"))
    sent: dict[str, Any] = {"members": board(pen.rng), "term_from": on.isoformat()}
    yield pen.step("wksbm.appoint_board", on, sent, url=url, papers=papers(pen, body, "susunan_pengurus"))
    return (yield from _signed(pen, body, pen.after(on, 5, 40)))
