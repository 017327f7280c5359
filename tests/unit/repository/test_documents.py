"""The documents hold together: links resolve, and no tracked file names a package registry's host."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
REGISTRY_HOSTS = (
    ("pypi", "org"),
    ("files", "pythonhosted", "org"),
    ("registry", "npmjs", "org"),
    ("registry", "yarnpkg", "com"),
    ("deb", "debian", "org"),
    ("repo1", "maven", "org"),
    ("repo", "maven", "apache", "org"),
    ("proxy", "golang", "org"),
)


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True, check=True)
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_links_of_the_documents_resolve() -> None:
    documents = [path for path in tracked() if path.suffix == ".md"]
    assert ROOT / "README.md" in documents
    broken = []
    for document in documents:
        for target in LINK.findall(document.read_text(encoding="utf-8")):
            place = target.partition("#")[0]
            if place and "://" not in place and not (document.parent / place).exists():
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert broken == []


def test_no_tracked_file_names_a_registry_host() -> None:
    hosts = re.compile("|".join(re.escape(".".join(parts)) for parts in REGISTRY_HOSTS).encode())
    assert hosts.search(b"https://registry.npmjs." + b"org/svelte")
    named = [str(path.relative_to(ROOT)) for path in tracked() if hosts.search(path.read_bytes())]
    assert named == []


def test_requirements_are_pinned_with_hashes() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        blocks = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        lines = [line for line in blocks if line.strip() and not line.lstrip().startswith("#")]
        assert lines
        assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []
