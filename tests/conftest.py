"""What all tests share: golden cases (`tests/cases/<name>/{input,expected}`), rewritten by `--update-golden`, and one
real Elasticsearch node and one real PostgreSQL server."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wardwatch.bench.elasticsearch_node import elasticsearch_node, is_prepared
from wardwatch.bench.postgresql import PostgresqlServer, postgresql_server, programs

CASES = Path(__file__).parent / "cases"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="Rewrite the expected files of golden cases; read the diff before committing.",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stories in the browser come last: their living city would take a core from every test after them."""
    items.sort(key=lambda item: "e2e" in item.path.parts)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, Any], None]:
    """Compares a result with the expected file of its case: text as it is, anything else as sorted JSON.

    With `--update-golden` the file is rewritten instead, and the test passes.
    """
    update = bool(request.config.getoption("--update-golden"))

    def check(expected: Path, actual: Any) -> None:
        text = actual if isinstance(actual, str) else _as_json(actual)
        if update:
            expected.parent.mkdir(parents=True, exist_ok=True)
            expected.write_text(text, encoding="utf-8")
            return
        assert expected.exists(), f"{expected} is missing: run the test with --update-golden and read what it wrote"
        if isinstance(actual, str):
            assert text == expected.read_text(encoding="utf-8")
        else:
            assert json.loads(text) == json.loads(expected.read_text(encoding="utf-8"))

    return check


@pytest.fixture(scope="session")
def elasticsearch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A node that all tests of the session share, each in indices of a prefix of its own."""
    if not is_prepared():
        pytest.skip("no Elasticsearch to start: Java or the server is missing (setup/elasticsearch/prepare.sh)")
    with elasticsearch_node(tmp_path_factory.mktemp("elasticsearch")) as node:
        yield node.url


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A server that all tests of the session share, each in databases of its own."""
    if programs() is None:
        pytest.skip("no PostgreSQL to start: install Debian's package postgresql")
    with postgresql_server() as server:
        yield server


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
