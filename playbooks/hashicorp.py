"""Words out of HashiCorp Vault's KV version 2 engine, by its HTTP API: `GET {url}/v1/{mount}/data/{path}`.

The secret at the path holds a word a key, named as the reference: `secret://network-password` is its key
`network-password`. What it does not have is looked for where the installation's own secrets are.
"""

import json
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from pydantic import Field

from wardwatch.errors import EngineFault
from wardwatch.secrets import SECRET_REFERENCE
from wardwatch.strict_yaml import SecretReference, StrictModel

KEPT_S = 60.0
"""A run of hundreds of devices asks once a minute; a word that was changed there is seen as soon."""
TIMEOUT_S = 10.0


class VaultDocument(StrictModel):
    """Where it is. `token` is a reference to the installation's own secrets; `ca` an authority's certificate (PEM)."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")]
    mount: Annotated[str, Field(pattern=r"^[\w/-]+$")] = "secret"
    path: Annotated[str, Field(pattern=r"^[\w./-]+$")]
    token: SecretReference
    namespace: str | None = None
    ca: str | None = None


class VaultSecrets:
    """Resolves references there first. `others` resolves the token, and what is not there. Threads share it."""

    def __init__(
        self, document: VaultDocument, others: Callable[[str], str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._document = document
        self._others = others
        self._clock = clock
        self._turn = threading.Lock()
        self._words: dict[str, str] = {}
        self._read_at = float("-inf")

    def resolve(self, reference: str) -> str:
        """The word. Raises `EngineFault` where Vault does not answer: an old word elsewhere is not taken instead."""
        match = SECRET_REFERENCE.fullmatch(reference)
        with self._turn:
            if self._clock() - self._read_at > KEPT_S:
                self._words = self._read()
                self._read_at = self._clock()
            word = self._words.get(match[1]) if match else None
        return self._others(reference) if word is None else word

    def _read(self) -> dict[str, str]:
        known = self._document
        address = f"{known.url}/v1/{quote(known.mount)}/data/{quote(known.path)}"
        headers = {"X-Vault-Token": self._others(known.token), "X-Vault-Request": "true"}
        if known.namespace is not None:
            headers["X-Vault-Namespace"] = known.namespace
        trusted = ssl.create_default_context(cafile=known.ca) if known.url.startswith("https://") else None
        try:
            request = urllib.request.Request(address, headers=headers)
            with urllib.request.urlopen(request, timeout=TIMEOUT_S, context=trusted) as answer:
                data = json.load(answer)["data"]["data"]
            return {name: str(word) for name, word in data.items()}
        except urllib.error.HTTPError as error:
            why = {403: "its token may not read that", 404: "there is nothing at that path"}.get(
                error.code, error.reason
            )
            raise EngineFault(f"Vault at {address} answered {error.code}: {why}", "see vault: in access.yaml") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            said = f"{type(error).__name__}: {error}" if isinstance(error, OSError) else "no KV version 2 answer"
            raise EngineFault(f"Vault at {address} cannot be asked: {said}", "see vault: in access.yaml") from None
