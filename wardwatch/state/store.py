"""The state store, put together."""

from contextlib import AbstractContextManager

from wardwatch.model.time import Clock
from wardwatch.state.accounts import SqlAccountStore
from wardwatch.state.alert_groups import SqlAlertGroupStore
from wardwatch.state.audit import SqlAuditLog
from wardwatch.state.care import SqlCareStore, SqlHeartbeatStore
from wardwatch.state.copies import SqlSnapshot
from wardwatch.state.database import Database
from wardwatch.state.detection import SqlDetectionStore
from wardwatch.state.devices import SqlDeviceStateStore
from wardwatch.state.discovery import SqlDiscoveryStore, SqlSearchStore
from wardwatch.state.edges import SqlEdgeStore
from wardwatch.state.incidents import SqlIncidentStore
from wardwatch.state.inventory import SqlInventoryStore
from wardwatch.state.settings import DEFAULTS, StateSettings
from wardwatch.state.shipping import SqlShippingBooks
from wardwatch.state.suppressions import SqlSuppressionStore
from wardwatch.state.topology import SqlSightingStore, SqlTopologyStore


class SqlStateStore:
    """`wardwatch.ports.StateStore` on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._inventory = SqlInventoryStore(database)
        self._devices = SqlDeviceStateStore(database)
        self._alert_groups = SqlAlertGroupStore(database)
        self._suppressions = SqlSuppressionStore(database)
        self._incidents = SqlIncidentStore(database)
        self._detection = SqlDetectionStore(database)
        self._accounts = SqlAccountStore(database)
        self._edges = SqlEdgeStore(database)
        self._searches = SqlSearchStore(database)
        self._discovery = SqlDiscoveryStore(database)
        self._topology = SqlTopologyStore(database)
        self._sightings = SqlSightingStore(database)
        self._care = SqlCareStore(database)
        self._heartbeats = SqlHeartbeatStore(database)
        self._shipping = SqlShippingBooks(database)
        self._audit = SqlAuditLog(database)

    @classmethod
    def open(cls, url: str, clock: Clock, settings: StateSettings = DEFAULTS) -> "SqlStateStore":
        """Opens the database and brings its schema up to date."""
        database = Database(url, clock, settings)
        try:
            database.migrate()
        except BaseException:
            database.close()
            raise
        return cls(database)

    @property
    def inventory(self) -> SqlInventoryStore:
        return self._inventory

    @property
    def devices(self) -> SqlDeviceStateStore:
        return self._devices

    @property
    def alert_groups(self) -> SqlAlertGroupStore:
        return self._alert_groups

    @property
    def suppressions(self) -> SqlSuppressionStore:
        return self._suppressions

    @property
    def incidents(self) -> SqlIncidentStore:
        return self._incidents

    @property
    def detection(self) -> SqlDetectionStore:
        return self._detection

    @property
    def accounts(self) -> SqlAccountStore:
        return self._accounts

    @property
    def edges(self) -> SqlEdgeStore:
        return self._edges

    @property
    def searches(self) -> SqlSearchStore:
        return self._searches

    @property
    def discovery(self) -> SqlDiscoveryStore:
        return self._discovery

    @property
    def topology(self) -> SqlTopologyStore:
        return self._topology

    @property
    def sightings(self) -> SqlSightingStore:
        return self._sightings

    @property
    def care(self) -> SqlCareStore:
        return self._care

    @property
    def heartbeats(self) -> SqlHeartbeatStore:
        return self._heartbeats

    @property
    def shipping(self) -> SqlShippingBooks:
        return self._shipping

    @property
    def audit(self) -> SqlAuditLog:
        return self._audit

    def together(self) -> AbstractContextManager[None]:
        return self._database.together()

    def snapshot(self) -> SqlSnapshot:
        return SqlSnapshot(self._database)

    def close(self) -> None:
        self._database.close()
