"""Which services fail, by what their checks found last."""

import logging
from collections.abc import Collection

from api.cities import Moment
from api.settings import ApiSettings
from api.views.services import failing, newest
from wardwatch.errors import StoreFault
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import Clock
from wardwatch.ports import RecordReader

log = logging.getLogger(__name__)


class FailingServices:
    """A few seconds old at most: every page asks it."""

    def __init__(self, records: RecordReader, settings: ApiSettings, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._kept: Moment[str, frozenset[str]] = Moment(settings.failing_ttl_s, 1, grace_s=settings.failing_ttl_s)

    def __call__(self, inventory: Inventory) -> Collection[str]:
        return self._kept.get("", lambda: self._read(inventory)) if inventory.checks else frozenset()

    def _read(self, inventory: Inventory) -> frozenset[str]:
        now = self._clock()
        try:
            results = newest(self._records, now)
        except StoreFault as fault:
            # The wall must show devices also when no samples can be read.
            log.error("checks of services cannot be read reason=%s", fault)
            return frozenset()
        failed = failing(inventory.checks.values(), results, now)
        return frozenset(inventory.checks[check].service for check in failed)
