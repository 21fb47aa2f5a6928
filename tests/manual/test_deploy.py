"""What stands in deploy/ starts processes that exist, with settings that exist, and little else."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from axis.serve.supervise import processes_of
from axis.settings import DatabaseSettings, Settings, parse_settings
from tests.conftest import CHECKOUT
from tests.house.house import refuse_wrong_call, settings

from .machine import UNITS, exec_start

DEPLOY = CHECKOUT / "deploy"
AXIS_UNITS = [path.name for path in sorted(UNITS.glob("*.service")) if path.stem != "axis-wal"]
#: The greatest exposure that a unit may have, in tenths (systemd's own figure; 9.6 is a bare unit).
EXPOSURE = 20


def sections(unit: str) -> RawConfigParser:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNITS / unit, encoding="utf-8")
    return parser


def variables() -> set[str]:
    return {"_".join(filter(None, ("AXIS", s, k))).upper() for s, k, _, _ in settings()}


def manifests() -> list[dict[str, Any]]:
    text = (DEPLOY / "kubernetes" / "axis.yaml").read_text("utf-8")
    return [one for one in yaml.safe_load_all(text) if one]


def compose() -> dict[str, Any]:
    whole: dict[str, Any] = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8"))
    return whole


@pytest.mark.parametrize("unit", AXIS_UNITS)
def test_a_unit_starts_a_command_and_reaches_nothing_else_of_the_machine(unit: str) -> None:
    service = sections(unit)["Service"]
    words = exec_start(unit.removesuffix(".service") + ("relay" if "@" in unit else ""))
    assert words[0] in {"/opt/axis/bin/axis", "/opt/axis-next/bin/axis"}
    refuse_wrong_call(" ".join(["axis", *words[1:]]))
    assert service["User"] != "root"
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert service["Restart"] == "always"


def test_each_kind_of_process_can_be_a_unit_and_a_deployment(sqlite_engine: sa.Engine) -> None:
    database = DatabaseSettings(url=str(sqlite_engine.url))
    kinds = {name.split("-")[0] for name in processes_of(Settings(database=database))}
    kinds |= {"courier"}  # where there are webhooks
    head = (UNITS / "axis@.service").read_text("utf-8").partition("[Unit]")[0]
    assert {kind for kind in kinds if f"axis@{kind}" not in head} == set()
    deployed = {m["metadata"]["name"] for m in manifests() if m["kind"] == "Deployment"}
    assert deployed == {f"axis-{kind}" for kind in kinds}


def test_systemd_finds_nothing_to_say_about_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    true = shutil.which("true") or "/bin/true"
    for path in UNITS.glob("*.service"):
        text = re.sub(r"(?m)^(ExecStart=)\S+", rf"\1{true}", path.read_text("utf-8"))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    for path in sorted(tmp_path.glob("*.service")):
        checked = _call("systemd-analyze", "verify", str(path))
        assert (checked.returncode, checked.stderr) == (0, "")
        rated = _call(
            *("systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE}"), str(path)
        )
        assert rated.returncode == 0, rated.stdout


def test_the_settings_of_the_containers_are_settings() -> None:
    texts = [(DEPLOY / "compose" / "axis.toml").read_text("utf-8")]
    texts += [m["data"]["axis.toml"] for m in manifests() if m["kind"] == "ConfigMap"]
    assert len(texts) == 2
    for text in texts:
        given = parse_settings(text, {}, source="deploy")
        assert given.home == "/var/lib/axis"
        assert given.gateway.port == 8040


def test_the_compose_file_waits_for_its_servers_and_opens_nothing_to_the_world() -> None:
    services = compose()["services"]
    assert set(services) == {"postgresql", "rabbitmq", "axis"}
    own = services["axis"]
    refuse_wrong_call(" ".join(["axis", *own["command"]]))
    assert set(own["environment"]) - {"AXIS_CONFIG"} <= variables()
    for name, need in own["depends_on"].items():
        assert need == {"condition": "service_healthy"}
        assert "healthcheck" in services[name]
    for name, service in services.items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name
        assert service["restart"] == "unless-stopped"
    volumes = {v.split(":")[0] for s in services.values() for v in s["volumes"]}
    assert {name for name in volumes if not name.startswith(".")} == set(compose()["volumes"])
    build = own["build"]
    context = (DEPLOY / "compose" / build["context"]).resolve()
    assert context == CHECKOUT
    assert (context / build["dockerfile"]).is_file()


def test_every_pod_starts_a_command_as_nobody_special() -> None:
    works = [m for m in manifests() if m["kind"] in {"Deployment", "Job"}]
    for work in works:
        pod = work["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        (container,) = pod["containers"]
        refuse_wrong_call(" ".join(["axis", *container["args"]]))
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        mounts = {mount["name"] for mount in container["volumeMounts"]}
        assert mounts == {volume["name"] for volume in pod["volumes"]}
        labels = work["spec"]["template"]["metadata"]["labels"]
        wanted = work["spec"].get("selector", {}).get("matchLabels", {})
        assert wanted.items() <= labels.items()
    (service,) = (m for m in manifests() if m["kind"] == "Service")
    assert any(
        service["spec"]["selector"].items() <= w["spec"]["template"]["metadata"]["labels"].items()
        for w in works
    )


def test_the_image_starts_the_axis_as_its_own_account() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    last = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001", last, re.MULTILINE)
    assert 'ENTRYPOINT ["/opt/axis/bin/axis"]' in last
    for name in re.findall(r"\b(AXIS_\w+)=", last):
        assert name == "AXIS_CONFIG" or name in variables()


def test_the_proxy_never_lets_a_callers_certificate_header_through() -> None:
    text = (DEPLOY / "nginx" / "axis.conf").read_text("utf-8")
    told = dict(re.findall(r"^#   (\w+) = (.*)$", text, re.MULTILINE))
    header = shlex.split(told["proxy_certificate_header"])[0]
    locations = re.findall(r"location [^{]*\{(.*?)^    \}", text, re.MULTILINE | re.DOTALL)
    passing = [body for body in locations if "proxy_pass" in body]
    assert passing
    for body in passing:
        assert f"proxy_set_header {header} $ssl_client_escaped_cert;" in body
        assert "proxy_request_buffering off;" in body
    own = Settings()
    parse_settings(
        "[gateway]\n" + "\n".join(f"{key} = {value}" for key, value in told.items()),
        {},
        source="nginx",
    )
    assert f"server 127.0.0.1:{own.gateway.port};" in text
    (wait,) = set(re.findall(r"proxy_read_timeout (\d+)s", text))
    assert int(wait) > own.gateway.poll_s
    (most,) = re.findall(r"client_max_body_size (\d+)m", text)
    assert int(most) << 20 >= own.parts.part_bytes


def test_nginx_reads_the_proxys_settings(tmp_path: Path) -> None:
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        pytest.skip("nginx is not installed")
    made = _call(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
        *("-subj", "/CN=proxy", "-keyout", f"{tmp_path}/key.pem", "-out", f"{tmp_path}/chain.pem"),
    )
    assert made.returncode == 0, made.stderr
    shutil.copy(tmp_path / "chain.pem", tmp_path / "client-ca.pem")
    site = (DEPLOY / "nginx" / "axis.conf").read_text("utf-8")
    site = site.replace("/etc/axis/tls", str(tmp_path))
    (tmp_path / "axis.conf").write_text(site, encoding="utf-8")
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ include {tmp_path}/axis.conf; }}\n"
    )
    checked = _call("nginx", "-t", "-c", str(whole), "-e", f"{tmp_path}/error.log")
    assert checked.returncode == 0, checked.stderr


def _call(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)
