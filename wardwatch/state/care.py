"""Maintenance windows, digital certificates, and jobs that report."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from wardwatch.errors import NotFound
from wardwatch.model.access import Actor, Scope
from wardwatch.model.care import Heartbeat, HeldCertificate, Maintenance
from wardwatch.state.care_tables import heartbeat, held_certificate, maintenance
from wardwatch.state.database import Database
from wardwatch.state.dialects import upsert
from wardwatch.state.pages import in_scope


class SqlCareStore:
    """`wardwatch.care_ports.CareStore`. No window is deleted: what availability left out stays to be read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def plan(self, actor: Actor, window: Maintenance) -> None:
        with self._database.write(actor) as write:
            upsert(write.connection, maintenance, [asdict(window)])
            told = {name: str(value) for name, value in asdict(window).items() if value is not None}
            write.audit("maintenance.plan", window.id, told, [window.unit] if window.unit else [])

    def windows(self, scope: Scope, since: datetime) -> Sequence[Maintenance]:
        statement = (
            select(maintenance)
            .where(in_scope(scope, maintenance.c.unit), maintenance.c.ends_at > since)
            .where(or_(maintenance.c.ended_at.is_(None), maintenance.c.ended_at > since))
            .order_by(maintenance.c.starts_at, maintenance.c.id)
        )
        with self._database.read() as connection:
            return [Maintenance(**row) for row in connection.execute(statement).mappings()]

    def hold(self, actor: Actor, certificates: Sequence[HeldCertificate]) -> None:
        with self._database.write(actor) as write:
            upsert(write.connection, held_certificate, [asdict(each) for each in certificates])
            units = sorted({each.unit for each in certificates})
            write.audit("certificate.hold", "certificates", {"ids": [each.id for each in certificates]}, units)

    def let_go(self, actor: Actor, certificate: str) -> None:
        with self._database.write(actor) as write:
            named = held_certificate.c.id == certificate
            unit = write.connection.execute(select(held_certificate.c.unit).where(named)).scalar()
            if unit is None:
                raise NotFound(f"there is no certificate '{certificate}'", "read the list again")
            write.connection.execute(delete(held_certificate).where(named))
            write.audit("certificate.let_go", certificate, {}, [unit])

    def certificates(self, scope: Scope) -> Sequence[HeldCertificate]:
        statement = (
            select(held_certificate)
            .where(in_scope(scope, held_certificate.c.unit))
            .order_by(held_certificate.c.valid_to, held_certificate.c.id)
        )
        with self._database.read() as connection:
            return [HeldCertificate(**row) for row in connection.execute(statement).mappings()]


class SqlHeartbeatStore:
    """`wardwatch.care_ports.HeartbeatStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, actor: Actor, job: Heartbeat) -> None:
        with self._database.write(actor) as write:
            upsert(write.connection, heartbeat, [asdict(job)])
            write.audit("heartbeat.put", job.id, {"name": job.name, "every_s": job.every_s}, [job.unit])

    def jobs(self, scope: Scope) -> Sequence[Heartbeat]:
        statement = select(heartbeat).where(in_scope(scope, heartbeat.c.unit)).order_by(heartbeat.c.id)
        with self._database.read() as connection:
            return [Heartbeat(**row) for row in connection.execute(statement).mappings()]

    def beat(self, actor: Actor, token_hash: str, at: datetime, ok: bool, detail: str) -> Heartbeat | None:
        with self._database.write(actor) as write:
            found = select(heartbeat).where(heartbeat.c.token_hash == token_hash)
            row = write.connection.execute(found).mappings().first()
            if row is None:
                return None
            job = replace(Heartbeat(**row), last_at=at, last_ok=ok, detail=detail)
            beaten = update(heartbeat).where(heartbeat.c.id == job.id)
            write.connection.execute(beaten.values(last_at=at, last_ok=ok, detail=detail))
            if ok != row["last_ok"]:
                write.audit("heartbeat.beat", job.id, {"ok": ok, "detail": detail}, [job.unit])
            return job

    def remove(self, actor: Actor, job: str) -> None:
        with self._database.write(actor) as write:
            unit = write.connection.execute(select(heartbeat.c.unit).where(heartbeat.c.id == job)).scalar()
            if unit is None:
                raise NotFound(f"there is no job '{job}'", "read the list again")
            write.connection.execute(delete(heartbeat).where(heartbeat.c.id == job))
            write.audit("heartbeat.remove", job, {}, [unit])
