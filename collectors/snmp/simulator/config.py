"""The settings of the simulator."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """How the simulator answers.

    `seed` fixes MAC addresses, traffic and which ports are used: the same seed and inventory make the same city.
    `max_reply_bytes` is the largest reply (a GETBULK is cut to it, as agents do that stay within one Ethernet frame).
    `max_delayed` bounds the replies that slow agents hold back; more are dropped and counted.
    `receive_buffer_bytes` is asked of the kernel, which may give less (net.core.rmem_max) unless we are root.
    """

    seed: int = 1
    interface: str = "lo"
    max_reply_bytes: int = 1472
    max_delayed: int = 10_000
    receive_buffer_bytes: int = 8 * 1024 * 1024
    batch: int = 256
