"""Sessions of SMB 2 (MS-SMB2): negotiation, session, tree, files. Every reply is complete; nothing is executed."""

import random
import struct
from collections.abc import Iterator

from drills.generators.conversation import TcpConversation
from drills.generators.plan import Action, Frame, PlanError

_PORT = 445
_NEGOTIATE, _SESSION, _TREE, _CREATE, _CLOSE = 0, 1, 3, 5, 6
_REPLY = 1
_DIALECT = 0x0210
_OVERWRITE_IF = 5
_SPNEGO = bytes.fromhex("604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa32a3028a0261b24") + (
    b"not_defined_in_RFC4178@please_ignore"
)


def smb_session(action: Action, random_: random.Random) -> Iterator[Frame]:
    """A session with one share (T1021.002): `share` "ADMIN$", `files` that are created there, `every` seconds."""
    files = action.parameters.get("files", [])
    if not isinstance(files, list) or not all(isinstance(name, str) for name in files):
        raise PlanError(f"inject '{action.inject}': 'files' must be a list of file names")
    session = _Session(action, random_)
    yield from session.talk.open()
    yield from session.begin(f"\\\\{action.host('dst')}\\{action.text('share', 'ADMIN$')}")
    every_s = action.number("every", 0.2, 0, 3600)
    for name in files:
        yield from session.create(name)
        session.talk.pause(every_s)
    yield from session.talk.close()


def smb_encryption(action: Action, random_: random.Random) -> Iterator[Frame]:
    """Files of a share written anew under another ending (T1486): `count`, `ending` ".locked", `every` seconds."""
    names = [
        f"ho-so\\{random_.choice(('dat-dai', 'ho-tich', 'xay-dung'))}-{index:04d}{action.text('ending', '.locked')}"
        for index in range(int(action.number("count", 40, 1, 5000)))
    ]
    files = [*names, action.text("note", "HOW_TO_RESTORE_FILES.txt")]
    inner = Action(
        action.inject, action.action, action.at_s, action.hosts, {"share": "hoso", **action.parameters, "files": files}
    )
    yield from smb_session(inner, random_)


class _Session:
    """One client and one server; message ids count up as the protocol asks."""

    def __init__(self, action: Action, random_: random.Random) -> None:
        self.talk = TcpConversation(action.host("src"), action.host("dst"), _PORT, int(action.at_s * 1e6), random_)
        self._guid = random_.randbytes(16)
        self._file = random_.getrandbits(32)
        self._message = 0
        self._session = 0
        self._tree = 0

    def begin(self, path: str) -> Iterator[Frame]:
        """Negotiation, session set-up, tree connect."""
        asked = struct.pack("<HHHHI16sQH", 36, 1, 1, 0, 0, self._guid, 0, _DIALECT)
        told = struct.pack("<HHHH16sIIIIQQHHI", 65, 1, _DIALECT, 0, self._guid, 1, 65536, 65536, 65536, 0, 0, 128, 0, 0)
        yield from self._exchange(_NEGOTIATE, asked, told)
        token = _SPNEGO
        asked = struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(token), 0) + token
        self._session = 0x1000_0001
        yield from self._exchange(_SESSION, asked, struct.pack("<HHHH", 9, 0, 72, 0) + b"\0")
        name = path.encode("utf-16-le")
        self._tree = 1
        asked = struct.pack("<HHHH", 9, 0, 72, len(name)) + name
        yield from self._exchange(_TREE, asked, struct.pack("<HBBIII", 16, 1, 0, 0, 0, 0x1F01FF))

    def create(self, name: str) -> Iterator[Frame]:
        """A file created or written anew, and closed."""
        encoded = name.encode("utf-16-le")
        self._file += 1
        handle = struct.pack("<QQ", self._file, self._file)
        asked = struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x12019F, 0x80, 1, _OVERWRITE_IF, 0x40, 120,
                            len(encoded), 0, 0) + encoded  # fmt: skip
        told = struct.pack("<HBBIQQQQQQII16sII", 89, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0x80, 0, handle, 0, 0)
        yield from self._exchange(_CREATE, asked, told)
        asked = struct.pack("<HHI16s", 24, 0, 0, handle)
        yield from self._exchange(_CLOSE, asked, struct.pack("<HHIQQQQQQI", 60, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    def _exchange(self, command: int, asked: bytes, told: bytes) -> Iterator[Frame]:
        yield from self.talk.say(0, self._framed(command, 0, asked))
        yield from self.talk.say(1, self._framed(command, _REPLY, told))
        self._message += 1

    def _framed(self, command: int, flags: int, body: bytes) -> bytes:
        """The header of MS-SMB2 2.2.1.2 behind the length that transport over TCP puts first (2.1)."""
        tree = self._tree if command > _TREE or flags else 0
        session = self._session if command != _SESSION or flags else 0
        header = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, 0, command, 1, flags, 0, self._message, 0xFEFF,
                             tree, session, bytes(16))  # fmt: skip
        return struct.pack(">I", len(header) + len(body)) + header + body
