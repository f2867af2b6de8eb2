"""What nodes need to carry calls: every active device's digests, every active provider's address and password."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from portal.devices.models import Device as DeviceRow
from portal.routing.models import Provider as ProviderRow
from switch_adapters.base import Device, Provider, Provision, to_wire
from tenants.context import in_operator
from tenants.lookup import operator_by_id

if TYPE_CHECKING:
    from exchange.engine import Engine

LOOK_EVERY_SECONDS = 0.5
Part = tuple[tuple[Device, ...], tuple[Provider, ...]]
log = structlog.get_logger()


class Provisions:
    """Follows the books: an operator whose book changed is read again, the rest is remembered."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.current = Provision(version="")
        self._parts: dict[int, tuple[int, Part]] = {}

    async def keep_current(self) -> None:
        while True:
            try:
                if await self._read_changed():
                    self.current = self._together()
                    await self.engine.board.provision_changed()
            except DatabaseError as error:
                log.warning("provision can't be read", error=str(error))
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _read_changed(self) -> bool:
        versions = self.engine.shelf.books.versions()
        before = self.current.version
        for gone in set(self._parts) - set(versions):
            del self._parts[gone]
            before = ""
        changed = [one for one, version in versions.items() if self._parts.get(one, (-1,))[0] != version]
        for operator_id in changed:
            part = await asyncio.to_thread(read_part, operator_id)
            known = self._parts.get(operator_id)
            self._parts[operator_id] = (versions[operator_id], part)
            if known is None or known[1] != part:
                before = ""
        return before == "" and bool(versions)

    def _together(self) -> Provision:
        devices = tuple(one for _, part in self._parts.values() for one in part[0])
        providers = tuple(one for _, part in self._parts.values() for one in part[1])
        whole = Provision("", devices, providers)
        version = hashlib.sha256(json.dumps(to_wire(whole), sort_keys=True).encode()).hexdigest()[:16]
        return Provision(version, devices, providers)


def read_part(operator_id: int) -> Part:
    """One operator's devices and providers. A suspended operator, customer or device has no service: it isn't there."""
    connection.set_schema_to_public()
    operator = operator_by_id(operator_id)
    if operator is None or not operator.is_active:
        return (), ()
    with in_operator(operator):
        devices = DeviceRow.objects.filter(
            state=DeviceRow.State.ACTIVE, archived_at=None, customer__state="active", identity_id__isnull=False
        )
        parts = (
            tuple(
                Device(one.username, one.username, settings.SIP_REALM, one.digest_md5, one.digest_sha256)
                for one in devices.order_by("pk")
            ),
            tuple(
                Provider(one.endpoint, one.host, one.port, one.transport, one.username, one.secret, one.register)
                for one in ProviderRow.objects.filter(active=True, carrier_id__isnull=False).order_by("pk")
            ),
        )
    connection.close()
    return parts
