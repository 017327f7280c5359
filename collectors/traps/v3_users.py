"""The SNMPv3 users of an inventory, as pysnmp wants them: protocols and master keys (RFC 3414 section A.2)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pysnmp.entity import config

from wardwatch.errors import WardWatchError
from wardwatch.model.inventory import Credential

SHORTEST_PASSWORD = 8

_AUTH: dict[str, Any] = {
    "md5": config.USM_AUTH_HMAC96_MD5,
    "sha": config.USM_AUTH_HMAC96_SHA,
    "sha1": config.USM_AUTH_HMAC96_SHA,
    "sha224": config.USM_AUTH_HMAC128_SHA224,
    "sha256": config.USM_AUTH_HMAC192_SHA256,
    "sha384": config.USM_AUTH_HMAC256_SHA384,
    "sha512": config.USM_AUTH_HMAC384_SHA512,
}
_PRIVACY: dict[str, Any] = {
    "des": config.USM_PRIV_CBC56_DES,
    "aes": config.USM_PRIV_CFB128_AES,
    "aes128": config.USM_PRIV_CFB128_AES,
    "aes192": config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "aes256": config.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "aes192c": config.USM_PRIV_CFB192_AES,
    "aes256c": config.USM_PRIV_CFB256_AES,
}


@dataclass(frozen=True, slots=True)
class V3User:
    """A user and its keys, not yet localised to any engine. `credential` is the inventory's."""

    name: str
    credential: str
    auth_protocol: Any = config.USM_AUTH_NONE
    auth_key: bytes | None = None
    privacy_protocol: Any = config.USM_PRIV_NONE
    privacy_key: bytes | None = None

    @property
    def authenticates(self) -> bool:
        return self.auth_key is not None

    @property
    def encrypts(self) -> bool:
        return self.privacy_key is not None


class V3Keyring:
    """Makes users of credentials, each once: a password becomes its master key by hashing a megabyte."""

    def __init__(self, resolve: Callable[[str], str]) -> None:
        self._resolve = resolve
        self._known: dict[Credential, V3User] = {}
        self.failed: dict[str, str] = {}
        """What is wrong with a credential, by its id."""

    def users(self, credentials: dict[str, Credential]) -> list[V3User]:
        """The users of all credentials of SNMPv3 that authenticate; one that is incomplete is told in `failed`."""
        self.failed = {}
        found = []
        for credential in credentials.values():
            if credential.kind != "snmp-v3":
                continue
            try:
                found.append(self._known.get(credential) or self._make(credential))
            except WardWatchError as error:
                self.failed[credential.id] = error.message
            except ValueError as error:
                self.failed[credential.id] = str(error)
        return found

    def _make(self, credential: Credential) -> V3User:
        if not credential.user or not credential.auth_key:
            raise ValueError(f"credential '{credential.id}' does not authenticate: traps of its user are not taken")
        auth = _protocol(_AUTH, credential.auth_protocol or "sha256", credential)
        auth_key = config.AUTH_SERVICES[auth].hash_passphrase(self._password(credential.auth_key, credential))
        privacy, privacy_key = config.USM_PRIV_NONE, None
        if credential.privacy_key:
            privacy = _protocol(_PRIVACY, credential.privacy_protocol or "aes128", credential)
            password = self._password(credential.privacy_key, credential)
            privacy_key = bytes(config.PRIV_SERVICES[privacy].hash_passphrase(auth, password))
        user = V3User(credential.user, credential.id, auth, bytes(auth_key), privacy, privacy_key)
        self._known[credential] = user
        return user

    def _password(self, reference: str, credential: Credential) -> bytes:
        password = self._resolve(reference).encode()
        if len(password) < SHORTEST_PASSWORD:
            raise ValueError(f"a password of credential '{credential.id}' has less than {SHORTEST_PASSWORD} characters")
        return password


def _protocol(known: dict[str, Any], name: str, credential: Credential) -> Any:
    found = known.get(name.lower().replace("-", ""))
    if found is None:
        raise ValueError(f"credential '{credential.id}' names the unknown protocol '{name}'")
    return found
