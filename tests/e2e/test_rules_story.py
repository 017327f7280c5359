"""Rules are written, built, replayed over a capture, deployed from the page, and gone back from."""

import struct
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
DEADLINE_MS = 30_000
PING = 'alert icmp any any -> any any (msg:"CITY ping into the network"; itype:8; sid:1000001; rev:1;)\n'
BROKEN = 'alert icmp any any -> any any (msg:"CITY broken"; itipe:8; sid:1000002;)\n'


def capture(packets: int) -> bytes:
    """Echo requests between two hosts, as tcpdump would keep them (the classic format, Ethernet)."""
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    ethernet = bytes.fromhex("020000000002 020000000001 0800")
    ip = bytes.fromhex("4500001c00010000400166da 0a000001 0a000002")
    icmp = bytes.fromhex("0800f7ff00000000")
    frame = ethernet + ip + icmp
    return header + b"".join(
        struct.pack("<IIII", 1_790_000_000 + n, 0, len(frame), len(frame)) + frame for n in range(packets)
    )


def deploy(page: Page, why: str) -> None:
    page.get_by_role("link", name="Bộ luật dự kiến").click()
    page.get_by_role("button", name="Đọc các nguồn").click()
    expect(page.get_by_role("button", name="Đọc các nguồn")).to_be_enabled(timeout=DEADLINE_MS)
    page.get_by_label("Lý do").fill(why)
    page.get_by_role("button", name="Triển khai 1 luật").click(timeout=DEADLINE_MS)
    expect(page.get_by_role("table", name="Phiên bản")).to_contain_text(why, timeout=DEADLINE_MS)


def test_rules_from_a_file_to_the_sensors_and_back(url: str, data: Path, password: str) -> None:
    local, captures = data / "rules" / "local", data / "rules" / "captures"
    local.mkdir(parents=True)
    captures.mkdir()
    (data / "rules" / "rules.yaml").write_text("ours: false\n", encoding="utf-8")
    (local / "city.rules").write_text(PING + BROKEN, encoding="utf-8")
    (captures / "ping.pcap").write_bytes(capture(3))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(locale="vi-VN", base_url=url).new_page()
        page.goto("/rules")
        page.get_by_label("Tên đăng nhập").fill("admin")
        page.get_by_label("Mật khẩu").fill(password)
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page.get_by_text("Cảm biến chưa nhận luật từ đây")).to_be_visible()
        page.get_by_label("Luật phát hiện").get_by_role("link", name="Bộ luật dự kiến").click()
        page.get_by_role("button", name="Đọc các nguồn").click()
        expect(page.get_by_text("local/city.rules:2")).to_be_visible(timeout=DEADLINE_MS)
        page.get_by_role("button", name="Chạy lại").click()
        expect(page.get_by_text("1 bản ghi: trước 0 cảnh báo, sau 3")).to_be_visible(timeout=DEADLINE_MS)
        page.get_by_label("Lý do").fill("thử ping")
        page.get_by_role("button", name="Triển khai 1 luật").click()
        expect(page.get_by_role("table", name="Phiên bản")).to_contain_text("thử ping")
        page.get_by_role("link", name="Luật đang dùng").click()
        expect(page.get_by_role("table", name="Luật phát hiện")).to_contain_text("CITY ping into the network")

        (local / "city.rules").write_text(
            PING.replace("itype:8", "itype:0").replace("rev:1", "rev:2"), encoding="utf-8"
        )
        deploy(page, "ít hơn")
        page.get_by_label("Lý do khôi phục hoặc dừng").fill("sai rồi")
        page.get_by_role("row", name="thử ping").get_by_role("button", name="Khôi phục").click()
        expect(page.get_by_role("table", name="Phiên bản")).to_contain_text("sai rồi", timeout=DEADLINE_MS)
        browser.close()
    assert "itype:8" in (data / "rules" / "suricata.rules").read_text(encoding="utf-8")
