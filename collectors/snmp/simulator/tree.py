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
        self.places = {contents: place for place, contents in enumerate(self.contents)}

    def find(self, contents: bytes) -> int | None:
        """The place of an OID; None when it is not in the tree."""
        return self.places.get(contents)

    def after(self, contents: bytes) -> int:
        """The place of the first OID that follows; the number of OIDs at the end. Raises `Malformed`."""
        place = self.places.get(contents)
        return place + 1 if place is not None else bisect_right(self.oids, ber.decode_oid(contents))


Entry = tuple[Oid, bytes, Node]
"""An object of a tree: its OID, that OID encoded, and its varbind."""


Layer = tuple[OidIndex, list[Node]]
"""Sorted OIDs with their varbinds."""


class Tree:
    """The objects of one device: what all devices of its shape have, and `more` that it has alone."""

    def __init__(self, layer: Layer, more: Layer | None = None) -> None:
        self._layers = (layer,) if more is None else (layer, more)
        self._index, self._nodes = layer
        self._end = len(self._index.oids)
        self._gaps = _gaps(self._index, more[0]) if more is not None else frozenset()

    def find(self, contents: bytes) -> Entry | None:
        """The object of an encoded OID; None when it is not in the tree."""
        for index, nodes in self._layers:
            place = index.find(contents)
            if place is not None:
                return index.oids[place], contents, nodes[place]
        return None

    def after(self, contents: bytes) -> Entry | None:
        """The first object that follows; None at the end. Raises `Malformed`."""
        index = self._index
        place = index.places.get(contents, -2) + 1
        # Walks ask for what they were given last, and few places have anything of the second layer behind them.
        if 0 < place < self._end and place not in self._gaps:
            return index.oids[place], index.contents[place], self._nodes[place]
        found = [self._at(layer, layer[0].after(contents)) for layer in self._layers]
        return min((entry for entry in found if entry is not None), key=lambda entry: entry[0], default=None)

    def _at(self, layer: Layer, place: int) -> Entry | None:
        index, nodes = layer
        return (index.oids[place], index.contents[place], nodes[place]) if place < len(index.oids) else None

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


def _gaps(index: OidIndex, more: OidIndex) -> frozenset[int]:
    """The places of the first index before which something of the second one stands."""
    found, at = set(), 0
    while at < len(more.oids):
        place = bisect_right(index.oids, more.oids[at])
        found.add(place)
        at = bisect_right(more.oids, index.oids[place]) if place < len(index.oids) else len(more.oids)
    return frozenset(found)


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

    def build(self, objects: Mapping[Oid, bytes | Late], more: Mapping[Oid, bytes | Late] | None = None) -> Tree:
        """A tree of value elements and late varbinds."""
        return Tree(self._layer(objects), self._layer(more) if more else None)

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
