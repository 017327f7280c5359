"""The Elasticsearch client: how it is made, and its errors in the store's own words."""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from elastic_transport import ConnectionError as NoConnection
from elastic_transport import Serializer, TlsError, TransportError
from elasticsearch import ApiError, AuthenticationException, AuthorizationException, Elasticsearch
from elasticsearch.serializer import OrjsonSerializer

from wardwatch.errors import StoreFault, UserError
from wardwatch.records.elastic.settings import ElasticSettings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

logging.getLogger("elastic_transport").setLevel(logging.WARNING)


class _Answers(OrjsonSerializer):
    """Reads answers; of a bulk request without errors nothing but that, instead of a thousand times "created"."""

    def json_loads(self, data: bytes) -> Any:
        return {"errors": False} if data.startswith(b'{"errors":false') else super().json_loads(data)


def connected(settings: ElasticSettings, serializer: Serializer | None = None) -> Elasticsearch:
    """A client of the nodes; `serializer` reads its answers otherwise than as plain JSON. Raises `UserError` for an
    address, key or authority that cannot be used."""
    if not settings.urls:
        raise UserError("the record store names no Elasticsearch node", "add one under records.urls")
    for url in settings.urls:
        _check(url, settings)
    secure = [url for url in settings.urls if url.startswith("https:")]
    options = {"ssl_context": _tls(settings)} if secure else {}
    return Elasticsearch(
        list(settings.urls),
        api_key=settings.api_key,
        serializer=serializer or _Answers(),
        request_timeout=settings.timeout_s,
        max_retries=0,
        retry_on_timeout=False,
        **options,  # type: ignore[arg-type]
    )


def _check(url: str, settings: ElasticSettings) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(f"{url} is no address of an Elasticsearch node", "write https://HOST:9200")
    if parts.scheme == "http" and (parts.hostname not in _LOOPBACK or settings.api_key):
        raise UserError(f"{url}: records and keys do not travel unencrypted", "write https, with records.ca if needed")


def _tls(settings: ElasticSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(settings.ca) if settings.ca else None)
    except (OSError, ssl.SSLError) as error:
        raise UserError(f"records.ca: {settings.ca} cannot be used: {error}", "name a PEM file") from None


@contextmanager
def faults(doing: str) -> Iterator[None]:
    """Turns the client's errors into a `StoreFault` that says what was being done and what may help."""
    try:
        yield
    except AuthenticationException:
        raise StoreFault(
            f"{doing} Elasticsearch failed: it does not know the API key", "renew records.api_key"
        ) from None
    except AuthorizationException as error:
        raise StoreFault(
            f"{doing} Elasticsearch failed: the API key may not do this: {error.message}",
            "give it all rights on the indices wardwatch-*",
        ) from None
    except ApiError as error:
        raise StoreFault(f"{doing} Elasticsearch failed: {error.status_code} {_words(error)}", _hint(error)) from None
    except TlsError as error:
        raise StoreFault(
            f"{doing} Elasticsearch failed: its certificate is not trusted: {error.message}", "see records.ca"
        ) from None
    except NoConnection as error:
        raise StoreFault(f"{doing} Elasticsearch failed: no node answers: {error.message}", "see its nodes") from None
    except TransportError as error:
        raise StoreFault(f"{doing} Elasticsearch failed: {error.message}", "see its nodes") from None


def _words(error: ApiError) -> str:
    body = error.body
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        about = body["error"]
        cause = (about.get("root_cause") or [about])[0]
        return f"{cause.get('type')}: {cause.get('reason')}"
    return str(error.message)


def _hint(error: ApiError) -> str:
    if error.status_code == 429:
        return "its queues or its disk are full: the batch stays at its edge and is sent again"
    return "see the log of its nodes"
