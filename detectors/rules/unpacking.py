"""The rule files of an archive (tar, also packed, or zip), or of a plain file; never written to the disk."""

import io
import tarfile
import zipfile
from collections.abc import Iterator

from wardwatch.errors import UserError

_TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
MAX_UNPACKED_BYTES = 400 * 1024 * 1024


def unpacked(filename: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Names and texts. Raises `UserError` where the archive is not whole, or grows too large."""
    try:
        if zipfile.is_zipfile(io.BytesIO(content)):
            members = _of_zip(filename, content)
        elif filename.endswith(_TAR) or content[:2] == b"\x1f\x8b":
            members = _of_tar(filename, content)
        else:
            members = iter([(filename, content)])
        for name, data in members:
            yield name, data.decode("utf-8", "replace")
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, RuntimeError) as error:
        raise UserError(f"{filename} is no whole archive: {str(error).partition(chr(10))[0]}") from None


def _of_zip(filename: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        wanted = [entry for entry in archive.infolist() if entry.filename.endswith(".rules")]
        _refuse_size(filename, sum(entry.file_size for entry in wanted))
        for entry in wanted:
            yield entry.filename, archive.read(entry)


def _of_tar(filename: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    room = 0
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            # Reading on means unpacking all of it, so that what is no rule file counts as well.
            room += member.size
            _refuse_size(filename, room)
            if member.isfile() and member.name.endswith(".rules") and (file := archive.extractfile(member)) is not None:
                yield member.name, file.read()


def _refuse_size(filename: str, size: int) -> None:
    if size > MAX_UNPACKED_BYTES:
        raise UserError(f"{filename} unpacks to more than {MAX_UNPACKED_BYTES // 1024**2} MiB")
