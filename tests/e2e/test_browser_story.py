"""What people do with the pages, in Debian's Chromium: everything they see comes from the running demo."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright

Eventually = Callable[..., Any]
Visit = Callable[..., Page]
Words = dict[str, str]

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
# The last five keep Chromium from calling its maker; QUIC and the GPU have no use on loopback without a screen.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
]
WARDS, WARD = 18, "Thị trấn Bình Phú"
PAGES = (
    "/",
    "/devices",
    "/devices/dc-core-r1",
    "/discovery",
    "/events",
    "/flows",
    "/inbox",
    "/inbox/suppressions",
    "/incidents",
    "/topology",
    "/drills",
    "/system",
    "/system/ledger",
    "/system/notifications",
    "/wall",
)
DEADLINE_MS, OUTAGE_MS = 20_000, 90_000
expect.set_options(timeout=DEADLINE_MS)


class Watched:
    """A page, and everything it did that it should not."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.faults: list[str] = []
        self._host = urlsplit(url).netloc
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", self._asked)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self._host:
            self.faults.append(f"another host: {request.url}")

    def _answered(self, answer: Response) -> None:
        if not answer.ok and answer.status != HTTPStatus.NOT_MODIFIED:
            self.faults.append(f"{answer.status} {answer.url}")

    def _failed(self, request: Request) -> None:
        # A page that is left ends its stream and gives up what it no longer needs.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.url} {request.failure}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed (apt-get install chromium)")
    if not (ROOT / "dashboards" / "static" / "index.html").exists():
        pytest.fail("the pages are not built: run `make ui`, which makes dashboards/static")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=SWITCHES)
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser, url: str, password: str, tmp_path: Path) -> Iterator[Visit]:
    """A logged-in page with a fresh profile. At the end nothing may have gone wrong behind it."""
    opened: list[Watched] = []

    def enter(path: str = "/", width: int = 1366, height: int = 768, *, login: bool = True) -> Page:
        context = browser.new_context(
            base_url=url, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport={"width": width, "height": height}
        )
        context.set_default_timeout(DEADLINE_MS)
        watched = Watched(context.new_page(), url)
        opened.append(watched)
        watched.page.goto(path)
        if login:
            log_in(watched.page, password)
        return watched.page

    try:
        yield enter
    finally:
        for number, watched in enumerate(opened):
            shot = tmp_path / f"page-{number}.png"
            watched.page.screenshot(path=shot)
            sys.stdout.write(f"the page as it was left: {shot}\n")
            watched.page.context.close()
    assert [fault for watched in opened for fault in watched.faults] == []


def log_in(page: Page, password: str) -> None:
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill(password)
    page.locator("button.primary").click()
    expect(page.locator("input[name=password]")).to_have_count(0)


def words(language: str) -> Words:
    """What the pages call things in a language."""
    catalogue = ROOT / "dashboards" / "ui" / "src" / "i18n" / f"{language}.json"
    found: Words = json.loads(catalogue.read_text(encoding="utf-8"))
    return found


VI, EN = words("vi"), words("en")


TILES = """(tiles) => tiles.map((tile) => [tile.getAttribute("aria-label"), tile.querySelector(".mark") !== null])"""


def test_from_the_map_to_a_port(visit: Visit, password: str) -> None:
    page = visit(login=False)
    assert page.locator("html").get_attribute("lang") == "vi"
    expect(page.get_by_role("heading", level=1)).to_have_text(VI["login.title"])
    log_in(page, password)

    tiles = page.get_by_role("group", name=VI["map.label"]).get_by_role("button")
    expect(tiles).to_have_count(WARDS)
    statuses = [VI[f"status.{status}"] for status in ("ok", "degraded", "down", "behind", "maintenance", "no_data")]
    # Word and shape are read together, since a tile may change between two questions.
    for said, marked in tiles.evaluate_all(TILES):
        assert any(status in said for status in statuses), f"the tile '{said}' does not say how the ward is"
        assert (VI["status.ok"] in said) != marked, f"the tile '{said}' has a shape beside its colour, or lacks one"
    expect(page.locator("header time")).to_have_text(re.compile(r"\d\d:\d\d"))
    expect(page.locator("header .age")).to_have_text(re.compile(r"\d"))

    tiles.filter(has_text="Bình Phú").first.click()
    drawer = page.get_by_role("dialog", name=WARD)
    expect(drawer.get_by_role("link", name=re.compile("w0301|Bình Phú")).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)

    page.goto("/devices/dc-core-r1")
    expect(page.locator("canvas").first).to_be_visible()
    page.wait_for_function(DRAWN, timeout=DEADLINE_MS)
    expect(page.locator(".plot").first).to_have_attribute("aria-label", re.compile(r"\d"))
    expect(page.get_by_role("table").first).to_contain_text("xe-0/1/0")


# True once some canvas has points of more than two colours: paper, and lines upon it.
DRAWN = """() => [...document.querySelectorAll("canvas")].some((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size > 2;
})"""


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_the_wall_never_scrolls(visit: Visit, width: int, height: int) -> None:
    page = visit("/wall", width, height)
    expect(page.locator(".tile")).to_have_count(WARDS)
    expect(page.locator("time").first).to_be_visible()
    over = page.evaluate(
        "() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]"
    )
    assert max(over) <= 0, f"the wall is larger than the screen by {over} px"
    outside = page.evaluate(
        """() => [...document.querySelectorAll(".tile, h1, h2, dd, time")].filter((part) => {
            const box = part.getBoundingClientRect();
            return box.right > innerWidth + 1 || box.bottom > innerHeight + 1;
        }).map((part) => part.textContent)"""
    )
    assert outside == [], "these lie outside the screen"


CURSOR = """() => [...document.querySelectorAll("tbody tr")].findIndex((row) => row.classList.contains("cursor"))"""


HTTP_ONLY = re.compile(r"^http\s[\d.]+$")
"""The button that shows HTTP events only, with their number; rows of such events begin alike."""


def test_events_keep_their_filters(visit: Visit, eventually: Eventually) -> None:
    page = visit("/events")
    page.get_by_role("button", name=HTTP_ONLY).click()
    page.wait_for_url(re.compile(r"dataset=suricata\.http"))
    page.get_by_role("searchbox", name=VI["events.find"]).fill("GET")
    page.wait_for_url(re.compile(r"q=GET"))
    page.reload()
    expect(page.get_by_role("searchbox", name=VI["events.find"])).to_have_value("GET")
    expect(page.get_by_role("button", name=HTTP_ONLY)).to_have_attribute("aria-pressed", "true")
    rows = page.locator("tbody tr")
    eventually(lambda: rows.count() >= 2, "events are listed")

    def cursor() -> int:
        marked: int = page.evaluate(CURSOR)
        return marked

    page.keyboard.press("j")
    page.keyboard.press("j")
    eventually(lambda: cursor() == 1, "j moves down")
    page.keyboard.press("k")
    eventually(lambda: cursor() == 0, "k moves up")
    page.keyboard.press("o")
    expect(page.get_by_role("dialog")).to_contain_text("event.original")
    page.wait_for_url(re.compile(r"open="))
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_hostile_line_is_in_the_ledger_and_can_be_looked_at(visit: Visit, data: Path, eventually: Eventually) -> None:
    with (data / "eve" / "eve.json").open("ab") as eve:
        eve.write(b'\x1b[2J<script>document.title="owned"</script>' + "\u202egpj.exe".encode() + b" " * 300 + b"}\n")
    page = visit("/")
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page.get_by_role("heading", level=1)).to_have_text(VI["ledger.title"])
    row = page.locator("tbody tr", has_text="eve.json").first
    expect(row.locator("td").nth(6)).to_have_text("1")
    expect(page.locator("tbody tr", has_text=VI["ledger.even"])).not_to_have_count(0)
    expect(page.get_by_text(VI["ledger.verdict_even"])).to_be_visible()
    row.get_by_role("button").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.locator("pre")).to_contain_text('\\x1b[2J<script>document.title="owned"</script>\\u202egpj.exe')
    drawer.get_by_role("button", name=VI["ledger.whole"]).click()
    eventually(lambda: str(drawer.locator("pre").text_content()).endswith("}"), "the whole line is shown")
    assert "owned" not in page.title()


def test_an_incident_is_worked_on(visit: Visit) -> None:
    page = visit("/incidents")
    row = page.locator("tbody a", has_text=WARD).first
    expect(row).to_be_visible(timeout=OUTAGE_MS)
    row.click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name=VI["incidents.acknowledge"], exact=True).click()
    expect(drawer).to_contain_text(VI["state.acknowledged"])
    expect(drawer.locator("ol")).to_contain_text("admin tiếp nhận sự cố")
    drawer.get_by_label(VI["incidents.comment_label"]).fill("đã gọi nhà mạng, phiếu 44120")
    drawer.get_by_role("button", name=VI["incidents.comment"], exact=True).click()
    expect(drawer.locator("ol")).to_contain_text("đã gọi nhà mạng, phiếu 44120")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)

    page.get_by_role("button", name=VI["user.menu"]).click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(EN["incidents.title"])
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name=EN["user.log_out"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(EN["login.title"])
    page.goto("/incidents")
    expect(page.locator("input[name=password]")).to_be_visible()


def test_everything_is_reached_by_keyboard(visit: Visit) -> None:
    page = visit("/")
    expect(page.get_by_role("group", name=VI["map.label"]).get_by_role("button")).to_have_count(WARDS)
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    expect(skip).to_have_text(VI["shell.skip"])
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"

    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    wanted = page.evaluate(STOPS)
    reached: set[int] = set()
    for _ in range(wanted + 10):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop["number"] is not None:
            reached.add(stop["number"])
            assert stop["seen"], f"nothing shows that {stop['what']} has the focus"
    assert len(reached) >= wanted, "Tab does not reach everything"


# Numbers what can be worked with; the tiles of the map are one stop, in which arrows move.
STOPS = """() => {
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, [tabindex]")];
    const stops = all.filter((each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility());
    stops.forEach((each, number) => { each.dataset.stop = number; });
    return stops.length;
}"""
STOP = """() => {
    const here = document.activeElement, style = getComputedStyle(here);
    const number = here.dataset.stop === undefined ? null : Number(here.dataset.stop);
    const seen = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
    return { number, seen, what: here.outerHTML.slice(0, 120) };
}"""


def test_everything_has_a_name(visit: Visit) -> None:
    page = visit("/")
    for path in PAGES:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        expect(page.locator(".skeleton")).to_have_count(0)
        assert page.evaluate(NAMELESS) == [], f"without a name on {path}"
        assert page.title(), f"{path} has no title"


# Pictures and drawings without a text, fields without a label, buttons and links without words.
NAMELESS = """() => {
    const text = (each) => each.getAttribute("aria-label") || each.getAttribute("title") || each.textContent.trim();
    const labelled = (each) =>
        each.getAttribute("aria-label") || [...(each.labels ?? [])].some((label) => label.textContent.trim());
    const hidden = (each) => each.closest("[aria-hidden=true], [role=img]");
    const nameless = {
        img: (each) => !each.hasAttribute("alt"),
        canvas: (each) => !text(each.closest("[role=img]") ?? each),
        svg: (each) => !hidden(each) && !text(each),
        "input, select, textarea": (each) => !labelled(each),
        "a[href], button, [role=img]": (each) => !text(each),
    };
    return Object.entries(nameless).flatMap(([kind, bad]) =>
        [...document.querySelectorAll(kind)].filter(bad).map((each) => each.outerHTML.slice(0, 160)));
}"""


def test_an_analyst_empties_the_inbox_by_keyboard_and_hides_a_kind(visit: Visit) -> None:
    page = visit("/inbox")
    rows = page.locator("tbody tr")
    expect(rows.first).to_be_visible(timeout=OUTAGE_MS)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text("Đã chọn 1")).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_text("Đã cất 1 nhóm cảnh báo")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Đã đưa lại vào hộp cảnh báo")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("s")
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("button", name="Tạm ẩn", exact=True)).to_be_disabled()
    sheet.get_by_label("Lý do").fill("máy quét của phòng Công nghệ thông tin")
    sheet.get_by_role("button", name="Xem trước").click()
    expect(sheet.get_by_text("sẽ ẩn")).to_be_visible()
    sheet.get_by_role("button", name="Tạm ẩn", exact=True).click()
    expect(page.get_by_text(re.compile(r"Đã tạm ẩn \d+ nhóm cảnh báo"))).to_be_visible()
    page.goto("/inbox/suppressions")
    row = page.get_by_role("row").filter(has_text="máy quét của phòng")
    row.get_by_role("button", name="Bỏ tạm ẩn").click()
    expect(page.get_by_text("Đã bỏ tạm ẩn")).to_be_visible()
    expect(row).to_have_count(0)
