"""Text: the pair of both languages, one normal form at every edge, and folding for search."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What WardWatch says of its own accord, in Vietnamese and in English."""

    vi: str
    en: str

    @classmethod
    def same(cls, text: str) -> "Words":
        """Text that is data, such as a name or a comment: the same in both."""
        return cls(text, text)


NO_WORDS = Words("", "")


def nfc(text: str) -> str:
    """The text in Unicode normal form C, without surrounding white space."""
    return unicodedata.normalize("NFC", text).strip()


def visible(text: str) -> str:
    """The text with everything escaped that a terminal or a page would obey or hide instead of showing it: control
    characters, marks of direction, line ends, lone surrogates."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def fold(text: str) -> str:
    """The text as people type it in a hurry: lower case, no diacritics, đ as d.

    NFD takes marks off letters, but đ (U+0111) has no decomposition, so it is replaced by hand.
    """
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("đ", "d")
