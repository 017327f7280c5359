"""Keys and ciphers of the User-based Security Model: RFC 3414 (MD5, SHA-1, DES), RFC 7860 (SHA-2), RFC 3826 (AES-128).

AES-192 and AES-256 have no RFC. `aes192` and `aes256` extend a short key as draft-blumenthal-aes-usm-04 says (net-snmp,
most agents); `aes192c` and `aes256c` as draft-reeder-snmpv3-usm-3desede-00 says (Cisco; net-snmp: AES-256-C). Where
the localised key is long enough as it is (SHA-256 and longer) the two are the same.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from collectors.snmp.simulator.ber import Malformed

# Name -> (hash of hashlib, octets of the digest that travel in the message).
AUTHENTICATION: dict[str, tuple[str, int]] = {
    "md5": ("md5", 12),
    "sha": ("sha1", 12),
    "sha1": ("sha1", 12),
    "sha224": ("sha224", 16),
    "sha256": ("sha256", 24),
    "sha384": ("sha384", 32),
    "sha512": ("sha512", 48),
}
# Name -> octets of the localised key it uses (DES: eight of key, eight of initial vector).
PRIVACY: dict[str, int] = {"des": 16, "aes": 16, "aes128": 16, "aes192": 24, "aes192c": 24, "aes256": 32, "aes256c": 32}

CISCO = frozenset({"aes192c", "aes256c"})

_EXPANDED_OCTETS = 1_048_576


@lru_cache(maxsize=256)
def master_key(password: bytes, algorithm: str) -> bytes:
    """The password's digest (RFC 3414 A.2): a megabyte of it, repeated. Some milliseconds, so it is remembered."""
    repeated = password * (_EXPANDED_OCTETS // len(password) + 1)
    return _hash(algorithm, repeated[:_EXPANDED_OCTETS])


def localised_key(password: bytes, algorithm: str, engine_id: bytes) -> bytes:
    """The key of a user at one engine (RFC 3414 section 2.6)."""
    return localise(master_key(password, algorithm), algorithm, engine_id)


def localise(key: bytes, algorithm: str, engine_id: bytes) -> bytes:
    return _hash(algorithm, key + engine_id + key)


def privacy_key(password: bytes, algorithm: str, protocol: str, engine_id: bytes) -> bytes:
    """The localised key of a privacy protocol, extended where the hash is too short for it."""
    key = last = localised_key(password, algorithm, engine_id)
    while len(key) < PRIVACY[protocol]:
        last = localised_key(last, algorithm, engine_id) if protocol in CISCO else _hash(algorithm, key)
        key += last
    return key[: PRIVACY[protocol]]


@dataclass(frozen=True, slots=True)
class Authentication:
    """Signs and verifies whole messages whose digest field holds zeroes."""

    algorithm: str
    key: bytes

    @property
    def digest_octets(self) -> int:
        return AUTHENTICATION[self.algorithm][1]

    def digest(self, message: bytes) -> bytes:
        return hmac.digest(self.key, message, AUTHENTICATION[self.algorithm][0])[: self.digest_octets]

    def verifies(self, message: bytes, digest: bytes) -> bool:
        return hmac.compare_digest(self.digest(message), digest)


@dataclass(frozen=True, slots=True)
class Privacy:
    """Encrypts and decrypts scoped PDUs; `salt` is the eight octets of msgPrivacyParameters."""

    protocol: str
    key: bytes

    def encrypt(self, plain: bytes, salt: bytes, boots: int, time_s: int) -> bytes:
        if self.protocol == "des":
            plain += bytes(-len(plain) % 8)
        encryptor = self._cipher(salt, boots, time_s).encryptor()
        return encryptor.update(plain) + encryptor.finalize()

    def decrypt(self, secret: bytes, salt: bytes, boots: int, time_s: int) -> bytes:
        """Raises `Malformed` when the lengths cannot be right; a wrong key shows only in what comes out."""
        if len(salt) != 8 or not secret or (self.protocol == "des" and len(secret) % 8):
            raise Malformed("decryption")
        decryptor = self._cipher(salt, boots, time_s).decryptor()
        return decryptor.update(secret) + decryptor.finalize()

    def _cipher(self, salt: bytes, boots: int, time_s: int) -> Cipher[modes.CBC | CFB]:
        if self.protocol == "des":
            vector = bytes(one ^ two for one, two in zip(self.key[8:16], salt, strict=True))
            # Three equal keys make triple DES the single DES that RFC 3414 wants.
            return Cipher(TripleDES(self.key[:8] * 3), modes.CBC(vector))
        vector = boots.to_bytes(4, "big") + time_s.to_bytes(4, "big") + salt
        return Cipher(algorithms.AES(self.key), CFB(vector))


def _hash(algorithm: str, data: bytes) -> bytes:
    make: Callable[[str, bytes], hashlib._Hash] = hashlib.new
    return make(AUTHENTICATION[algorithm][0], data).digest()
