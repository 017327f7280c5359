"""The demo's servers under the demo's checks."""

import asyncio
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.services.check import run_check
from wardwatch.demo.certificates import demo_certificates, make_server_certificates
from wardwatch.demo.city import build_city
from wardwatch.demo.servers import DemoServers, demo_checks
from wardwatch.model.checks import CheckResult
from wardwatch.model.time import utc_now


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.15.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize(("minute", "failing"), [(1, {"one-stop-page"}), (10, set())])
def test_they_answer_and_one_fails_now_and_then(tmp_path: Path, minute: int, failing: set[str]) -> None:
    make_server_certificates(tmp_path / "shown", utc_now())
    checks = demo_checks(tmp_path / "shown", port := free_port())

    async def all_of_them() -> list[CheckResult]:
        async with DemoServers(tmp_path / "shown", port, lambda: datetime(2026, 11, 23, 9, minute, tzinfo=UTC)):
            return [await run_check(check, utc_now) for check in checks.values()]

    results = asyncio.run(all_of_them())
    assert {result.check: result.cause.en for result in results if not result.up}.keys() == failing
    (payment,) = [result for result in results if result.check == "payment-certificate"]
    assert payment.certificate_days == pytest.approx(12, abs=0.1)


def test_the_city_holds_certificates_of_its_units_and_people() -> None:
    held = demo_certificates(build_city(1), 1, utc_now())
    kinds = [each.kind for each in held]
    assert (kinds.count("organisation"), kinds.count("person")) == (200, 500)
    assert held == sorted(held, key=lambda each: each.kind)
    assert len({each.id for each in held}) == 700
