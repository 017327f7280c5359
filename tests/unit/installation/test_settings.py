"""`settings.yaml`: what it may say, and how it is told what is wrong in it."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from wardwatch.errors import DocumentError
from wardwatch.installation import Installation, read_installation
from wardwatch.installation.documents import settings_schema
from wardwatch.records import ElasticSettings, RecordSettings
from wardwatch.secrets import write_secrets
from wardwatch.settings import DataFolder, Tls

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "docs" / "samples" / "settings" / "settings.yaml"

Write = Callable[[str], Installation]


@pytest.fixture
def read(tmp_path: Path) -> Write:
    def written(text: str) -> Installation:
        (tmp_path / "settings.yaml").write_text(text, encoding="utf-8")
        return read_installation(DataFolder(tmp_path), {})

    return written


def test_without_the_file_everything_is_in_the_folder(tmp_path: Path) -> None:
    found = read_installation(DataFolder(tmp_path))
    assert found.state_url == f"sqlite:///{tmp_path / 'state.sqlite'}"
    assert found.records == RecordSettings()
    assert found.tls is None


def test_the_sample_is_read_whole(tmp_path: Path, read: Write) -> None:
    write_secrets(tmp_path / "secrets", {"elasticsearch-key": "k3y", "postgresql-password": "w0rd"})
    for name in ("authority.pem", "web.pem", "web.key"):
        (tmp_path / name).touch()
    found = read(SAMPLE.read_text(encoding="utf-8"))
    assert found.records == ElasticSettings(
        urls=tuple(f"https://es{number}.hatinh.example:9200" for number in (1, 2, 3)),
        api_key="k3y",
        ca=tmp_path / "authority.pem",
        replicas=1,
    )
    assert found.state_url == "postgresql+psycopg://wardwatch@db.hatinh.example/wardwatch"
    assert found.state.password is not None
    assert found.state.password() == "w0rd"
    assert found.state.ca == tmp_path / "authority.pem"
    assert found.tls == Tls(tmp_path / "web.pem", tmp_path / "web.key")
    assert "k3y" not in repr(found)
    assert "w0rd" not in repr(found)


def test_a_changed_password_is_seen(tmp_path: Path, read: Write) -> None:
    write_secrets(tmp_path / "secrets", {"db": "old"})
    found = read("state: {url: postgresql+psycopg://w@127.0.0.1/w, password: secret://db}")
    (tmp_path / "secrets" / "db").write_text("new\n")
    assert found.state.password is not None
    assert found.state.password() == "new"


def test_retention_of_the_embedded_engine(read: Write) -> None:
    found = read("records: {keep_events_days: 30}")
    assert isinstance(found.records, RecordSettings)
    assert found.records.keep_events == timedelta(days=30)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("records:\n  engin: embedded", r"settings\.yaml:2: unknown key 'records\.engin': did you mean 'engine'"),
        (
            "records: {engine: elastic}",
            r"settings\.yaml:1: 'records\.engine': unknown word 'elastic': did you mean 'elastics",
        ),
        ("records:\n  engine: elasticsearch", r":2?.*needs urls"),
        ("records: {urls: [https://es:9200]}", "the embedded engine takes no urls"),
        ("records:\n  engine: elasticsearch\n  urls:\n  - http://es:9200", r":4: .*unencrypted"),
        ("records: {engine: elasticsearch, urls: ['https://a:b@es:9200']}", "holds a password"),
        ("records: {engine: elasticsearch, urls: ['https://es:port']}", "is no address"),
        ("records: {keep_events_days: 0}", "greater than or equal to 1"),
        ("state:\n  url: mysql://a@b/c", r":2: .*is no address of a PostgreSQL database"),
        ("state: {url: 'postgresql+psycopg://w@/w'}", "names no host"),
        ("state: {url: 'postgresql+psycopg://w@h/w?sslmode=disable'}", "only host"),
        ("state: {url: 'postgresql+psycopg://w@h/w?host=other'}", "folder of a Unix socket"),
        ("state: {}", "key 'state.url' is missing"),
        ("state:\n  url: postgresql+psycopg://w@h/w\n  password: secret://gone", r":3: 'state\.password'.*gone.*0600"),
        (
            "web: {certificate: no.pem, key: no.key}",
            r"no\.pem cannot be read: No such file.*\n.*no\.key cannot be read",
        ),
        ("web: {certificate: a.pem}", r"key 'web\.key' is missing"),
        ("records: {}\nrecords: {}", "given twice"),
        ("", "is empty"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(read: Write, text: str, complaint: str) -> None:
    with pytest.raises(DocumentError, match=complaint):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "records: {engine: elasticsearch, urls: [https://es:9200], api_key: hunter2}",
        "state: {url: postgresql+psycopg://w@h/w, password: hunter2}",
        "state: {url: 'postgresql+psycopg://w:hunter2@h/w'}",
    ],
)
def test_a_secret_written_out_is_refused_and_not_repeated(read: Write, text: str) -> None:
    with pytest.raises(DocumentError, match="secret://NAME") as caught:
        read(text)
    assert "hunter2" not in str(caught.value)


def test_the_published_schema_is_current() -> None:
    published = json.loads((ROOT / "docs" / "schemas" / "settings.json").read_text(encoding="utf-8"))
    assert published == settings_schema(), (
        "write it again: python -m wardwatch.installation > docs/schemas/settings.json"
    )
