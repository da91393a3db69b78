"""Setting up an office from the command line."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from domain.indicator import WKSBM_COVERAGE_ID
from projections import register_lists
from service.cli import main
from service.config import read
from service.office import Office
from tests.service.casebooks import as_role
from tests.service.offices import settings_of


def init(folder: Path, **more: str) -> Result:
    return CliRunner().invoke(main, ["init"], env={**settings_of(folder), **more}, catch_exceptions=False)


def topics(office: Office) -> list[str]:
    return [json.loads(text)["topic"] for (text,) in office.database.rows("SELECT text FROM events ORDER BY position")]


def test_a_new_office_holds_the_coverage_of_july_2019_as_a_note_and_no_wksbm(tmp_path: Path) -> None:
    assert init(tmp_path).exit_code == 0
    office = Office(read(settings_of(tmp_path)))
    office.views.catch_up()
    with office.views.at() as view:
        (found,) = register_lists.indicators(view, WKSBM_COVERAGE_ID)
    (baseline,) = found["baselines"]
    assert (baseline["month"], baseline["permille"]) == ("2019-07", 250)
    assert (baseline["approximate"], baseline["definition_unknown"]) == (True, True)
    assert "60DTK" in baseline["reference"]
    assert topics(office) == ["territory.list_published", "indicator.defined", "indicator.baseline_stated"]
    office.close()


def test_an_office_that_is_initialised_again_states_nothing_twice(tmp_path: Path) -> None:
    init(tmp_path)
    again = init(tmp_path)
    assert (again.exit_code, "nothing changed" in again.stderr) == (0, True)
    office = Office(read(settings_of(tmp_path)))
    assert len(topics(office)) == 3
    office.close()


def test_the_demonstration_states_the_baseline_itself(tmp_path: Path) -> None:
    init(tmp_path, WAHANA_DEMO="1")
    office = Office(read(settings_of(tmp_path)))
    assert topics(office) == ["territory.list_published"]
    office.close()


def test_before_init_every_command_says_what_to_do(database_url: str, tmp_path: Path) -> None:
    settings = {**settings_of(tmp_path), "WAHANA_DATABASE_URL": database_url}
    for asked in (["doctor"], ["project", "status"], ["keys", "status"]):
        found = CliRunner().invoke(main, asked, env=settings, catch_exceptions=False)
        assert found.exit_code == 69
        assert found.stderr.startswith("wahana: tables are missing: ")
        assert "run: wahana init; else the database is another one, or lost" in found.stderr
        assert len(found.stderr.splitlines()) == 1


def test_init_without_the_right_to_make_tables_says_which_url_it_wants(postgres_url: str, tmp_path: Path) -> None:
    settings = {**settings_of(tmp_path), "WAHANA_DATABASE_URL": as_role(postgres_url, "pg_monitor")}
    found = CliRunner().invoke(main, ["init"], env=settings, catch_exceptions=False)
    assert found.exit_code == 69
    assert "set WAHANA_OWNER_URL" in found.stderr
    assert len(found.stderr.splitlines()) == 1
