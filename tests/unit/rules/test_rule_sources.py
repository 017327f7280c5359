"""Sources: each has an outcome of its own, and what cannot be read now is used as it was."""

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from detectors.rules.documents import SourceDocument
from detectors.rules.fetching import Sources, SourceState
from wardwatch.errors import UserError

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
RULE = b'alert tcp any any -> any any (msg:"one"; sid:1;)\n'


def tarred(content: bytes, name: str = "rules/a.rules") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


class Network:
    """Addresses and what stands there; anything else is away."""

    def __init__(self, **pages: bytes) -> None:
        self.pages = {name.replace("__", "/").replace("_", "."): content for name, content in pages.items()}
        self.headers: list[Mapping[str, str]] = []

    def __call__(self, url: str, headers: Mapping[str, str]) -> bytes:
        self.headers.append(headers)
        try:
            return self.pages[url.removeprefix("https://")]
        except KeyError:
            raise UserError(f"{url} cannot be read: no route to host") from None


def sources(folder: Path, network: Network) -> Sources:
    return Sources(folder / "sources", folder / "archives", network, lambda _: "a word", lambda: AT, "7.0.10")


def test_a_source_that_is_away_is_used_as_it_was(tmp_path: Path) -> None:
    network = Network(a__b_tar_gz=tarred(RULE))
    document = SourceDocument(url="https://a/b.tar.gz", authorization="secret://token")
    first = sources(tmp_path, network).fetch("city", document)
    assert (first.state, first.at, first.reason) == (SourceState.FRESH, AT, "")
    assert network.headers == [{"Authorization": "a word"}]
    network.pages.clear()
    kept = sources(tmp_path, network).fetch("city", document)
    assert (kept.state, kept.files, kept.sha256) == (SourceState.KEPT, first.files, first.sha256)
    assert kept.reason == "https://a/b.tar.gz cannot be read: no route to host"
    offline = sources(tmp_path, network).fetch("city", document, offline=True)
    assert (offline.state, offline.files) == (SourceState.KEPT, first.files)
    never = sources(tmp_path, network).fetch("other", document)
    assert (never.state, never.files) == (SourceState.ABSENT, ())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html>log in first</html>", "no whole archive"),
        (tarred(RULE)[:60], "no whole archive"),
        (tarred(RULE, "readme.txt"), "holds no rules"),
    ],
)
def test_what_has_no_rules_does_not_take_the_place_of_good_ones(tmp_path: Path, content: bytes, reason: str) -> None:
    network = Network(a__b_tar_gz=tarred(RULE))
    document = SourceDocument(url="https://a/b.tar.gz")
    good = sources(tmp_path, network).fetch("city", document)
    network.pages["a/b.tar.gz"] = content
    kept = sources(tmp_path, network).fetch("city", document)
    assert (kept.state, kept.files) == (SourceState.KEPT, good.files)
    assert reason in kept.reason


def test_an_index_says_where_a_source_stands(tmp_path: Path) -> None:
    index = b"version: 1\nsources:\n  city/local:\n    url: https://a/%(secret)s/suricata-%(__version__)s.zip\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("local.rules", RULE)
    network = Network()
    network.pages |= {"a/index.yaml": index, "a/word/suricata-7.0.10.zip": packed.getvalue()}
    document = SourceDocument(index="https://a/index.yaml", source="city/local", parameters={"secret": "word"})
    assert sources(tmp_path, network).fetch("city", document).state is SourceState.FRESH
    (tmp_path / "index.yaml").write_bytes(index)
    local = SourceDocument(index=str(tmp_path / "index.yaml"), source="city/nowhere")
    assert "has no 'city/nowhere'" in sources(tmp_path, network).fetch("other", local).reason


def test_a_checksum_is_held_against_what_came(tmp_path: Path) -> None:
    network = Network()
    network.pages |= {"a/b.rules": RULE, "a/b.rules.md5": b"0" * 32}
    document = SourceDocument(url="https://a/b.rules", checksum=True)
    assert "checksum" in sources(tmp_path, network).fetch("city", document).reason
    network.pages["a/b.rules.md5"] = hashlib.md5(RULE).hexdigest().encode()
    assert sources(tmp_path, network).fetch("city", document).state is SourceState.FRESH


def test_archives_and_folders_need_no_network(tmp_path: Path) -> None:
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / "brought.tgz").write_bytes(tarred(RULE))
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.rules").write_bytes(RULE)
    found = sources(tmp_path, Network())
    assert found.fetch("brought", SourceDocument(archive="brought.tgz"), offline=True).state is SourceState.FRESH
    assert found.fetch("own", SourceDocument(folder=tmp_path / "own"), offline=True).files == (
        tmp_path / "own" / "a.rules",
    )
