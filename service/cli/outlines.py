"""``territory import-boundaries``: real outlines for the map in place of tiles."""

import sys
from pathlib import Path

import click

from service import boundaries, outlines
from service.cli.output import as_json, opened, say, show


@click.command("import-boundaries")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--property", "name", default="kode", show_default=True, help="What holds the code of a village.")
@click.option("--remove", is_flag=True, help="Remove the outlines: the map is one of tiles again.")
@as_json
def import_boundaries(file: Path | None, name: str, remove: bool, json_output: bool) -> None:
    """Draw the map with the outlines of a GeoJSON file, simplified, in place of one tile for each village.

    Features are polygons in longitude and latitude (WGS 84), each with the Kemendagri code of its village. Those that are
    no village in force are left out, villages that the file lacks stay tiles, and both are told. Nothing changes when the
    file cannot be used: exit code 1.

    \b
    Examples:
      wahana territory import-boundaries batas-desa.geojson
      wahana territory import-boundaries --remove
    """
    if remove == bool(file):
        raise click.UsageError("name a file, or --remove")
    here = opened()
    if file is None:
        outlines.replace(here.database, {})
        say("wahana: the map is one of tiles again")
        return
    if file.stat().st_size > boundaries.LARGEST:
        say(f"wahana: {file}: the file is larger than {boundaries.LARGEST // 2**20} MB")
        sys.exit(1)
    try:
        found = boundaries.read(file.read_bytes(), here.casebook.territory().villages_on(here.today()), name)
    except boundaries.BadBoundaries as error:
        say(f"wahana: {file}: {error}")
        sys.exit(1)
    outlines.replace(here.database, found.outlines)
    lines = [f"{len(found.outlines)} villages outlined with {found.points} points"]
    lines += [f"not a village in force: {code}" for code in found.unknown]
    lines += [f"not in the file: {code}" for code in found.missing]
    told = {"outlined": len(found.outlines), "points": found.points, "unknown": found.unknown, "missing": found.missing}
    show(told, lines, json_output)
