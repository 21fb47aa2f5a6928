"""What a browser would not do: forged forms, other people's pages, hostile fields, guesses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from msgspec import structs

from adapters.console.tries import Tries
from adapters.gateway.limits import Limits
from axis.delivery.states import State
from axis.reports.days import close_day
from axis.reports.periods import Kind, parse_period
from axis.settings import ConsoleSettings, GatewaySettings, SettingsError
from axis.signin.errors import SigninRateError
from axis.store.engine import transaction
from axis.store.tables.console import CONSOLE_ACCOUNT, CONSOLE_SESSION
from tests.console.world import UNCONNECTED, World
from tests.message_types.test_leagues import KEY, added, said
from tests.relay.papers import H14


class Caller:
    """A client that keeps cookies and can fill in forms, honestly or not."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.http = httpx.Client(
            base_url=f"{world.url}/console", trust_env=False, timeout=120, follow_redirects=False
        )

        self.others: list[Caller] = []

    def other(self) -> Caller:
        """Another browser."""
        self.others.append(Caller(self.world))
        return self.others[-1]

    def close(self) -> None:
        for one in (*self.others, self):
            one.http.close()

    def token(self, path: str) -> str:
        found = re.search(r'name="form" value="([0-9a-f]{64})"', self.http.get(path).text)
        assert found is not None
        return found[1]

    def sign_in(self, who: str, **other: str) -> httpx.Response:
        form = {
            "form": self.token("/signin"),
            "name": who,
            "password": self.world.people[who].password,
            "code": self.world.code(who),
        }
        return self.http.post("/signin", data=form | other)

    def post(self, path: str, data: dict[str, Any], **options: Any) -> httpx.Response:
        return self.http.post(path, data={"form": self.token("/account")} | data, **options)


@pytest.fixture
def caller(world: World) -> Iterator[Caller]:
    caller = Caller(world)
    yield caller
    caller.close()


@pytest.fixture
def operator(caller: Caller) -> Caller:
    assert caller.sign_in("hoa").status_code == 303
    return caller


def _code(answer: httpx.Response) -> str:
    found = re.search(r'class="code">([a-z-]+\.[a-z-]+)', answer.text)
    return found[1] if found else ""


def test_signing_in_takes_all_three_and_a_code_counts_once(caller: Caller) -> None:
    for wrong in ({"name": "nobody"}, {"password": "mật khẩu khác hẳn"}, {"code": "000000"}):
        answer = caller.sign_in("hoa", **wrong)
        assert (answer.status_code, _code(answer)) == (401, "signin.denied")
    code = caller.world.code("hoa")
    first = caller.sign_in("hoa", code=code)
    assert first.status_code == 303
    account = CONSOLE_ACCOUNT.c
    with transaction(caller.world.axis.engine) as connection:
        step = connection.scalar(sa.select(account.totp_step).where(account.name == "hoa"))
    other = caller.other()
    form = {
        "form": other.token("/signin"),
        "name": "hoa",
        "password": other.world.people["hoa"].password,
        "code": code,
    }
    assert step is not None
    assert _code(other.http.post("/signin", data=form)) == "signin.denied"
    kept = first.headers["set-cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept
    secret = caller.http.cookies["axis-console"]
    with transaction(caller.world.axis.engine) as connection:
        digests = list(connection.scalars(sa.select(CONSOLE_SESSION.c.digest)))
    assert secret.encode() not in b"".join(digests)


def test_every_answer_has_its_policy_and_nothing_is_in_line(operator: Caller) -> None:
    for path in ("/", "/search", "/reports", "/no-such-page", f"/offices/{H14}"):
        answer = operator.http.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", answer.text)
    for link in re.findall(r'(?:src|href)="(/console/static/[^"]+)"', operator.http.get("/").text):
        file = operator.http.get(link.removeprefix("/console"))
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]
    assert operator.http.get("/static/../app.py").status_code in (303, 404)
    assert operator.http.post("/static/console.css").status_code == 405


def test_a_forged_form_changes_nothing(operator: Caller) -> None:
    held = operator.world.deliveries("known")[UNCONNECTED]
    form = {"act": "give-up", "why": "a reason", "id": str(held.id)}
    for forged in ({}, {"form": ""}, {"form": "0" * 64}):
        answer = operator.http.post("/stuck/act", data=form | forged)
        assert (answer.status_code, _code(answer)) == (403, "signin.form-forged")
    answer = operator.post("/stuck/act", form, headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, _code(answer)) == (403, "signin.form-forged")
    answer = operator.http.post("/stuck/act", json=form)
    assert (answer.status_code, _code(answer)) == (415, "http.media-type")
    assert operator.http.get("/stuck/act").status_code == 405
    assert operator.world.deliveries("known")[UNCONNECTED] == held


def test_without_a_session_a_page_leads_to_the_sign_in_and_a_form_does_nothing(
    caller: Caller,
) -> None:
    answer = caller.http.get("/stuck?state=held")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/signin?next=%2Fconsole%2Fstuck")
    caller.http.cookies.set("axis-console", "guessed", path="/console")
    answer = caller.http.post("/stuck/act", data={"form": "0" * 64})
    assert (answer.status_code, _code(answer)) == (401, "signin.session-over")
    for elsewhere in ("https://evil.example/", "//evil.example", "/console//evil", "/v1"):
        answer = caller.other().sign_in("lan", next=elsewhere)
        assert answer.headers["location"] == "/console/"


def test_an_auditor_sees_and_does_not_act(caller: Caller) -> None:
    caller.sign_in("lan")
    held = caller.world.deliveries("known")[UNCONNECTED]
    assert 'name="act"' not in caller.http.get("/stuck").text
    form = {"act": "give-up", "why": "a reason", "id": str(held.id)}
    for path in ("/stuck/preview", "/stuck/act"):
        answer = caller.post(path, form)
        assert (answer.status_code, _code(answer)) == (403, "signin.forbidden")
        assert "Chưa có gì bị thay đổi" in answer.text
    assert caller.world.deliveries("known")[UNCONNECTED] == held


def test_a_viewer_sees_the_documents_of_its_office_and_nothing_else(caller: Caller) -> None:
    world = caller.world
    caller.sign_in("minh")
    for path in ("/stuck", "/systems", "/certificates", "/ledger", "/reports"):
        assert caller.http.get(path).status_code == 403
    assert caller.http.get("/").headers["location"] == "/console/search"
    own = caller.http.get(f"/document/{world.packages['known']}").text
    assert "UBND tỉnh Cao Bằng" in own
    assert UNCONNECTED not in own
    assert "/console/proof/" not in own
    assert "Nghệ An" not in own
    sent = caller.http.get(f"/document/{world.packages['same number']}").text
    assert "UBND tỉnh Nghệ An" in sent
    with transaction(world.axis.engine) as connection:
        connection.execute(
            sa.update(CONSOLE_ACCOUNT)
            .where(CONSOLE_ACCOUNT.c.name == "minh")
            .values(office_id="another office")
        )
    try:
        answer = caller.http.get(f"/document/{world.packages['known']}")
        assert (answer.status_code, _code(answer)) == (404, "document.unknown")
        assert "Không tìm thấy" in caller.http.get("/search?q=7817/VPCP-TTĐT").text
        assert "/console/document/" not in caller.http.get("/search").text
    finally:
        world.command("console", "account", "remove", "minh", "--yes")
        world.add_person("minh", "--role", "viewer", "--office", H14)


def test_fields_that_nobody_types_are_refused_and_change_nothing(operator: Caller) -> None:
    held = operator.world.deliveries("known")[UNCONNECTED]
    good = {"act": "park", "why": "a reason", "id": str(held.id)}
    for hostile in (
        {"act": "purge"},
        {"act": ""},
        {"why": "ab"},
        {"why": "x" * 501},
        {"why": "null\x00byte"},
        {"id": "1 or 1=1"},
        {"id": ["0" * 36] * 3},
        {"to": H14},
        {"act": "redirect", "to": ""},
    ):
        answer = operator.post("/stuck/act", good | hostile)
        assert (answer.status_code, _code(answer)) == (400, "http.parameter"), hostile
    many = [("id", str(held.id))] * 3000
    body = "&".join(f"{name}={value}" for name, value in many)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert operator.http.post("/stuck/act", content=body, headers=headers).status_code == 400
    answer = operator.http.post("/stuck/act", content="a" * 200_000, headers=headers)
    assert (answer.status_code, _code(answer)) == (413, "http.body-too-large")
    for path in (
        "/search?q=a&after=AAAA",
        "/search?from=yesterday",
        "/search?state=gone",
        "/search?q=" + "x" * 300,
        "/search?q=%00",
        "/search?q=%ff%fe",
        "/offices?at=0001-01-01",
        "/reports?from=2020-01-01&to=2026-01-01",
        "/document/1",
        "/stuck?limit=501",
    ):
        answer = operator.http.get(path)
        assert (answer.status_code, _code(answer)) == (400, "http.parameter"), path
    unknown = "/document/00000000-0000-0000-0000-000000000000"
    assert _code(operator.http.get(unknown)) == "document.unknown"
    assert _code(operator.http.get("/offices/H99")) == "office.unknown"
    assert operator.world.deliveries("known")[UNCONNECTED] == held


def test_an_act_that_cannot_be_is_told_and_the_others_are_done(operator: Caller) -> None:
    held = operator.world.deliveries("image")[UNCONNECTED]
    answer = operator.post(
        "/stuck/act", {"act": "release", "why": "hỏi qua điện thoại", "id": str(held.id)}
    )
    assert answer.status_code == 200
    assert "1 lượt không thực hiện được" in answer.text
    assert "hiện không có hệ thống nào đang kết nối" in answer.text
    moved = operator.post(
        "/stuck/act",
        {"act": "redirect", "to": "000.00.00.G17", "why": "theo NQ", "id": str(held.id)},
    )
    assert "1 lượt giao đã thực hiện" in moved.text
    assert operator.world.deliveries("image")[UNCONNECTED].state is State.REDIRECTED
    assert operator.world.deliveries("image")["000.00.00.G17"].state is State.ROUTED


def test_where_people_are_named_the_role_is_asked_for(operator: Caller) -> None:
    """The console's own kind only shows the buttons; who may act is asked of axis.people."""
    world = operator.world
    held = world.deliveries("known")[UNCONNECTED]
    form = {"act": "retry", "why": "a reason", "id": str(held.id)}
    world.command("admin", "add", "somebody-else", "--role", "administrator", "--role", "operator")
    try:
        for path in ("/stuck/preview", "/stuck/act"):
            answer = operator.post(path, form)
            assert (answer.status_code, _code(answer)) == (403, "admin.not-permitted")
    finally:
        with transaction(world.axis.engine) as connection:
            connection.execute(sa.text("delete from administrator"))
    assert world.deliveries("known")[UNCONNECTED] == held


def test_a_command_for_two_persons_waits_for_the_second(operator: Caller) -> None:
    caller, world = operator, operator.world
    held = world.deliveries("known")[UNCONNECTED]
    form = {"act": "give-up", "why": "a reason", "id": str(held.id)}
    settings = world.installation.settings
    people = structs.replace(settings.people, two_persons=("give-up",))
    world.installation.settings = structs.replace(settings, people=people)
    try:
        answer = caller.post("/stuck/act", form)
        assert (answer.status_code, _code(answer)) == (422, "admin.approval-needed")
        assert "axis admin approve" in caller.http.get("/").text
    finally:
        world.installation.settings = settings
    assert world.deliveries("known")[UNCONNECTED] == held


def test_a_new_password_is_typed_twice_alike(operator: Caller) -> None:
    form = {"before": "x", "after": "một mật khẩu đủ dài", "again": "một mật khẩu khác hẳn"}
    answer = operator.post("/account", form)
    assert (answer.status_code, _code(answer)) == (422, "signin.passwords-differ")
    answer = operator.post("/account", form | {"again": form["after"]})
    assert (answer.status_code, _code(answer)) == (401, "signin.denied")


def test_tries_are_bounded_by_address_and_by_account() -> None:
    tries = Tries(Limits(GatewaySettings()), ConsoleSettings().signin_rate)
    for _ in range(10):
        tries.count("192.0.2.1", "hoa")
    with pytest.raises(SigninRateError) as refused:
        tries.count("192.0.2.1", "lan")
    assert int(refused.value.facts["retry_after_s"] or 0) > 0
    for number in range(90):
        tries.count(f"198.51.100.{number}", "hoa")
    with pytest.raises(SigninRateError):
        tries.count("203.0.113.7", "hoa")
    tries.count("203.0.113.7", "lan")
    with pytest.raises(SettingsError):
        Tries(Limits(GatewaySettings()), "often")


def test_a_name_is_no_way_into_the_form(caller: Caller) -> None:
    answer = caller.sign_in("hoa", name='"><script>alert(1)</script>', next="/console/stuck")
    assert answer.status_code == 401
    assert "<script>alert" not in answer.text


def test_a_message_of_another_type_is_shown_in_the_words_of_its_type(operator: Caller) -> None:
    engine = operator.world.axis.engine
    added(engine, "task")
    own, _ = said(engine, "assign", "vpcp", (H14,), "09 09:00", due="20 17:00")
    said(engine, "give-extension", "vpcp", (H14,), "10 09:00", due="25 17:00")
    vietnamese = operator.http.get(f"/document/{own.id}").text
    for text in (
        "Nhiệm vụ giao: giao nhiệm vụ",
        "Mã nhiệm vụ",
        KEY,
        "17:00 20/11/2026",
        "Thuộc về",
    ):
        assert text in vietnamese, text
    # The report of 17:00 by type: what is closed is shown, nothing else.
    day = parse_period(Kind.DAILY, "2026-11-25")
    page = f"/reports?from={day.key}&to={day.key}"
    assert "chưa chốt" in operator.http.get(page).text
    close_day(engine, day, now=day.end)
    shown = operator.http.get(page).text
    assert "Nhiệm vụ giao" in shown
    assert "đã nhận, chưa trả lời: 1" in shown
