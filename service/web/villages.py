"""The village board as a map and as a table, and the page of one village."""

from typing import Any

from flask import request

from service.web import ask, bodies, moment, tiles
from service.web.frame import page

ROWS = 70  # of the table at a time: what leads from each figure to its rows would double the weight of all villages
STAGES = ("belum_ada", "dirintis", "terbentuk", "sah", "dibubarkan")
#: What a WKSBM may lack: what the page's address calls it, and the API.
LACKS = {"bukti": "unproven", "kegiatan": "inactive", "sk_berakhir": "sk_expired", "pengurus": "board_expired"}


@page("/desa", "villages.html", "board.read")
def villages() -> Any:
    """Every village within reach, filtered by kecamatan, stage and what is lacking."""
    told = ask.get("/villages")
    every, why = told.data, told.body["why"]
    asked, kecamatan = request.args, request.args.get("kecamatan")
    lacking = [name for name in LACKS if asked.get(name)]
    wanted = {"kecamatan": kecamatan, "stage": asked.get("tahap"), **{LACKS[name]: "true" for name in lacking}}
    # The map also shows the villages beside them, and tells those apart that were asked for.
    rows = ask.get("/villages", **wanted).data if any(wanted.values()) else every
    shown, parts = _part(rows, asked.get("halaman", ""))
    return {
        "rows": rows,
        "shown": shown,
        "parts": parts,
        "kecamatan": sorted({(row["kecamatan"], row["kecamatan_name"]) for row in every}),
        "filtered": any(wanted.values()),
        "stages": STAGES,
        "lacks": list(LACKS),
        "map": tiles.drawn(rows, every),
        "counts": {stage: sum(row["stage"] == stage for row in rows) for stage in STAGES},
        "why": why,
        "suppressed": told.body.get("suppressed"),
        "last_day": moment.last_day,
        # Of the villages that a filter left there is no figure, but of those of a kecamatan.
        "counted": "" if asked.get("tahap") or lacking else why["kecamatan" if kecamatan else "whole"],
        "chosen": {"kecamatan": kecamatan},
        "together": bodies.TOGETHER,
    }


def _part(rows: list[dict[str, Any]], asked: str) -> tuple[list[dict[str, Any]], list[tuple[int, int, int, bool]]]:
    """The rows of the part of the table that was asked for; and of each part its number, the places of its first and last
    row, and whether it is the one."""
    last = max(1, -(-len(rows) // ROWS))
    chosen = min(max(1, int(asked)), last) if asked.isdecimal() and len(asked) < 4 else 1
    parts = [(n, (n - 1) * ROWS + 1, min(n * ROWS, len(rows)), n == chosen) for n in range(1, last + 1)]
    return rows[(chosen - 1) * ROWS : chosen * ROWS], parts


@page("/desa/<code>", "village.html", "board.read")
def village(code: str) -> Any:
    """One village: its WKSBM step by step, its groups and people of good will, and its people in need in counts."""
    told = ask.get(f"/villages/{code}")
    return {
        "village": told.data,
        "why": told.body["why"],
        "ways": bodies.ways_of(told.data["wksbm"]),
        "few": bodies.FEW,
    }
