"""The whole city as agents: every device of an inventory becomes what answers for it."""

import hashlib
import ipaddress
from collections.abc import Callable, Collection
from datetime import datetime

from collectors.snmp.simulator.agent import DeviceAgent
from collectors.snmp.simulator.cabling import Cabling, Socket
from collectors.snmp.simulator.config import SimulatorSettings
from collectors.snmp.simulator.counts import Counts
from collectors.snmp.simulator.device_model import build_tree
from collectors.snmp.simulator.fault_calendar import FaultCalendar
from collectors.snmp.simulator.keys import AUTHENTICATION, PRIVACY, Authentication, Privacy, localised_key, privacy_key
from collectors.snmp.simulator.live import LiveDevice, LivePort, Meter
from collectors.snmp.simulator.load import Flows, share_load
from collectors.snmp.simulator.products import Product, Products
from collectors.snmp.simulator.surroundings import LAN, Surroundings, tells_by_vlan
from collectors.snmp.simulator.traffic import EPOCH_S, fraction
from collectors.snmp.simulator.tree import TreeBuilder
from collectors.snmp.simulator.usm import UsmEngine, UsmUser
from wardwatch.errors import UserError
from wardwatch.model.inventory import Credential, Device, Inventory

_DAY_S = 86_400
_SHORTEST_PASSWORD = 8
_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")

Endpoint = tuple[bytes, int]
"""Packed IPv4 address and UDP port."""


def build_city(
    settings: SimulatorSettings,
    inventory: Inventory,
    secrets: Callable[[str], str],
    cabling: Cabling,
    products: Products,
    calendar: FaultCalendar,
    start: datetime,
    counts: Counts,
) -> dict[Endpoint, DeviceAgent]:
    """Every device's agent by where it answers. Raises `UserError` for a device that cannot answer."""
    flows = share_load(inventory, cabling, settings.seed)
    builder = TreeBuilder()
    surroundings = Surroundings(inventory, cabling, products, settings.seed)
    agents: dict[Endpoint, DeviceAgent] = {}
    for device in inventory.devices.values():
        endpoint = _endpoint(device)
        if endpoint in agents:
            other = agents[endpoint].device
            raise UserError(
                f"devices '{other}' and '{device.id}' have the same address {device.address}:{device.snmp_port}",
                "give each simulated device an address of its own",
            )
        product = products.product(device)
        sockets = cabling.sockets[device.id]
        ports = _ports(device, sockets, flows, calendar, settings.seed)
        first_boot_s, boots = _first_boot(device, settings.seed, start)
        live = LiveDevice(device.id, first_boot_s, boots, calendar.off(device.id), ports)
        tree = build_tree(device, inventory, product, sockets, ports, builder, surroundings.of(device))
        agent = DeviceAgent(device.id, tree, live, counts, max_reply_bytes=settings.max_reply_bytes)
        _log_in(agent, device, inventory, product, secrets, settings.seed)
        agents[endpoint] = agent
    return agents


def _endpoint(device: Device) -> Endpoint:
    try:
        address = ipaddress.IPv4Address(device.address)
    except ValueError:
        address = None
    if address is None or address not in _LOOPBACK:
        raise UserError(
            f"device '{device.id}' has the address {device.address}, and the simulator answers on 127.0.0.0/8 only",
            "simulate an inventory made for it, such as the demo city",
        )
    return address.packed, device.snmp_port


def _ports(device: Device, sockets: list[Socket], flows: Flows, calendar: FaultCalendar, seed: int) -> list[LivePort]:
    ports = []
    for row, socket in enumerate(sockets):
        incoming, outgoing = flows.get((device.id, row), (None, None))
        down = calendar.down(device.id, row)
        # One port in forty has a poor cable; a server without links in the inventory still has its first port up.
        poor = fraction(seed, device.id, row, "errors") < 0.025
        lonely = row == 0 and not any(other.link for other in sockets)
        ports.append(
            LivePort(
                Meter(incoming, down),
                Meter(outgoing, down),
                down,
                idle=socket.link is None and incoming is None and not lonely,
                packet_octets=int(280 + 760 * fraction(seed, device.id, row, "packets")),
                error_one_in=int(20_000 + 400_000 * fraction(seed, device.id, row, "cable")) if poor else 0,
                wrap=calendar.wrap(device.id, socket.name),
            )
        )
    return ports


def _first_boot(device: Device, seed: int, start: datetime) -> tuple[float, int]:
    """When the device last started before the run, and how often before that. Devices restart on a calendar of their
    own (every 60 to 400 days, under the 497 of sysUpTime), so that a simulator started again finds the same uptime."""
    period_s = (60 + 340 * fraction(seed, device.id, "period")) * _DAY_S
    phase_s = period_s * fraction(seed, device.id, "phase")
    number = (start.timestamp() - EPOCH_S + phase_s) // period_s
    boots = max(int(number), 0)
    return EPOCH_S - phase_s + number * period_s, boots


def _log_in(
    agent: DeviceAgent,
    device: Device,
    inventory: Inventory,
    product: Product,
    secrets: Callable[[str], str],
    seed: int,
) -> None:
    """Gives the agent what its device's credential says."""
    credential = inventory.credentials.get(device.credential) if device.credential else None
    if credential is None:
        raise UserError(
            f"device '{device.id}' has no credential"
            if device.credential is None
            else f"device '{device.id}' names the credential '{device.credential}', which is not in the inventory",
            "give it one of kind snmp-v1, snmp-v2c or snmp-v3",
        )
    if credential.kind in {"snmp-v1", "snmp-v2c"} and credential.community:
        community = secrets(credential.community).encode()
        by_vlan = (community + b"@%d" % LAN,) if tells_by_vlan(device) else ()
        agent.communities = (community, *by_vlan)
    elif credential.kind == "snmp-v3" and credential.user:
        enterprise = product.object_id[6] if len(product.object_id) > 6 else 8072
        tail = hashlib.blake2b(f"{seed}\0{device.id}".encode(), digest_size=8).digest()
        # RFC 3411 SnmpEngineID: the vendor's number, format 5 (octets).
        engine_id = (1 << 31 | enterprise).to_bytes(4, "big") + b"\x05" + tail
        agent.contexts = (b"vlan-%d" % LAN,) if tells_by_vlan(device) else ()
        agent.engine = UsmEngine(engine_id, _user(credential, secrets, engine_id))
    else:
        raise UserError(
            f"credential '{credential.id}' cannot be simulated",
            "it needs kind snmp-v1 or snmp-v2c with a community, or snmp-v3 with a user",
        )


def _user(credential: Credential, secrets: Callable[[str], str], engine_id: bytes) -> UsmUser:
    name = (credential.user or "").encode()
    if credential.auth_protocol is None:
        return UsmUser(name, None, None)
    algorithm = _known(credential, credential.auth_protocol, AUTHENTICATION.keys(), "auth_protocol")
    key = localised_key(_password(credential, credential.auth_key, secrets), algorithm, engine_id)
    authentication = Authentication(algorithm, key)
    if credential.privacy_protocol is None:
        return UsmUser(name, authentication, None)
    protocol = _known(credential, credential.privacy_protocol, PRIVACY.keys(), "privacy_protocol")
    password = _password(credential, credential.privacy_key, secrets)
    return UsmUser(name, authentication, Privacy(protocol, privacy_key(password, algorithm, protocol, engine_id)))


def _known(credential: Credential, word: str, known: Collection[str], what: str) -> str:
    plain = word.lower().replace("-", "")
    if plain not in known:
        raise UserError(f"credential '{credential.id}' has the {what} '{word}'", f"known: {', '.join(known)}")
    return plain


def _password(credential: Credential, reference: str | None, secrets: Callable[[str], str]) -> bytes:
    word = secrets(reference).encode() if reference else b""
    if len(word) < _SHORTEST_PASSWORD:
        raise UserError(
            f"credential '{credential.id}' has a key of fewer than 8 characters", "RFC 3414 section 11.2 forbids it"
        )
    return word
