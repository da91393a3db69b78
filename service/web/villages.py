"""The village board and the page of one village."""

from typing import Any

from flask import request

from service.web import ask
from service.web.frame import page

STAGES = ("belum_ada", "dirintis", "terbentuk", "sah", "dibubarkan")
MISSING = ("surat", "masa_bakti", "tidak_aktif")


@page("/desa", "villages.html", "board.read")
def villages() -> Any:
    """Every village within reach, filtered by kecamatan, stage and what is missing."""
    asked = request.args
    told = ask.get("/villages", kecamatan=asked.get("kecamatan"), stage=asked.get("tahap"))
    rows = [row for row in told.data if _wanted(row, asked.get("kurang", ""))]
    kecamatan = sorted({(row["kecamatan"], row["kecamatan_name"]) for row in ask.get("/villages").data})
    return {"rows": rows, "kecamatan": kecamatan, "stages": STAGES, "missing": MISSING, "told": told}


def _wanted(row: dict[str, Any], missing: str) -> bool:
    bodies = row["wksbm"]
    if missing == "tidak_aktif":
        return any(one.get("dormant") for one in bodies)
    return True


@page("/desa/<code>", "village.html", "board.read")
def village(code: str) -> Any:
    """One village: its WKSBM step by step, its groups, and its people in counts."""
    return {"told": (told := ask.get(f"/villages/{code}")), "village": told.data}
