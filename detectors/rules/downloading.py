"""Archives over HTTP, bounded in time and size."""

from collections.abc import Mapping

import httpx

from detectors.rules.fetching import MAX_BYTES
from wardwatch.errors import UserError

_TIMEOUT = httpx.Timeout(60.0, connect=15.0)


def download(url: str, headers: Mapping[str, str]) -> bytes:
    """What stands at an address; redirections are followed. Raises `UserError` with the cause."""
    found = bytearray()
    try:
        with httpx.stream("GET", url, headers=dict(headers), timeout=_TIMEOUT, follow_redirects=True) as answer:
            if answer.status_code != 200:
                raise UserError(f"{url} answered {answer.status_code}", "see that the address and the secret are right")
            for part in answer.iter_bytes():
                found += part
                if len(found) > MAX_BYTES:
                    raise UserError(f"{url} is above {MAX_BYTES // 1024**2} MiB")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UserError(f"{url} cannot be read: {str(error) or type(error).__name__}") from None
    return bytes(found)
