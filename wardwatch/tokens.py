"""Tokens that prove who asks: 256 random bits, of which only the SHA-256 is kept."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable

Random = Callable[[int], bytes]
"""Gives so many random bytes."""


def new_token(random: Random) -> str:
    """256 bits in 43 characters that need no quoting anywhere."""
    return urlsafe_b64encode(random(32)).decode().rstrip("=")


def token_hash(token: str) -> str:
    """What a store keeps of a token (hex)."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
