"""What a text says once the ways of hiding it are undone: the view that our own rules on URLs and headers look at.

Undone are percent signs (any number of times up to four, `%uXXXX`, overlong UTF-8), `+` for a blank, HTML entities,
full-width and other compatible forms (NFKC), SQL comments, backslashes for slashes, `/./` and runs of blanks and
slashes. The result is lower case. It is for matching only: what it loses is kept where it came from.
"""

import html
import re
import unicodedata

_ROUNDS = 4
_LONGEST = 16_384
_ODD = re.compile(r"[%+\\\x00-\x1f\x7f-\U0010ffff]|&[#a-zA-Z]\w*;|/\*|  |(?:^|[^:])//|/\./")
_ESCAPE = re.compile(r"(?:%[0-9a-fA-F]{2})+|%[uU][0-9a-fA-F]{4}")
_OVERLONG = re.compile(rb"[\xc0\xc1][\x80-\xbf]|\xe0[\x80-\x9f][\x80-\xbf]")
_COMMENT = re.compile(r"/\*!\d*(.*?)\*/|/\*.*?\*/", re.DOTALL)
_BLANKS = re.compile(r"\s+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_SLASHES = re.compile(r"(?<!:)/(?:\.?/)+")
_UNSEEN = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u2060\ufeff]")

_LOOKALIKES = str.maketrans(
    {"\u2044": "/", "\u2215": "/", "\u29f8": "/", "\u2216": "/", "\u2018": "'", "\u2019": "'", "\u02bc": "'"}
    | {"\u2032": "'", "\u201c": '"', "\u201d": '"', "\u2039": "<", "\u203a": ">", "\u3008": "<", "\u3009": ">"}
)
"""Characters that careless conversions take for others, which NFKC keeps apart."""

SUSPECT = r"[%+\\\x00-\x1f\x7f]|[^\x00-\x7f]|&[#a-z][a-z0-9_]*;|/\*|  |[^:]//|/\./"
"""RE2 for texts that may read otherwise than they stand (in lower case)."""


def readable(text: str) -> str:
    """The text as it reads, in lower case."""
    text = text[:_LONGEST]
    if _ODD.search(text) is None:
        return text.lower()
    for _ in range(_ROUNDS):
        before = text
        if "%" in text:
            text = _ESCAPE.sub(_unescaped, text)
        if "&" in text:
            text = _ENTITY.sub(_character, text)
        if text == before:
            break
    text = unicodedata.normalize("NFKC", text.replace("+", " ")).translate(_LOOKALIKES)
    text = _UNSEEN.sub("", text).replace("\\", "/")
    text = _COMMENT.sub(_uncommented, text)
    return _SLASHES.sub("/", _BLANKS.sub(" ", text)).lower()


def _unescaped(found: re.Match[str]) -> str:
    escape = found[0]
    if escape[1] in "uU":
        code = int(escape[2:], 16)
        return chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd"
    data = bytes.fromhex(escape.replace("%", ""))
    return _OVERLONG.sub(_shortened, data).decode("utf-8", "replace")


def _character(found: re.Match[str]) -> str:
    said = html.unescape(found[0])
    return said if not any("\ud800" <= letter < "\ue000" for letter in said) else "\ufffd"


def _shortened(found: re.Match[bytes]) -> bytes:
    """An overlong form is the character that decoders without care take it for."""
    first, *rest = found[0]
    code = first & (0x1F if len(rest) == 1 else 0x0F)
    for byte in rest:
        code = code << 6 | byte & 0x3F
    return chr(code).encode("utf-8", "replace")


def _uncommented(found: re.Match[str]) -> str:
    """MySQL runs what stands in `/*! … */`; other comments stand for a blank."""
    return f" {found[1]} " if found[1] is not None else " "
