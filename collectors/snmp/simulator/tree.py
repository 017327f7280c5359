"""An agent's tree of objects: sorted OIDs, varbinds encoded ahead, and late ones rendered when they are asked for.

Devices of one shape share their `OidIndex`, and equal varbinds of all devices are one object: that keeps a city of
1,300 devices in some tens of megabytes.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from collectors.snmp.simulator import ber
from collectors.snmp.simulator.ber import Oid


class Column(Enum):
    """The objects whose values move with time."""

    UPTIME = auto()
    OPER_STATUS = auto()
    LAST_CHANGE = auto()
    PROCESSOR_LOAD = auto()
    IN_OCTETS = auto()
    IN_UNICAST = auto()
    IN_MULTICAST = auto()
    IN_BROADCAST = auto()
    IN_DISCARDS = auto()
    IN_ERRORS = auto()
    OUT_OCTETS = auto()
    OUT_UNICAST = auto()
    OUT_MULTICAST = auto()
    OUT_BROADCAST = auto()
    OUT_DISCARDS = auto()
    OUT_ERRORS = auto()


@dataclass(frozen=True, slots=True, eq=False)
class Late:
    """A varbind whose value is rendered on demand: `name` is the encoded OID element, `port` the row (from 0)."""

    name: bytes
    column: Column
    tag: int
    port: int = 0


Node = bytes | Late


class OidIndex:
    """The OIDs of a tree in order, found by their encoded contents without decoding them where possible."""

    def __init__(self, oids: list[Oid]) -> None:
        self.oids = sorted(oids)
        self.contents = [ber.encode_oid(oid) for oid in self.oids]
        self._places = {contents: place for place, contents in enumerate(self.contents)}

    def find(self, contents: bytes) -> int | None:
        """The place of an OID; None when it is not in the tree."""
        return self._places.get(contents)

    def after(self, contents: bytes) -> int:
        """The place of the first OID that follows; the number of OIDs at the end. Raises `Malformed`."""
        place = self._places.get(contents)
        return place + 1 if place is not None else bisect_right(self.oids, ber.decode_oid(contents))


Entry = tuple[Oid, bytes, Node]
"""An object of a tree: its OID, that OID encoded, and its varbind."""


class Tree:
    """The objects of one device, in layers: what all devices of a shape have, and what stands round this one alone.
    `nodes[i]` is the varbind of `index.oids[i]` in each."""

    def __init__(self, layers: tuple[tuple[OidIndex, list[Node]], ...]) -> None:
        self._layers = layers

    def find(self, contents: bytes) -> Entry | None:
        """The object of an encoded OID; None when it is not in the tree."""
        for index, nodes in self._layers:
            place = index.find(contents)
            if place is not None:
                return index.oids[place], contents, nodes[place]
        return None

    def after(self, contents: bytes) -> Entry | None:
        """The first object that follows; None at the end. Raises `Malformed`."""
        best: Entry | None = None
        for index, nodes in self._layers:
            place = index.after(contents)
            if place < len(index.oids) and (best is None or index.oids[place] < best[0]):
                best = index.oids[place], index.contents[place], nodes[place]
        return best

    def near(self, oid: Oid) -> list[Oid]:
        """The OIDs that stand just before and after one that is not there."""
        found = []
        for index, _ in self._layers:
            place = index.after(ber.encode_oid(oid))
            found += index.oids[max(place - 1, 0) : place + 1]
        return found

    def oids(self) -> list[Oid]:
        """Every OID in order."""
        return sorted(oid for index, _ in self._layers for oid in index.oids)

    def node(self, oid: Oid) -> Node:
        """The varbind of an OID. Raises `KeyError`."""
        found = self.find(ber.encode_oid(oid))
        if found is None:
            raise KeyError(oid)
        return found[2]


class TreeBuilder:
    """Builds trees that share what they can: one for all devices of a city."""

    def __init__(self) -> None:
        self._indices: dict[tuple[Oid, ...], OidIndex] = {}
        self._varbinds: dict[bytes, bytes] = {}
        self._lates: dict[tuple[Oid, Column, int, int], Late] = {}

    def late(self, oid: Oid, column: Column, tag: int, port: int = 0) -> Late:
        key = (oid, column, tag, port)
        if key not in self._lates:
            self._lates[key] = Late(ber.encode(ber.OBJECT, ber.encode_oid(oid)), column, tag, port)
        return self._lates[key]

    def build(self, *layers: Mapping[Oid, bytes | Late]) -> Tree:
        """A tree of value elements and late varbinds; layers without any are left out."""
        return Tree(tuple(self._layer(objects) for objects in layers if objects))

    def _layer(self, objects: Mapping[Oid, bytes | Late]) -> tuple[OidIndex, list[Node]]:
        shape = tuple(objects)
        index = self._indices.get(shape)
        if index is None:
            index = self._indices[shape] = OidIndex(list(shape))
        nodes: list[Node] = []
        for oid, contents in zip(index.oids, index.contents, strict=True):
            value = objects[oid]
            nodes.append(value if isinstance(value, Late) else self._varbind(contents, value))
        return index, nodes

    def _varbind(self, contents: bytes, value: bytes) -> bytes:
        varbind = ber.encode(ber.SEQUENCE, ber.encode(ber.OBJECT, contents) + value)
        return self._varbinds.setdefault(varbind, varbind)
