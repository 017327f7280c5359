"""The committed OpenAPI document is the one the code makes: the UI's types are generated from it."""

from pathlib import Path

from api.openapi import document, text

COMMITTED = Path(__file__).parents[3] / "dashboards" / "ui" / "openapi.json"


def test_committed_document_is_fresh() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == text(), (
        "stale: run `python -m api.openapi > dashboards/ui/openapi.json`"
    )


def test_every_answer_has_a_schema_and_every_error_is_a_problem() -> None:
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                if int(status) >= 400:
                    assert list(content) == ["application/problem+json"], (path, method, status)
                elif status != "204":
                    assert content, (path, method, status)
                    assert all(content.values()), (path, method, status)
