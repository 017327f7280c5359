"""The same change by netmiko alone, as a person's script does it: what our push is measured beside."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from netmiko import ConnectHandler

from playbooks.lab.server import PASSWORD, USER


def pushed(ports: Mapping[str, int], driver: str, lines: list[str], workers: int) -> int:
    """Reads, changes, saves and reads again each device; how many have the last line afterwards. No plan, no lock, no
    journal, no check of an answer, and no second login."""

    def one(port: int) -> bool:
        link = ConnectHandler(device_type=driver, host="127.0.0.1", port=port, username=USER, password=PASSWORD)
        try:
            link.send_command("show running-config")
            link.send_config_set(lines)
            link.save_config()
            return lines[-1].strip() in str(link.send_command("show running-config"))
        finally:
            link.disconnect()

    with ThreadPoolExecutor(workers) as pool:
        return sum(pool.map(one, ports.values()))
