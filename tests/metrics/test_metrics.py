"""What is counted is shown, under the names that page, rules and dashboard use."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import promql_parser
import pytest
import sqlalchemy as sa
import yaml
from house.house import CHECKOUT
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from axis.errors import AxisError
from axis.metrics import counting
from axis.metrics.counting import begin_counting, count, end_counting, observe
from axis.metrics.table import COUNTED, METRICS, SHOWN, Kind
from axis.sections import MetricSettings
from axis.serve.errors import MetricsAddressError
from axis.serve.metrics import forget_dead, serving
from axis.settings import AmqpSettings, DatabaseSettings, Settings
from axis.store.engine import transaction
from axis.store.operations import CheckResult, save_check_results

RULES = CHECKOUT / "deploy" / "prometheus" / "axis.yml"
DASHBOARD = CHECKOUT / "deploy" / "grafana" / "axis.json"
PAGE = CHECKOUT / "docs" / "operate" / "metrics.md"

#: Counts in a process of its own, as processes of an axis do, and dies without a word.
PROCESS = """
import os, sys
from pathlib import Path
from axis.metrics import begin_counting, count, observe
begin_counting(Path(sys.argv[1]), "relay-7")
count("axis_packages", 5, verdict="accepted")
count("axis_refusals", code="signature.absent")
observe("axis_batch_seconds", 0.02)
os._exit(9)
"""


@pytest.fixture(autouse=True)
def not_counting() -> Iterator[None]:
    yield
    end_counting()


def test_nothing_is_counted_and_nothing_loaded_before_it_begins() -> None:
    count("axis_packages", verdict="accepted")
    observe("axis_batch_seconds", 1.0)
    code = (
        "import sys; from axis.metrics import count; count('axis_packages', verdict='x');"
        "print('prometheus_client' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_count_with_other_labels_than_the_tables_is_our_mistake(tmp_path: Path) -> None:
    begin_counting(tmp_path, "test")
    with pytest.raises(ValueError, match="verdict"):
        count("axis_packages", outcome="accepted")
    begin_counting(tmp_path, "test")  # again: no news
    assert counting._counters


def test_what_processes_counted_and_the_records_show_is_read_in_one_place(
    tmp_path: Path, sqlite_engine: sa.Engine, amqp_url: str
) -> None:
    settings = Settings(
        home=str(tmp_path),
        database=DatabaseSettings(url=sqlite_engine.url.render_as_string()),
        amqp=AmqpSettings(url=amqp_url),
        metrics=MetricSettings(port=0, records_s=0.0),
    )
    folder = settings.path(settings.metrics.folder)
    with transaction(sqlite_engine) as connection:
        result = CheckResult(
            name="disk",
            at=datetime.now(UTC) - timedelta(seconds=60),
            verdict="wrong",
            facts={},
            troubles=[],
        )
        save_check_results(connection, [result])
    with serving(settings) as port:
        for _ in range(2):
            subprocess.run([sys.executable, "-c", PROCESS, str(folder)], cwd=CHECKOUT, check=False)
        shown = _figures(port)
        assert shown["axis_packages_total", ("verdict", "accepted")] == 10
        assert shown["axis_process_starts_total", ("process", "relay-7")] == 2
        assert shown["axis_batch_seconds_count",] == 2
        assert shown["axis_database_up",] == 1
        assert shown["axis_broker_up",] == 1
        assert shown["axis_check_verdict", ("check", "disk")] == 4
        assert shown["axis_check_age_seconds",] >= 60
        assert shown["axis_disk_free_bytes", ("place", "home")] > 0
        # A database that is away is a figure, not a failure.
        Path(sqlite_engine.url.database or "").rename(tmp_path / "away.db")
        sqlite_engine.dispose()
        taken = replace(settings, metrics=replace(settings.metrics, port=port))
        with pytest.raises(MetricsAddressError) as refused, serving(taken):
            pass
        assert isinstance(refused.value, AxisError)
        assert refused.value.code == "metrics.address"
    assert list(folder.glob("*.db"))
    forget_dead(folder)
    assert list(folder.glob("*.db")) == []


def _figures(port: int) -> dict[tuple[object, ...], float]:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    return {
        (sample.name, *sample.labels.items()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_page_says_what_each_metric_is() -> None:
    rows = re.findall(
        r"^\| `(axis_\w+)` \| (\w+) \| (.*?) \| (.+?) \| (.+?) \|$",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert rows == [
        (one.shown, one.kind.value, ", ".join(f"`{n}`" for n in one.labels), one.unit, one.en)
        for one in (*COUNTED, *SHOWN)
    ]


def _names() -> set[str]:
    names = set()
    for metric in METRICS.values():
        if metric.kind is Kind.HISTOGRAM:
            names |= {f"{metric.name}_{part}" for part in ("bucket", "sum", "count")}
        else:
            names.add(metric.shown)
    return names


def _asked() -> list[tuple[str, str]]:
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    asked = [(one["alert"], one["expr"]) for group in rules["groups"] for one in group["rules"]]
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked += [
        (panel["title"], target["expr"]) for panel in board["panels"] for target in panel["targets"]
    ]
    return asked


def test_rules_and_dashboard_ask_for_metrics_and_labels_that_exist() -> None:
    labels = {label for metric in METRICS.values() for label in metric.labels}
    for name, expression in _asked():
        assert set(re.findall(r"\baxis_\w+", expression)) <= _names(), name
        used = set(re.findall(r"[{,]\s*(\w+)\s*=", expression))
        for group in re.findall(r"by \(([^)]*)\)", expression):
            used |= {one.strip() for one in group.split(",")}
        assert used <= labels | {"le", "job", "instance"}, name


def test_every_metric_is_in_a_rule_or_on_the_dashboard() -> None:
    text = " ".join(expression for _, expression in _asked())
    assert [one.name for one in METRICS.values() if one.name not in text] == []


def test_every_rule_says_what_is_wrong_and_what_to_do() -> None:
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"warning", "critical"}
            assert set(rule["annotations"]) == {"summary", "action"}


def test_every_question_is_one_in_the_language_of_prometheus() -> None:
    for _, expression in _asked():
        promql_parser.parse(expression.replace("$__rate_interval", "5m"))  # raises ValueError


def test_promtool_accepts_the_rules_and_the_configuration() -> None:
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    for words in (["rules", str(RULES)], ["config", str(RULES.with_name("prometheus.yml"))]):
        done = subprocess.run([tool, "check", *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_panels_stand_beside_each_other_and_have_a_query_each() -> None:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in board["panels"]]
    assert len(set(places)) == len(places)
    assert all(panel["targets"] for panel in board["panels"])
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
