"""Mail as it is handed over between servers (RFC 5321), with an attachment (RFC 2045). Contents are inert text."""

import base64
import random
from collections.abc import Iterator

from drills.generators.conversation import TcpConversation
from drills.generators.plan import Action, Frame

_SMTP = 25
_INERT = b"DRILL-ATTACHMENT;khong-co-noi-dung-that;\r\n"


def smtp_message(action: Action, random_: random.Random) -> Iterator[Frame]:
    """A message with one attachment (T1566.001): `sender`, `recipient`, `subject`, `attachment` (its file name)."""
    talk = TcpConversation(action.host("src"), action.host("dst"), _SMTP, int(action.at_s * 1e6), random_)
    sender = action.text("sender", "van-thu@thong-bao.drill.test")
    recipient = action.text("recipient", "phuong01@drill.test")
    yield from talk.open()
    yield from talk.say(1, b"220 thu.drill.test ESMTP\r\n")
    for said, answered in (
        ("EHLO gui.drill.test", "250 thu.drill.test"),
        (f"MAIL FROM:<{sender}>", "250 2.1.0 Ok"),
        (f"RCPT TO:<{recipient}>", "250 2.1.5 Ok"),
        ("DATA", "354 End data with <CR><LF>.<CR><LF>"),
    ):
        yield from talk.say(0, f"{said}\r\n".encode())
        yield from talk.say(1, f"{answered}\r\n".encode())
    yield from talk.say(0, _message(action, sender, recipient, random_) + b"\r\n.\r\n")
    yield from talk.say(1, f"250 2.0.0 Ok: queued as {random_.getrandbits(32):08X}\r\n".encode())
    yield from talk.say(0, b"QUIT\r\n")
    yield from talk.say(1, b"221 2.0.0 Bye\r\n")
    yield from talk.close()


def _message(action: Action, sender: str, recipient: str, random_: random.Random) -> bytes:
    boundary = f"drill-{random_.getrandbits(48):012x}"
    name = action.text("attachment", "Cong-van-hoa-toc.docm")
    encoded = base64.encodebytes(_INERT * 40).replace(b"\n", b"\r\n")
    head = (
        f"From: <{sender}>\r\nTo: <{recipient}>\r\nSubject: {action.text('subject', 'Cong van hoa toc')}\r\n"
        f"Message-ID: <{random_.getrandbits(64):016x}@drill.test>\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'
        f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        "Kinh gui quy don vi, de nghi mo tep dinh kem.\r\n"
        f'--{boundary}\r\nContent-Type: application/octet-stream; name="{name}"\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    return head.encode() + encoded + f"--{boundary}--".encode()
