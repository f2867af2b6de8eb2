"""What nodes need to carry calls: every active device's digests, every active provider's address and password."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
import time
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import connection

from portal.devices.models import Device as DeviceRow
from portal.routing.models import Provider as ProviderRow
from switch_adapters.base import Device, Provider, Provision, to_wire
from tenants.context import in_operator, leave_operator
from tenants.lookup import operator_by_id

if TYPE_CHECKING:
    from exchange.engine import Engine

LOOK_EVERY_SECONDS = 0.5
WHOLE_SECONDS = 30.0
Part = tuple[tuple[Device, ...], tuple[Provider, ...]]
log = structlog.get_logger()


class Provisions:
    """Follows the books: an operator whose book changed is read again, the rest is remembered."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.current = Provision(version="")
        self._parts: dict[int, tuple[int, Part]] = {}
        self._since = time.monotonic()

    async def keep_current(self) -> None:
        while True:
            try:
                if await self._read_changed():
                    self.current = self._together()
                    await self.engine.board.provision_changed()
            except Exception as error:  # what nodes have goes on; the next look is due
                log.warning("provision can't be made", error=str(error))
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _read_changed(self) -> bool:
        """Read the operators whose books changed; True if nodes need to hear of it."""
        versions = self.engine.shelf.books.versions()
        gone = set(self._parts) - set(versions)
        for operator_id in gone:
            del self._parts[operator_id]
        is_new = bool(gone)
        for operator_id, version in versions.items():
            known = self._parts.get(operator_id)
            if known is not None and known[0] == version:
                continue
            try:
                part = await asyncio.to_thread(read_part, operator_id)
            except Exception as error:  # the others must not wait for this one
                log.warning("an operator's provision can't be read", operator=operator_id, error=str(error))
                continue
            self._parts[operator_id] = (version, part)
            is_new = is_new or known is None or known[1] != part
        if self.current.version:
            return is_new
        # Half a provision would cut the other half off: the first one waits a while until all have been read.
        whole = len(self._parts) == len(versions)
        return bool(versions) and (whole or time.monotonic() - self._since > WHOLE_SECONDS)

    def _together(self) -> Provision:
        parts = [part for _, (_, part) in sorted(self._parts.items())]
        devices = tuple(one for part in parts for one in part[0])
        providers = tuple(one for part in parts for one in part[1])
        # For when no exchange answers: the node then carries these by itself, over this one provider.
        numbers = tuple(settings.EMERGENCY_NUMBERS)
        whole = Provision("", devices, providers, numbers, settings.EMERGENCY_ENDPOINT if numbers else "")
        version = hashlib.sha256(json.dumps(to_wire(whole), sort_keys=True).encode()).hexdigest()[:16]
        return dataclasses.replace(whole, version=version)


def read_part(operator_id: int) -> Part:
    """One operator's devices and providers. A suspended operator, customer or device has no service: it isn't there."""
    try:
        leave_operator()
        operator = operator_by_id(operator_id)
        if operator is None or not operator.is_active:
            return (), ()
        with in_operator(operator):
            devices = DeviceRow.objects.filter(
                state=DeviceRow.State.ACTIVE, archived_at=None, customer__state="active", identity_id__isnull=False
            )
            providers = ProviderRow.objects.filter(active=True, carrier_id__isnull=False)
            return (
                tuple(
                    Device(one.username, one.username, settings.SIP_REALM, one.digest_md5, one.digest_sha256)
                    for one in devices.order_by("pk")
                ),
                tuple(
                    Provider(one.endpoint, one.host, one.port, one.transport, one.username, one.secret, one.register)
                    for one in providers.order_by("pk")
                ),
            )
    finally:
        connection.close()
