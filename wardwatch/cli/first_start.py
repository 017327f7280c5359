"""What the first `wardwatch up` on a data folder does before any process runs."""

from api.administrator import ensure_administrator
from wardwatch.demo.prepare import prepare_demo
from wardwatch.demo.variants import ADMINISTRATOR_FILE, DemoVariant, login_words
from wardwatch.installation import read_installation
from wardwatch.model.access import Actor
from wardwatch.model.time import utc_now
from wardwatch.secrets import write_secrets
from wardwatch.settings import DataFolder


def prepare(data: DataFolder, demo: bool, seed: int, variant: DemoVariant, snmp_port: int) -> str:
    """Makes the demo's city and the first administrator where they are missing; the words to print.

    A demo's password is kept last, so that it marks a folder that is wholly prepared.
    """
    if demo:
        prepare_demo(data, seed, variant, snmp_port)
    state = read_installation(data).open_state(utc_now)
    try:
        password = ensure_administrator(state, Actor.system("up"), utc_now)
    finally:
        state.close()
    if password is None:
        return ""
    if demo:
        write_secrets(data.secrets, {ADMINISTRATOR_FILE: password})
    return login_words(password, demo)
