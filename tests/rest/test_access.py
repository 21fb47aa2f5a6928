"""Who may do what over HTTP: threats 20 and 24, tokens, scopes, mutual TLS, proxies, limits."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
import warnings
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec import structs

from adapters.rest.app import all_operations
from axis.access.values import ALL_SCOPES, ClientCertificate, Scope, Term
from axis.directory.systems import plan_set
from axis.directory.values import SystemState
from axis.errors import AxisError
from axis.settings import GatewaySettings, SettingsError
from axis.store.access import bind_client_certificate, end_tokens
from axis.store.directory_changes import change_directory
from axis.store.engine import transaction
from axis.store.trust import register_certificate, revoke_certificate
from axis.trust.certificates import read_der
from axis.trust.pki import KeyKind, init_authority, issue
from tests.relay.installation import Installation
from tests.relay.papers import H14, document, package
from tests.rest.gateway import EDXML, Gateway, gateway_of, issue_token


def _paths() -> list[tuple[str, str]]:
    """Every operation that is not public, with the examples of its path filled in."""
    found = []
    for operation in all_operations():
        if not operation.public:
            path = operation.path.replace(":path", "")
            for name, example in operation.path_examples.items():
                path = path.replace(f"{{{name}}}", str(example))
            found.append((operation.method, f"/v1{path}"))
    return found


async def test_without_proof_every_path_and_every_id_is_answered_alike(
    axis_on_postgresql: Installation,
):
    """Threat 24: which office, package or path exists cannot be told from an answer."""
    # More failed proofs than an address may have in a minute.
    async with (
        axis_on_postgresql.running(),
        gateway_of(axis_on_postgresql, anonymous_rate="10000/minute") as gateway,
    ):
        answers = await _without_proof(gateway)
    assert len(answers) == 1
    assert answers.pop()[0] == 401


async def _without_proof(gateway: Gateway) -> set[tuple[int, str, str]]:
    """Return the different answers to callers who prove nothing, on every path."""
    signed = gateway.axis.sign("000.00.00.G22", package(document(to=(H14,))))
    sent = (await gateway.of("vpcp").post("/v1/packages", content=signed, headers=EDXML)).json()
    delivery = sent["recipients"][0]["delivery_id"]
    existing = [
        ("GET", f"/v1/packages/{sent['package_id']}"),
        ("GET", f"/v1/deliveries/{delivery}/body"),
        ("POST", f"/v1/deliveries/{delivery}/confirm"),
        ("GET", f"/v1/offices/{H14}"),
        ("GET", "/v1/offices/no.such.office"),
        ("GET", "/v1/nothing/at/all"),
        ("DELETE", "/v1/mailbox"),
    ]
    nobody = gateway.of(None)
    answers = set()
    for method, path in (*_paths(), *existing):
        for authorization in ("", "Bearer axt_0000000000000000_" + "A" * 43, "Basic eDp5"):
            headers = {"authorization": authorization} if authorization else {}
            answer = await nobody.request(method, path, headers=headers)
            body = {} if method == "HEAD" else answer.json()
            body.pop("instance", None)
            seen = dict(answer.headers)
            for changing in ("date", "request-id"):
                seen.pop(changing, None)
            answers.add((answer.status_code, str(body), str(sorted(seen.items()))))
    return answers


async def test_a_system_sees_nothing_of_another(gateway: Gateway):
    """Threats 20 and 24: foreign ids are answered like ids that do not exist."""
    signed = gateway.axis.sign("000.00.00.G22", package(document(to=(H14,))))
    sent = (await gateway.of("vpcp").post("/v1/packages", content=signed, headers=EDXML)).json()
    package_id, delivery_id = sent["package_id"], sent["recipients"][0]["delivery_id"]
    unknown = "00000000-0000-4000-8000-000000000000"
    stranger = gateway.of("nghean")
    digest = hashlib.sha256(signed).hexdigest()
    paths = [
        ("GET", "/v1/packages/{package}"),
        ("GET", f"/v1/packages/{{package}}?sha256={digest}"),
        ("GET", "/v1/packages/{package}/body"),
        ("GET", "/v1/packages/{package}/history"),
        ("GET", "/v1/packages/{package}/receipts"),
        ("GET", "/v1/deliveries/{delivery}"),
        ("GET", "/v1/deliveries/{delivery}/body"),
        ("GET", "/v1/deliveries/{delivery}/parts"),
        ("GET", "/v1/deliveries/{delivery}/receipts"),
        ("POST", "/v1/deliveries/{delivery}/confirm"),
    ]
    for method, path in paths:
        said = []
        for package_, delivery in ((package_id, delivery_id), (unknown, unknown)):
            answer = await stranger.request(
                method, path.format(package=package_, delivery=delivery)
            )
            text = answer.text.replace(package_, "ID").replace(delivery, "ID")
            said.append((answer.status_code, text.partition('"instance"')[0]))
        assert said[0] == said[1], path
        assert said[0][0] == 404, path
    assert (await stranger.get("/v1/mailbox")).json()["items"] == []
    assert (await stranger.get("/v1/packages")).json()["items"] == []
    # The receiver is no sender, and the sender no receiver.
    receiver = gateway.of("khac")
    assert (await receiver.get(f"/v1/packages/{package_id}")).status_code == 404
    sender = gateway.of("vpcp")
    assert (await sender.get(f"/v1/deliveries/{delivery_id}/body")).status_code == 404
    # Bytes that somebody else brought are no key to a package: its id follows from the sender.
    forged = await stranger.get(f"/v1/packages/{package_id}?sha256={digest}&wait=1")
    assert forged.json()["code"] == "package.unknown"


async def test_proofs_of_a_receipt_are_for_its_parties(gateway: Gateway):
    signed = gateway.axis.sign("000.00.00.G22", package(document(to=(H14,))))
    sent = (await gateway.of("vpcp").post("/v1/packages", content=signed, headers=EDXML)).json()
    steps = (await gateway.of("vpcp").get(sent["links"]["receipts"])).json()["items"]
    for step in steps:
        answer = await gateway.of("nghean").get(f"/v1/ledger/entries/{step['entry_id']}/receipt")
        assert (answer.status_code, answer.json()["code"]) == (404, "ledger.unknown")


@pytest.mark.parametrize("scope", list(Scope))
async def test_a_token_opens_only_the_paths_of_its_scope(quiet: Gateway, scope: Scope):
    quiet.tokens["narrow"] = issue_token(quiet.axis, "vpcp", scopes=[scope])
    client = quiet.of("narrow")
    await asyncio.sleep(0)
    quiet.installation.callers._asked_at = float("-inf")
    by_path = {
        (one.method, one.path): one for one in all_operations() if not one.public and one.scope
    }
    for (method, path), operation in by_path.items():
        where = path.replace(":path", "")
        for name, example in operation.path_examples.items():
            where = where.replace(f"{{{name}}}", str(example))
        if (method, path) == ("GET", "/mailbox"):
            where += "?limit=1"
        answer = await client.request(method, f"/v1{where}")
        is_open = operation.scope is scope
        assert (answer.status_code == 403) is not is_open, (method, path, answer.text)


async def test_a_revoked_token_and_a_suspended_system_are_known_within_a_second(quiet: Gateway):
    client = quiet.of("vpcp")
    assert (await client.get("/v1/me")).json()["scopes"] == sorted(Scope)
    change_directory(
        quiet.axis.engine,
        lambda directory: plan_set(directory, "vpcp", state=SystemState.SUSPENDED),
        kind="system-set",
        by="test",
        at=datetime.now(UTC),
    )
    answer = await _until(client, 403)
    assert answer.json()["code"] == "access.system-stopped"
    with transaction(quiet.axis.engine) as connection:
        end_tokens(connection, "vpcp", at=datetime.now(UTC))
    answer = await _until(client, 401)
    assert answer.json()["code"] == "access.expired"


async def test_too_many_requests_are_told_when_to_come_again(axis_on_postgresql: Installation):
    async with gateway_of(
        axis_on_postgresql, rate="3/minute", anonymous_rate="2/minute", quota="1/day"
    ) as gateway:
        client = gateway.of("vpcp")
        answers = [await client.get("/v1/me") for _ in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429]
        assert answers[-1].json()["code"] == "http.rate"
        assert 0 < int(answers[-1].headers["retry-after"]) <= 60
        # Another system is not concerned.
        other = gateway.of("khac")
        sent = [
            await other.post("/v1/packages", content=b"<x/>", headers=EDXML | {"prefer": "wait=0"})
            for _ in range(2)
        ]
        assert [one.status_code for one in sent] == [202, 429]
        assert sent[-1].json()["code"] == "http.quota"
        nobody = gateway.of(None)
        codes = [(await nobody.get("/v1/me")).status_code for _ in range(3)]
        assert codes == [401, 401, 429]


async def test_a_quota_of_bytes_is_kept(axis_on_postgresql: Installation):
    async with gateway_of(axis_on_postgresql, quota_bytes=128 * 1024) as gateway:
        client = gateway.of("vpcp")
        ask = EDXML | {"prefer": "respond-async"}
        sent = [
            await client.post("/v1/packages", content=bytes(70_000), headers=ask) for _ in range(2)
        ]
        assert [one.status_code for one in sent] == [202, 429]


async def test_more_connections_than_may_be_are_told_to_come_later(
    axis_on_postgresql: Installation,
):
    async with gateway_of(axis_on_postgresql, connections=2) as gateway:
        polls = [
            asyncio.create_task(gateway.of("khac").get("/v1/mailbox?wait=20")) for _ in range(2)
        ]
        async with asyncio.timeout(120):
            while gateway.installation.arrivals.count < 2:
                await asyncio.sleep(0.01)
        answer = await gateway.of("vpcp").get("/v1/me")
        assert (answer.status_code, answer.json()["code"]) == (503, "http.too-many")
        assert "retry-after" in answer.headers
        for poll in polls:
            poll.cancel()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A server's certificate, those of two clients, and the authority of all."""
    now = datetime.now(UTC).replace(microsecond=0)
    folder = tmp_path / "tls"
    init_authority(folder, now=now, name="TLS")
    for name in ("localhost", "client", "other"):
        key, certificate = issue(folder, name=name, now=now, kind=KeyKind.P256)
        pem = ssl.DER_cert_to_PEM_cert(certificate.der)
        (folder / f"{name}.pem").write_text(pem)
        (folder / f"{name}.key").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        (folder / f"{name}.key").chmod(0o600)
    return folder


def _bind(axis: Installation, keys: Path, system_id: str) -> bytes:
    der = ssl.PEM_cert_to_DER_cert((keys / "client.pem").read_text())
    certificate, now = read_der(der), datetime.now(UTC)
    with transaction(axis.engine) as connection:
        register_certificate(connection, certificate, at=now)
        bind_client_certificate(
            connection,
            ClientCertificate(
                sha256=certificate.sha256,
                system_id=system_id,
                scopes=ALL_SCOPES,
                term=Term(created_at=now, expires_at=certificate.not_after),
                created_by="test",
            ),
        )
    return certificate.sha256


def _chain(keys: Path) -> str:
    """The authority's certificates in one file, as a server needs them."""
    bundle = keys / "bundle.pem"
    found = [*keys.glob("anchors/*"), *keys.glob("intermediates/*")]
    bundle.write_text(
        "".join(
            text if (text := path.read_text(errors="replace")).startswith("-----") else ""
            for path in found
        )
    )
    return str(bundle)


def _tls(keys: Path, name: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=_chain(keys))
    context.check_hostname = False
    if name is not None:
        context.load_cert_chain(keys / f"{name}.pem", keys / f"{name}.key")
    return context


def _server(keys: Path) -> dict[str, str]:
    return {
        "tls_certificate": str(keys / "localhost.pem"),
        "tls_key": str(keys / "localhost.key"),
        "client_ca": _chain(keys),
    }


async def test_a_client_certificate_proves_which_system_calls(
    axis_on_postgresql: Installation, keys: Path
):
    sha256 = _bind(axis_on_postgresql, keys, "khac")
    async with gateway_of(axis_on_postgresql, **_server(keys)) as gateway:
        assert gateway.url.startswith("https://")
        known = gateway.of(None, verify=_tls(keys, "client"))
        me = (await known.get("/v1/me")).json()
        assert (me["system_id"], me["proof"]) == ("khac", "certificate")
        # A good certificate that is bound to no system proves nothing; nor does none.
        for name in ("other", None):
            stranger = gateway.of(None, verify=_tls(keys, name))
            answer = await stranger.get("/v1/me")
            assert (answer.status_code, answer.json()["code"]) == (401, "access.denied")
        # A token counts over TLS too.
        assert (await gateway.of("vpcp", verify=_tls(keys, None)).get("/v1/me")).status_code == 200
        with transaction(axis_on_postgresql.engine) as connection:
            revoke_certificate(connection, sha256, at=datetime.now(UTC), reason="lost")
        assert (await _until(known, 401)).json()["code"] == "access.expired"


async def test_a_certificate_of_an_unknown_authority_gets_no_connection(
    axis_on_postgresql: Installation, keys: Path, tmp_path: Path
):
    now = datetime.now(UTC).replace(microsecond=0)
    init_authority(tmp_path / "foreign", now=now, name="Foreign")
    key, certificate = issue(tmp_path / "foreign", name="client", now=now, kind=KeyKind.P256)
    (keys / "foreign.pem").write_text(ssl.DER_cert_to_PEM_cert(certificate.der))
    (keys / "foreign.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    async with gateway_of(axis_on_postgresql, **_server(keys)) as gateway:
        with pytest.raises(httpx.TransportError):
            await gateway.of(None, verify=_tls(keys, "foreign")).get("/v1/me")
        old = _tls(keys, "client")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((httpx.TransportError, ssl.SSLError)):
            await gateway.of(None, verify=old).get("/v1/me")


async def test_a_proxys_word_counts_only_where_the_settings_say_so(
    axis_on_postgresql: Installation, keys: Path
):
    _bind(axis_on_postgresql, keys, "khac")
    pem = (keys / "client.pem").read_text()
    der = base64.b64encode(ssl.PEM_cert_to_DER_cert(pem)).decode()
    said = {"client-cert": f":{der}:"}
    for changes, status in (
        ({}, 401),
        ({"proxy_certificate_header": "Client-Cert"}, 401),
        ({"proxy_certificate_header": "Client-Cert", "proxies": ("10.0.0.0/8",)}, 401),
        ({"proxies": ("127.0.0.0/8",)}, 401),
        ({"proxy_certificate_header": "Client-Cert", "proxies": ("127.0.0.0/8",)}, 200),
    ):
        async with gateway_of(axis_on_postgresql, **changes) as gateway:
            answer = await gateway.of(None).get("/v1/me", headers=said)
            assert answer.status_code == status, changes
            escaped = {"client-cert": quote(pem, safe="")}
            again = await gateway.of(None).get("/v1/me", headers=escaped)
            assert again.status_code == status, changes
            broken = await gateway.of(None).get("/v1/me", headers={"client-cert": ":nonsense"})
            assert broken.status_code == 401


def test_limits_that_cannot_be_read_are_refused_at_the_start():
    from adapters.gateway.limits import Limits

    for change in ({"rate": "many"}, {"quota": ""}, {"limits_store": "nowhere://"}):
        with pytest.raises(SettingsError):
            Limits(structs.replace(GatewaySettings(), **change))


async def test_tls_files_that_cannot_be_used_end_the_start(axis_on_postgresql: Installation):
    with pytest.raises(AxisError) as caught:
        async with gateway_of(axis_on_postgresql, tls_certificate="no.pem", tls_key="no.key"):
            pytest.fail("it serves")
    assert caught.value.code == "gateway.tls"


async def test_an_address_that_is_taken_is_told(axis_on_postgresql: Installation):
    async with gateway_of(axis_on_postgresql) as gateway:
        port = int(gateway.url.rpartition(":")[2])
        with pytest.raises(AxisError) as caught:
            async with gateway_of(axis_on_postgresql, port=port):
                pytest.fail("it serves")
    assert caught.value.code == "gateway.address"


async def _until(client: httpx.AsyncClient, status: int) -> httpx.Response:
    async with asyncio.timeout(120):
        while True:
            answer = await client.get("/v1/me")
            if answer.status_code == status:
                return answer
            await asyncio.sleep(0.05)
