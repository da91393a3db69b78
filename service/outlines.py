"""The outlines that the map draws, kept in a table beside the log: every worker sees them at once, and a backup has them.

They are no events: an outline decides nothing and is nobody's record. Without them the map is one of tiles.
"""

import hashlib
import re

import msgspec

from service.boundaries import Outline
from service.log.database import Database

STATE = ("outlines",)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS outlines (
  village TEXT PRIMARY KEY, path TEXT NOT NULL, west INTEGER NOT NULL, north INTEGER NOT NULL, east INTEGER NOT NULL,
  south INTEGER NOT NULL, version TEXT NOT NULL);
"""
_PATH = re.compile(r"[-Mlz0-9 ]+")
_CODE = re.compile(r"\d{2}\.\d{2}\.\d{2}\.\d{4}")


class Box(msgspec.Struct, frozen=True):
    """Where a village's outline lies on the drawing."""

    west: int
    north: int
    east: int
    south: int


def create_tables(database: Database) -> None:
    """Make the table. Safe to run again."""
    database.script(_SCHEMA)


def replace(database: Database, outlines: dict[str, Outline]) -> None:
    """Put these in place of all that are there; none at all: the map is one of tiles again."""
    version = hashlib.sha256(msgspec.json.encode(sorted(outlines.items()))).hexdigest()[:10]
    with database.transaction():
        database.rows("DELETE FROM outlines")
        for village, one in outlines.items():
            database.rows(
                "INSERT INTO outlines VALUES (:village, :path, :west, :north, :east, :south, :version)",
                village=village,
                version=version,
                **msgspec.structs.asdict(one),
            )


def boxes(database: Database) -> tuple[str, dict[str, Box]]:
    """The version of what is there, empty without, and where each village lies."""
    rows = database.rows("SELECT village, west, north, east, south, version FROM outlines")
    return (rows[0][5] if rows else ""), {row[0]: Box(*row[1:5]) for row in rows}


def drawing(database: Database) -> tuple[str, str]:
    """The version, and one SVG file with the path of every village under its code, which pages refer to."""
    rows = database.rows("SELECT village, path, version FROM outlines ORDER BY village")
    paths = "".join(
        f'<path id="d{village}" d="{path}" vector-effect="non-scaling-stroke"/>'
        for village, path, _ in rows
        if _CODE.fullmatch(village) and _PATH.fullmatch(path)
    )
    return (rows[0][2] if rows else ""), f'<svg xmlns="http://www.w3.org/2000/svg"><defs>{paths}</defs></svg>'
