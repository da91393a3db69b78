"""What the office tells everybody: the stage of every village's WKSBM, safe counts of people, the latest checkpoint, and
whether a receipt is ours. The public is the reader without any clearance and without any reach: no person, no case."""

from typing import Any

import msgspec

from projections import village_status
from projections.figures import FIGURES
from projections.suppression import LEAST
from service.api.cases import day_of
from service.api.current import office
from service.api.reads import viewing
from service.api.safe_figures import public_counts
from service.log.notes import BadNote, Checkpoint, Note, b64
from service.receipts import Receipt


def board() -> dict[str, Any]:
    """Every village with the stage of its WKSBM today and its people at the last month end; and the same by kecamatan.
    ``people`` is None where it would tell of somebody."""
    with viewing({}) as view:
        day = day_of(view)
        rows = village_status.stages(view, day, office().config.dormant_months)
        at, counts = public_counts(view, day)
    kecamatan: dict[str, dict[str, Any]] = {}
    for row in rows:
        row["people"] = counts.villages.get(row["code"])
        code = row["kecamatan"]
        told = kecamatan.setdefault(
            code,
            {
                "name": row["kecamatan_name"],
                "villages": 0,
                "ratified": 0,
                "in_force": 0,
                "people": counts.kecamatan.get(code),
            },
        )
        told["villages"] += 1
        told["ratified"] += row["stage"] == "sah"
        told["in_force"] += row["sk_in_force"]
    return {"rows": rows, "kecamatan": kecamatan, "whole": counts.whole, "as_of": at, "least": LEAST}


def checkpoint() -> dict[str, Any] | None:
    """The latest checkpoint: size, time, root and who cosigned it; None before the first."""
    store = office().checkpoints
    latest = store.latest()
    if latest is None:
        return None
    root = b64(Checkpoint.parse(Note.parse(latest.note).text).root)
    witnesses = [line.name for line in store.witnesses([latest.size])[latest.size]]
    return {"size": latest.size, "sealed": latest.sealed, "root": root, "witnesses": witnesses}


def meanings() -> dict[str, str]:
    """What the numbers of the board count, in the words of the figures."""
    named = {"sah": "board.stages.sah", "berlaku": "coverage.sah.villages", "desa": "board.villages"}
    return {number: FIGURES[name].definition for number, name in named.items()}


class Checked(msgspec.Struct, frozen=True):
    """A receipt that the office signed. ``whole``: the log holds today what it says; ``sealed``: a checkpoint covers it."""

    receipt: Receipt
    whole: bool
    sealed: bool


def checked(text: str) -> Checked | None:
    """What a pasted receipt proves; ``None`` when it is none of ours or was altered. Spaces around it and the line ends of
    a form are no alteration."""
    here = office()
    try:
        receipt = here.receipts.read("\n".join(text.strip().splitlines()) + "\n")
    except BadNote:
        return None
    whole = all(here.log.leaves(position, 1) == [leaf] for position, leaf in receipt.events)
    latest = here.checkpoints.latest()
    return Checked(receipt, whole, latest is not None and latest.size >= max(one for one, _ in receipt.events))
