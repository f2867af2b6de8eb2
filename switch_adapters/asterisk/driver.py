"""Asterisk as the agent drives it: files and a reload, and two links of different rights to its manager interface."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
from pathlib import Path

from switch_adapters.agent.config import read_secret
from switch_adapters.agent.driver import MediaServerAway, Refused
from switch_adapters.asterisk.ami import AmiClient, AmiError
from switch_adapters.asterisk.layout import write_private
from switch_adapters.asterisk.objects import write_objects
from switch_adapters.base import Provision

log = logging.getLogger(__name__)

RELOADED = ("res_pjsip.so", "res_pjsip_endpoint_identifier_ip.so", "res_pjsip_outbound_registration.so")


class AsteriskDriver:
    def __init__(
        self, etc: Path, ami_port: int, calls_secret_file: Path, reload_secret_file: Path, debounce_seconds: float = 2.0
    ) -> None:
        self._etc = etc
        self._port = ami_port
        self._calls_secret_file = calls_secret_file
        self._reload_secret_file = reload_secret_file
        self._debounce = debounce_seconds
        self._link: AmiClient | None = None
        self._boot = ""
        self._reloaded_at = -debounce_seconds
        self._reloading = asyncio.Lock()

    @property
    def boot(self) -> str:
        return self._boot

    async def run(self) -> None:
        """Connect, wait for the end, connect again. The boot id is Asterisk's own start time, in its own clock."""
        while True:
            try:
                link = await AmiClient.connect(self._port, "calls", read_secret(self._calls_secret_file))
                status = await link.action("CoreStatus")
                started = status.get("CoreStartupDate", "") + "T" + status.get("CoreStartupTime", "")
                self._boot = re.sub(r"[^0-9T]", "", started)
                self._link = link
                log.info("Asterisk is there, boot %s", self._boot)
                await link.closed.wait()
                log.warning("the link to Asterisk broke")
            except (OSError, TimeoutError, AmiError) as problem:
                log.debug("Asterisk is away: %s", problem)
            self._link, self._boot = None, ""
            await asyncio.sleep(0.5)

    async def set_deadline(self, channel: str, seconds: float) -> None:
        await self._do("AbsoluteTimeout", Channel=channel, Timeout=f"{max(seconds, 0.01):.3f}")

    async def hang_up(self, channel: str) -> None:
        await self._do("Hangup", Channel=channel)

    async def live(self) -> dict[str, str]:
        if self._link is None:
            raise MediaServerAway("Asterisk is away")
        try:
            rows = await self._link.rows("CoreShowChannels")
        except AmiError as problem:
            raise MediaServerAway(str(problem)) from None
        return {
            row["AccountCode"]: row["Channel"]
            for row in rows
            if row.get("AccountCode") and row.get("Uniqueid") == row.get("Linkedid") and "Channel" in row
        }

    async def apply(self, provision: Provision) -> list[Refused]:
        """Write both files, reload once, and see that the reload was taken: Asterisk calls a refused one a success."""
        async with self._reloading:
            wait = self._reloaded_at + self._debounce - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            digest = hashlib.sha256(repr(provision).encode()).hexdigest()[:20]
            objects = write_objects(provision, f"v{digest}")
            write_private(self._etc / "pjsip_devices.conf", objects.devices)
            write_private(self._etc / "pjsip_providers.conf", objects.providers)
            try:
                link = await AmiClient.connect(self._port, "reload", read_secret(self._reload_secret_file))
                try:
                    for module in RELOADED:
                        await link.action("ModuleLoad", Module=module, LoadType="reload")
                    await self._see(link, objects.sentinel)
                finally:
                    await link.close()
            except (OSError, TimeoutError, AmiError) as problem:
                raise MediaServerAway(f"provisioning was not taken: {problem}") from None
            finally:
                self._reloaded_at = time.monotonic()
            return list(objects.refused)

    @staticmethod
    async def _see(link: AmiClient, sentinel: str) -> None:
        for _ in range(100):  # a reload of 20,000 devices took 14 s
            found = await link.action("Getvar", Variable=f"AST_SORCERY(res_pjsip,aor,{sentinel},max_contacts)")
            if found.get("Value", "").strip() == "0":
                return
            await asyncio.sleep(0.2)
        raise AmiError("the new configuration did not come into force; Asterisk's log says why")

    async def _do(self, name: str, **headers: str) -> None:
        if self._link is None:
            raise MediaServerAway("Asterisk is away")
        try:
            await self._link.action(name, **headers)
        except AmiError as problem:
            raise MediaServerAway(str(problem)) from None
