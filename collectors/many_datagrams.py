"""Takes many datagrams with one call of the kernel (recvmmsg(2)), which Python's own sockets do not offer.

One by one a datagram costs four microseconds and, where another thread of the process computes, up to a turn of the
interpreter's lock each: every call of Python's sockets lets that lock go. This one keeps it (`PyDLL`), and never waits.
"""

import ctypes
import os
import socket
import struct
from typing import NamedTuple

_ADDRESS_BYTES = 28  # struct sockaddr_in6, the longest of the two
_IPV4_BYTES = 16  # struct sockaddr_in
_CONTROL_BYTES = 64
_REMEMBERED = 65_536


class _Vector(ctypes.Structure):
    """struct iovec"""

    _fields_ = (("base", ctypes.c_void_p), ("len", ctypes.c_size_t))


class _Header(ctypes.Structure):
    """struct msghdr"""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("namelen", ctypes.c_uint),
        ("iov", ctypes.c_void_p),
        ("iovlen", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("controllen", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    """struct mmsghdr"""

    _fields_ = (("header", _Header), ("len", ctypes.c_uint))


# The same in native layout, for reading a thousand of them at once.
_FIELDS = struct.Struct("@PIPNPNi0PI0P")
_CONTROL = struct.Struct("@NiiI")
_RECVMMSG = "recvmmsg"


class Datagram(NamedTuple):
    """One datagram and who sent it; `cut` when it was longer than what is taken."""

    data: bytes
    address: str
    port: int
    cut: bool


class ManyDatagrams:
    """Room for `at_once` datagrams of at most `largest_bytes`; the memory is touched only as far as it is used."""

    def __init__(self, at_once: int, largest_bytes: int) -> None:
        self._largest = largest_bytes
        self._data = ctypes.create_string_buffer(at_once * largest_bytes)
        self._names = ctypes.create_string_buffer(at_once * _ADDRESS_BYTES)
        self._controls = ctypes.create_string_buffer(at_once * _CONTROL_BYTES)
        self._vectors = (_Vector * at_once)()
        self._messages = (_Message * at_once)()
        for number in range(at_once):
            self._prepare(number)
        self._template = bytes(self._messages)
        self._at_once = at_once
        self._texts: dict[bytes, str] = {}
        self._call = ctypes.PyDLL(None, use_errno=True)[_RECVMMSG]
        self._views = memoryview(self._data), memoryview(self._names), memoryview(self._messages).cast("B")

    def take(self, descriptor: int) -> tuple[list[Datagram], int | None]:
        """What is there now, and the kernel's count of drops where it told one. Raises `OSError`."""
        taken = self._call(descriptor, self._messages, self._at_once, socket.MSG_DONTWAIT, None)
        if taken <= 0:
            code = ctypes.get_errno()
            if taken == 0:
                return [], None
            raise OSError(code, os.strerror(code))
        data, names, messages = self._views
        largest, texts = self._largest, self._texts
        found: list[Datagram] = []
        start = name = 0
        for _, length, _, _, _, _, flags, size in _FIELDS.iter_unpack(messages[: taken * _FIELDS.size]):
            sender = names[name : name + length].tobytes()
            address = sender[4:8] if length == _IPV4_BYTES else sender[8:24]
            text = texts.get(address) or self._text(address)
            end = start + size
            cut = bool(flags & socket.MSG_TRUNC)
            found.append(Datagram(data[start:end].tobytes(), text, sender[2] << 8 | sender[3], cut))
            start += largest
            name += _ADDRESS_BYTES
        drops = self._drops(taken - 1)
        ctypes.memmove(self._messages, self._template, taken * _FIELDS.size)
        return found, drops

    def _prepare(self, number: int) -> None:
        vector, message = self._vectors[number], self._messages[number].header
        vector.base = ctypes.addressof(self._data) + number * self._largest
        vector.len = self._largest
        message.name = ctypes.addressof(self._names) + number * _ADDRESS_BYTES
        message.namelen = _ADDRESS_BYTES
        message.iov = ctypes.addressof(vector)
        message.iovlen = 1
        message.control = ctypes.addressof(self._controls) + number * _CONTROL_BYTES
        message.controllen = _CONTROL_BYTES

    def _drops(self, last: int) -> int | None:
        """Of the newest datagram: the kernel's count only grows. It tells none as long as it is nought."""
        if self._messages[last].header.controllen < _CONTROL.size:
            return None
        return int(_CONTROL.unpack_from(self._controls, last * _CONTROL_BYTES)[3])

    def _text(self, address: bytes) -> str:
        """An address as text, remembered; who forges senders fills no memory."""
        if len(self._texts) >= _REMEMBERED:
            self._texts.clear()
        family = socket.AF_INET if len(address) == 4 else socket.AF_INET6
        text = self._texts[address] = socket.inet_ntop(family, address)
        return text
