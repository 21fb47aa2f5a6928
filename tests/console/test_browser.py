"""The console in a real browser: in two widths, by keyboard, and with axe looking at every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from axis.delivery.states import State
from axis.store.engine import transaction
from axis.store.tables.console import CONSOLE_SESSION
from tests.console.conftest import SCREENSHOTS
from tests.console.world import SCRIPT, UNCONNECTED, World
from tests.relay.papers import H14, H41

WIDE, SMALL = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


class Visitor:
    """Somebody in front of a browser, who sees every error that it tells of."""

    def __init__(self, world: World, context: BrowserContext) -> None:
        self.world = world
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("console", lambda said: self._hear(said.type, said.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: self.errors.append(f"dialog: {dialog.message}"))

    def _hear(self, kind: str, text: str) -> None:
        # That an answer was 4xx is the browser's remark; what is refused, tests ask themselves.
        if kind in ("error", "warning") and "responded with a status of 4" not in text:
            self.errors.append(text)

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.world.url}/console{path}")
        return self.page

    def sign_in(self, name: str, password: str | None = None) -> Page:
        page = self.page
        if "/signin" not in page.url:
            self.go("/signin")
        page.get_by_label("Tên đăng nhập").fill(name)
        page.get_by_label("Mật khẩu").fill(password or self.world.people[name].password)
        page.get_by_label("Mã xác thực").fill(self.world.code(name))
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/signin" not in url)
        return page


@pytest.fixture
def visitor(world: World, browser: Browser) -> Iterator[Visitor]:
    """Somebody new, in Vietnam, at a desk."""
    context = browser.new_context(viewport=WIDE, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    context.set_default_timeout(20_000)
    visitor = Visitor(world, context)
    yield visitor
    context.close()
    assert visitor.errors == []


def _look(page: Page, name: str) -> None:
    """Keep a screenshot in both widths; nothing stands out of the page or against axe's rules."""
    for width, viewport in (("1280", WIDE), ("390", SMALL)):
        page.set_viewport_size(viewport)
        page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], name
    page.set_viewport_size(WIDE)
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    said = [(one["id"], [node["target"] for node in one["nodes"]][:5]) for one in serious]
    assert said == [], name


def test_every_page_looks_right_on_a_desk_and_on_a_telephone(visitor: Visitor) -> None:
    world = visitor.world
    _look(visitor.go("/signin"), "signin")
    visitor.sign_in("hoa")
    pages = {
        "overview": "/",
        "search": "/search?q=van+ban",
        "search-ambiguous": "/search?q=7816/VPCP-TTĐT",
        "search-nothing": "/search?q=khong+co&office=khong+co",
        "document": f"/document/{world.packages['known']}",
        "document-refused": f"/document/{world.packages['refused']}",
        "document-hostile": f"/document/{world.packages['image']}",
        "stuck": "/stuck",
        "stuck-on-its-way": "/stuck?state=offered",
        "offices": "/offices",
        "offices-day": "/offices?at=2026-01-15",
        "office": "/offices/28.22.H17",
        "systems": "/systems",
        "certificates": "/certificates",
        "ledger": "/ledger",
        "reports": "/reports",
        "account": "/account",
        "refused": "/no-such-page",
    }
    for name, path in pages.items():
        page = visitor.go(path)
        _look(page, name)
        assert page.evaluate("window.hacked") is None
        assert re.search("[à-ỹ]", page.inner_text("main")), name
    assert page.evaluate("document.fonts.check('1em Roboto')")
    page = visitor.go("/certificates")
    expect(page.locator("tbody tr")).to_contain_text("UBND xã chưa kết nối")
    page = visitor.go("/reports")
    for plot in page.locator("canvas[data-plot]").all():
        assert plot.evaluate("one => Chart.getChart(one).data.labels.length") == 14


def test_where_a_document_is_and_why_a_commune_has_not_got_it(visitor: Visitor) -> None:
    """Somebody who never saw the console finds it with the keyboard alone."""
    page = visitor.go("/")
    visitor.sign_in("lan")
    page.get_by_label("Văn bản đang ở đâu").focus()
    page.keyboard.type("7816/VPCP-TTĐT")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nhiều cơ quan dùng cùng số ký hiệu")).to_be_visible()
    rows = page.locator("tbody tr").filter(has_text="Văn phòng Chính phủ")
    rows.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("7816/VPCP-TTĐT")
    commune = page.locator("tbody tr").filter(has_text=UNCONNECTED)
    expect(commune).to_contain_text("đang giữ lại")
    expect(commune).to_contain_text("hệ thống của đơn vị chưa kết nối")
    expect(commune).to_contain_text("tự động chuyển khi hệ thống của đơn vị kết nối")
    expect(page.locator("tbody tr").filter(has_text=H14)).to_contain_text("đã xác nhận")
    told = page.locator("tbody tr").filter(has_text=H41).first
    expect(told).to_contain_text("chưa tải về")
    with page.expect_download() as download:
        page.get_by_role("link", name="bằng chứng #0").click()
    assert "c2sp.org/tlog-proof" in download.value.path().read_text(encoding="utf-8")


def test_a_number_that_one_document_has_leads_straight_to_it(visitor: Visitor) -> None:
    page = visitor.go("/search?q=7817/VPCP-TTĐT")
    visitor.sign_in("hoa")
    expect(page.get_by_role("heading", level=1)).to_have_text("7817/VPCP-TTĐT")
    assert f"/document/{visitor.world.packages['urgent']}" in page.url
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="What happened, with proofs")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="Tiếng Việt").click()
    expect(page.get_by_role("heading", name="Diễn biến và bằng chứng")).to_be_visible()


def test_hostile_subjects_are_text(visitor: Visitor) -> None:
    page = visitor.go("/")
    visitor.sign_in("hoa")
    page = visitor.go(f"/document/{visitor.world.packages['script']}")
    expect(page.get_by_text(SCRIPT)).to_be_visible()
    page = visitor.go("/search?q=luong+2026")
    subject = page.locator("td.subject").inner_text()
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", subject)
    page = visitor.go("/search?q=%3Cscript%3Ewindow.hacked%3D1%3C/script%3E&office=%22%3E%3Cimg")
    assert page.evaluate("window.hacked") is None
    assert page.get_by_label("Số ký hiệu").input_value() == SCRIPT
    # An injected element would still run nothing: the policy stands behind the escaping.
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hacked=1>')")
    page.wait_for_timeout(50)
    assert page.evaluate("window.hacked") is None
    assert any("Content Security Policy" in one for one in visitor.errors)
    visitor.errors.clear()


def test_an_operator_acts_in_bulk_with_a_preview_and_a_reason(visitor: Visitor) -> None:
    page = visitor.go("/stuck?state=routed&office=" + H14)
    visitor.sign_in("hoa")
    before = page.locator("tbody tr").count()
    assert before == 4
    page.get_by_label("Chọn tất cả").check()
    page.locator("select[name=act]").select_option("park")
    page.get_by_label("Lý do").fill("hệ thống đang bảo trì </textarea><script>")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tạm dừng")
    assert page.locator("tbody tr").count() == before
    _look(page, "stuck-preview")
    page.get_by_role("button", name="Thực hiện").click()
    expect(page.get_by_text("4 lượt giao đã thực hiện")).to_be_visible()
    _look(page, "stuck-done")
    assert visitor.world.deliveries("script")[H14].state is State.PARKED
    act = visitor.world.command("admin", "acts", "--command", "park")[0]
    assert (act["who"], act["command"]) == ("hoa", "park")
    assert act["why"].startswith("hệ thống đang bảo trì")
    story = visitor.world.command("trace", str(visitor.world.packages["script"]))[0]
    assert any("hoa: hệ thống đang bảo trì" in line["text"] for line in story["timeline"])
    page = visitor.go("/stuck?state=parked")
    page.get_by_label("Chọn tất cả").check()
    page.locator("select[name=act]").select_option("release")
    page.get_by_label("Lý do").fill("xong")
    page.get_by_role("button", name="Xem trước").click()
    page.get_by_role("button", name="Thực hiện").click()
    expect(page.get_by_text("4 lượt giao đã thực hiện")).to_be_visible()
    assert visitor.world.deliveries("script")[H14].state is State.ROUTED


def test_the_slider_goes_through_the_days_of_an_office(visitor: Visitor) -> None:
    page = visitor.go("/offices/28.22.H17")
    visitor.sign_in("hoa")
    expect(page.get_by_text("đã kết thúc", exact=True)).to_be_visible()
    slider = page.get_by_role("slider")
    slider.focus()
    with page.expect_navigation():
        page.keyboard.press("Home")
    assert "at=" in page.url
    expect(page.get_by_text("đang hoạt động", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Bộ Xây dựng").first).to_be_visible()


def test_a_first_password_is_changed_before_anything_else(visitor: Visitor) -> None:
    given = visitor.world.add_person("tam", "--role", "auditor")
    page = visitor.go("/signin")
    page.get_by_label("Tên đăng nhập").fill("tam")
    page.get_by_label("Mật khẩu").fill(given.password)
    page.get_by_label("Mã xác thực").fill(given.code())
    page.keyboard.press("Enter")
    expect(page.get_by_text("Hãy đặt mật khẩu riêng")).to_be_visible()
    visitor.go("/stuck")
    assert page.url.endswith("/console/account")
    chosen = "mưa dầm thấm lâu, tháng mười một"
    for after, again, said in (
        ("ngắn quá", "ngắn quá", None),
        (chosen, "khác hẳn mà vẫn dài", "hai lần nhập"),
        (given.password, given.password, "khác mật khẩu cũ"),
        (chosen, chosen, None),
    ):
        page.get_by_label("Mật khẩu hiện tại").fill(given.password)
        page.get_by_label("Mật khẩu mới", exact=True).fill(after)
        page.get_by_label("Nhập lại").fill(again)
        page.get_by_role("button", name="Đổi mật khẩu").click()
        if said:
            expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tổng quan")


def test_a_session_that_is_over_says_so_and_leads_back(visitor: Visitor) -> None:
    page = visitor.go("/stuck")
    visitor.sign_in("hoa")
    assert page.url.endswith("/console/stuck")
    with transaction(visitor.world.axis.engine) as connection:
        c = CONSOLE_SESSION.c
        seen = connection.scalar(sa.select(sa.func.max(c.seen_at, type_=c.seen_at.type)))
        connection.execute(sa.update(CONSOLE_SESSION).values(seen_at=seen - timedelta(hours=1)))
    page.reload()
    expect(page.get_by_text("Phiên làm việc đã hết hạn")).to_be_visible()
    visitor.sign_in("hoa")
    assert page.url.endswith("/console/stuck")
    page.get_by_role("button", name="Đăng xuất").click()
    visitor.go("/stuck")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đăng nhập")
