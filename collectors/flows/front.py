"""Between the socket and the decoder: who may send, what a packet says of itself, and the counts of what went wrong."""

from collections.abc import Iterator

from collectors.flows.decoder import Decoder
from collectors.flows.exporters import Exporter, ExporterCounts
from collectors.flows.packets import Malformed, Protocol, as_agent
from collectors.flows.relay import Relay
from collectors.flows.summing import ExporterName
from collectors.reception.counts import SourceCounts
from collectors.reception.gathering import Received


class Front:
    """Takes datagrams (`collectors.reception.udp_way.Taker`) and hands them on."""

    def __init__(self, relay: Relay, netflow: Decoder, sflow: Decoder) -> None:
        self._relay = relay
        self._netflow = netflow
        self._sflow = sflow
        self._exporters: dict[str, Exporter] = {}
        self._names: dict[str, ExporterName] = {}
        self._dropped: dict[tuple[str, int], int] = {}
        self.received = 0
        self.strangers = SourceCounts("flows_stranger")
        self.kernel = SourceCounts("flows_kernel")
        self.malformed = SourceCounts("flows_malformed")
        self.templates = SourceCounts("flows_template_missing")
        self.away = SourceCounts("flows_decoder_away")
        self.decoder = SourceCounts("flows_decoder_full")
        self.unknown = SourceCounts("flows_exporter_unknown")
        self.full = SourceCounts("flows_journal_full")

    def offer(self, message: Received) -> None:
        """Examines a datagram and hands it on. Only devices export: a service's address is a stranger's."""
        sender, self.received = message.sender, self.received + 1
        if sender.device is None:
            self.strangers.add(sender.address)
            return
        known = self._exporters.get(sender.address)
        if known is None:
            known = self._exporters[sender.address] = Exporter()
        self._names[sender.address] = ExporterName(sender.device.id, sender.device.unit)
        missing = known.counts.templates_missing
        try:
            seen = known.look(message.data)
        except Malformed:
            self.malformed.add(sender.address)
            return
        if known.counts.templates_missing > missing:
            self.templates.add(sender.address, known.counts.templates_missing - missing)
        decoder = self._sflow if seen.protocol is Protocol.SFLOW else self._netflow
        own = self._relay.address(sender.address)
        if own is None or not decoder.ready.is_set():
            self.away.add(sender.address)
            return
        data = as_agent(message.data, own) if seen.protocol is Protocol.SFLOW else message.data
        if not self._relay.send(data, own, decoder.port):
            self.away.add(sender.address)

    def tell(self) -> None:
        """The counts are told with the next look at them."""

    def exporter(self, address: str) -> ExporterName | None:
        """Who was handed on under an address of loopback."""
        found = self._relay.exporter(address)
        return self._names.get(found) if isinstance(found, str) else None

    def exporters(self) -> Iterator[tuple[str, ExporterCounts]]:
        """Every address that has exported, with what was counted of it."""
        return ((address, each.counts) for address, each in self._exporters.items())

    def forget(self) -> None:
        """A decoder began anew: it knows no templates."""
        for each in self._exporters.values():
            each.forget()

    def decoder_dropped(self, name: str, port: int, total: int) -> None:
        """The kernel's count of drops at a decoder's socket; every life of a decoder has a port of its own."""
        before = self._dropped.get((name, port), 0)
        if total > before:
            self.decoder.add(name, total - before)
            self._dropped = {(name, port): total, **{key: n for key, n in self._dropped.items() if key[0] != name}}

    def untold(self) -> bool:
        return any(self._counts())

    def drops(self) -> dict[str, int]:
        """What was counted since the last call, as `Batch.drops` names it."""
        return {reason: count for counts in self._counts() for reason, count in counts.tell().items()}

    def _counts(self) -> tuple[SourceCounts, ...]:
        return (
            *(self.strangers, self.kernel, self.malformed, self.templates),
            *(self.away, self.decoder, self.unknown, self.full),
        )
