"""One file and variables; what is unknown or of the wrong kind is refused, not ignored."""

from __future__ import annotations

from pathlib import Path

import pytest

from axis.settings import Settings, SettingsError, load_settings, parse_settings


def _refused(text: str, **variables: str) -> SettingsError:
    with pytest.raises(SettingsError) as refused:
        parse_settings(text, variables, source="axis.toml")
    assert refused.value.code == "settings.invalid"
    return refused.value


def test_nothing_said_means_the_defaults():
    assert parse_settings("", {}, source="axis.toml") == Settings()


def test_a_variable_overrides_the_file():
    text = "[relay]\nworkers = 2\nbatch = 10\n"
    settings = parse_settings(text, {"AXIS_RELAY_WORKERS": "3"}, source="axis.toml")
    assert (settings.relay.workers, settings.relay.batch) == (3, 10)


@pytest.mark.parametrize(
    "text",
    [
        "[relay]\nworker = 2\n",
        "[relais]\nworkers = 2\n",
        "relay = 2\n",
        '[relay]\nworkers = "many"\n',
        "[relay\nworkers = 2\n",
    ],
)
def test_a_file_that_says_something_unknown_is_refused(text: str):
    assert _refused(text).facts["source"] == "axis.toml"


@pytest.mark.parametrize(
    "name", ["AXIS_RELAY_WORKER", "AXIS_RELAYS_WORKERS", "AXIS_WORKERS", "AXIS_RELAY"]
)
def test_a_variable_that_is_unknown_is_refused(name: str):
    _refused("", **{name: "2"})


def test_the_reason_names_the_key():
    assert "worker" in str(_refused("[relay]\nworker = 2\n").facts["reason"])


def test_relative_paths_stand_under_home(tmp_path: Path):
    settings = parse_settings("", {"AXIS_HOME": str(tmp_path)}, source="axis.toml")
    assert settings.path("bodies") == tmp_path / "bodies"
    assert settings.path("/elsewhere") == Path("/elsewhere")
    assert settings.database_url == f"sqlite:///{tmp_path / 'axis.db'}"


def test_a_postgresql_url_is_read_by_the_driver_that_we_use():
    text = '[database]\nurl = "postgresql://axis@db/axis"\n'
    settings = parse_settings(text, {}, source="axis.toml")
    assert settings.database_url == "postgresql+psycopg://axis@db/axis"


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path):
    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path / "missing.toml")
    assert refused.value.code == "settings.invalid"


def test_the_file_that_the_environment_names_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "axis.toml"
    path.write_text('home = "/srv/axis"\n', encoding="utf-8")
    monkeypatch.setenv("AXIS_CONFIG", str(path))
    assert load_settings().home == "/srv/axis"


def test_a_variable_can_hold_a_list_as_the_file_does() -> None:
    given = {"AXIS_AUDIT_PEOPLE": '["an", "bình"]'}
    assert parse_settings("", given, source="test").audit.people == ("an", "bình")
    with pytest.raises(SettingsError):
        parse_settings("", {"AXIS_AUDIT_PEOPLE": '["an"'}, source="test")
