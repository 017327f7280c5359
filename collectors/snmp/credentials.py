"""From an inventory's `Credential` to what the SNMP client wants: community, or user with keys."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gufo.snmp import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    BaseAuthKey,
    BasePrivKey,
    DesKey,
    KeyExpansion,
    Md5Key,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    User,
)
from gufo.snmp.user import KeyType

from wardwatch.errors import UserError
from wardwatch.model.inventory import Credential
from wardwatch.strict_yaml import nearest

Key = TypeVar("Key")

SecretResolver = Callable[[str], str]
"""Gives the word behind a reference (`secret://name`); raises a `WardWatchError` where there is none."""

AUTH_PROTOCOLS: dict[str, type[BaseAuthKey]] = {
    "md5": Md5Key,
    "sha": Sha1Key,
    "sha1": Sha1Key,
    "sha224": Sha224Key,
    "sha256": Sha256Key,
    "sha384": Sha384Key,
    "sha512": Sha512Key,
}
PRIVACY_PROTOCOLS: dict[str, type[BasePrivKey]] = {
    "des": DesKey,
    "aes": Aes128Key,
    "aes128": Aes128Key,
    "aes192": Aes192Key,
    "aes256": Aes256Key,
    "aes192c": Aes192Key,
    "aes256c": Aes256Key,
}
CISCO = frozenset({"aes192c", "aes256c"})
"""Keys extended as draft-reeder-snmpv3-usm-3desede-00 says, others as draft-blumenthal-aes-usm-04."""

SHORTEST_PASSWORD = 8
"""RFC 3414 section 11.2: passwords are at least eight characters."""
LONGEST_COMMUNITY = 255
"""Bytes. SNMP sets no bound, but no agent takes more, and a request must hold it."""


@dataclass(frozen=True, slots=True)
class Login:
    """How to speak to an agent: a community (v2c, or the `oldest` version, v1) or a user (v3), never both."""

    community: str | None = None
    user: User | None = None
    oldest: bool = False

    @property
    def encrypted(self) -> bool:
        return self.user is not None and self.user.priv_key is not None


class Keyring:
    """Turns credentials into logins, each once.

    A password becomes its master key by hashing a megabyte (RFC 3414 A.2), so master keys are kept; localising
    one to an agent's engine is then cheap. A login that did not work should be forgotten: its secret may be changed.
    """

    def __init__(self, resolve: SecretResolver) -> None:
        self._resolve = resolve
        self._logins: dict[Credential, Login] = {}

    def login(self, credential: Credential) -> Login:
        """The login of a credential. Raises `UserError` when it is incomplete or its secret is missing."""
        found = self._logins.get(credential)
        if found is None:
            found = self._logins[credential] = self._make(credential)
        return found

    def forget(self, credential: Credential) -> None:
        """Reads the secrets of a credential anew next time."""
        self._logins.pop(credential, None)

    def _make(self, credential: Credential) -> Login:
        if credential.kind in {"snmp-v1", "snmp-v2c"}:
            if not credential.community:
                raise UserError(f"credential '{credential.id}' has no community")
            community = self._community(credential, credential.community)
            return Login(community=community, oldest=credential.kind == "snmp-v1")
        if credential.kind == "snmp-v3":
            return Login(user=self._user(credential))
        raise UserError(
            f"credential '{credential.id}' is of kind '{credential.kind}', which is not for SNMP",
            "known: snmp-v1, snmp-v2c, snmp-v3",
        )

    def _community(self, credential: Credential, reference: str) -> str:
        community = self._resolve(reference)
        if len(community.encode()) > LONGEST_COMMUNITY:
            raise UserError(
                f"the community of credential '{credential.id}' has more than {LONGEST_COMMUNITY} bytes",
                "is it the community, or a whole file?",
            )
        return community

    def _user(self, credential: Credential) -> User:
        if not credential.user:
            raise UserError(f"credential '{credential.id}' has no user")
        auth = priv = None
        expansion = KeyExpansion.Blumenthal
        if credential.auth_protocol or credential.auth_key:
            auth_class = _protocol(AUTH_PROTOCOLS, credential.auth_protocol or "sha256", "authentication", credential)
            auth_password = self._password(credential.auth_key, "authentication", credential)
            auth = auth_class(auth_class.get_master_key(auth_password), key_type=KeyType.Master)
            if credential.privacy_protocol or credential.privacy_key:
                priv_class = _protocol(
                    PRIVACY_PROTOCOLS, credential.privacy_protocol or "aes128", "privacy", credential
                )
                if (credential.privacy_protocol or "").lower().replace("-", "") in CISCO:
                    expansion = KeyExpansion.Cisco
                priv_password = self._password(credential.privacy_key, "privacy", credential)
                priv = priv_class(auth_class.get_master_key(priv_password), key_type=KeyType.Master)
        elif credential.privacy_protocol or credential.privacy_key:
            raise UserError(f"credential '{credential.id}' has privacy but no authentication; SNMPv3 has no such level")
        return User(credential.user, auth_key=auth, priv_key=priv, key_expansion=expansion)

    def _password(self, reference: str | None, what: str, credential: Credential) -> bytes:
        if not reference:
            raise UserError(f"credential '{credential.id}' has no {what} key")
        password = self._resolve(reference).encode()
        if len(password) < SHORTEST_PASSWORD:
            raise UserError(
                f"the {what} password of credential '{credential.id}' is shorter than {SHORTEST_PASSWORD} characters",
                "SNMPv3 agents refuse such passwords (RFC 3414)",
            )
        return password


def _protocol(known: dict[str, Key], name: str, what: str, credential: Credential) -> Key:
    found = known.get(name.lower().replace("-", ""))
    if found is None:
        hint = nearest(name, list(known))
        raise UserError(f"credential '{credential.id}' names the unknown {what} protocol '{name}'", hint)
    return found
