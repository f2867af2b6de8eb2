"""Running sipp: phones that call, providers that answer, and what its own message log says happened."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from switch_adapters.lab.asterisk import die_with_parent, free_ports

SCENARIOS = Path(__file__).with_name("sipp")


@dataclass(frozen=True, slots=True)
class Phone:
    """One call or registration to make. `wait_ms`: talk in call.xml, ring before giving up in cancel.xml."""

    identity: str
    secret: str
    called: str = "0"
    wait_ms: int = 0

    def line(self) -> str:
        login = f"[authentication username={self.identity} password={self.secret}]"
        return f"{self.identity};{login};{self.called};{self.wait_ms}"


@dataclass(frozen=True, slots=True)
class Heard:
    """One dialog as a message log tells it; instants are microseconds since 1970 UTC, None = did not happen."""

    call_id: str
    number: str
    caller: str
    invited_at: int
    answered_at: int | None
    ended_at: int | None
    final_code: int


class Sipp:
    """One sipp process. `port` is its own; `wait` gives its exit code, 0 = every call went as the scenario says."""

    def __init__(self, scenario: str, arguments: list[str], home: Path | None = None, **values: object) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="sipp-", dir=home))
        weakref.finalize(self, shutil.rmtree, self.home, ignore_errors=True)
        self.port = free_ports(1, socket.SOCK_DGRAM)[0]
        text = (SCENARIOS / scenario).read_text()
        for name, value in values.items():
            text = text.replace(f"@{name.upper()}@", str(value))
        (self.home / scenario).write_text(text)
        media = free_ports(1, socket.SOCK_DGRAM)[0]
        self.messages = self.home / "messages.log"
        self.errors = self.home / "errors.log"
        command = ["sipp", "-sf", str(self.home / scenario), "-i", "127.0.0.1", "-p", str(self.port)]
        command += ["-mp", str(media), "-nostdin", "-trace_msg", "-message_file", str(self.messages)]
        command += ["-trace_err", "-error_file", str(self.errors), *arguments]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=(self.home / "screen").open("wb"),
            stderr=subprocess.STDOUT,
            cwd=self.home,
            preexec_fn=die_with_parent,
        )

    def wait(self, seconds: float = 60) -> int:
        try:
            return self.process.wait(seconds)
        finally:
            self.stop()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def heard(self) -> list[Heard]:
        return read_messages(self.messages.read_text(errors="replace")) if self.messages.exists() else []

    def trouble(self) -> str:
        return self.errors.read_text(errors="replace")[-3000:] if self.errors.exists() else ""


def provider(scenario: str, *, code: int = 503, ring_ms: int = 400, home: Path | None = None) -> Sipp:
    """A carrier that goes on until stopped: answer.xml rings first, reject.xml refuses with its code."""
    return Sipp(scenario, [], home, code=code, ring=ring_ms)


def phones(scenario: str, sip_port: int, calls: Iterable[Phone], *, rate: float = 10, home: Path | None = None) -> Sipp:
    """Phones at one address that make these calls, `rate` a second."""
    lines = [one.line() for one in calls]
    table = Path(tempfile.mkstemp(prefix="phones-", suffix=".csv", dir=home)[1])
    table.write_text("SEQUENTIAL\n" + "\n".join(lines) + "\n")
    arguments = ["-inf", str(table), "-m", str(len(lines)), "-r", str(rate), "-l", "1000", f"127.0.0.1:{sip_port}"]
    return Sipp(scenario, arguments, home)


_STAMP = re.compile(r"^-{20,} (\d{4}-\d\d-\d\d)[ \t]+(\d\d:\d\d:\d\d\.\d+)", re.M)


def read_messages(text: str) -> list[Heard]:
    """Every dialog begun by an INVITE in a message log of sipp, in the order of the first INVITEs.

    The answer is the first 200 to an INVITE, the end the first BYE of either side. sipp writes local time; the lab
    runs it in the machine's zone, so the zone is asked of the machine.
    """
    stamps = list(_STAMP.finditer(text))
    dialogs: dict[str, dict[str, int | str | None]] = {}
    for number, stamp in enumerate(stamps):
        end = stamps[number + 1].start() if number + 1 < len(stamps) else len(text)
        message = text[stamp.end() : end]
        at = _microseconds(f"{stamp.group(1)} {stamp.group(2)}")
        call_id = _header(message, "Call-ID") or _header(message, "i")
        sequence = _header(message, "CSeq")
        first = re.search(r"^(?:(SIP/2\.0) (\d{3})|([A-Z]+) sips?:([^@\s;>]*))", message, re.M)
        if first is None or not call_id:
            continue
        dialog = dialogs.get(call_id)
        if first.group(3) == "INVITE":
            if dialog is None:
                caller = re.search(r"sips?:([^@>;]*)", _header(message, "From"))
                dialogs[call_id] = {
                    "number": first.group(4),
                    "caller": caller.group(1) if caller else "",
                    "invited": at,
                    "answered": None,
                    "ended": None,
                    "code": 0,
                }
        elif dialog is None:
            continue
        elif first.group(1) and sequence.endswith("INVITE"):
            code = int(first.group(2))
            if code >= 200 and code != 401:
                dialog["code"] = code
            if code == 200 and dialog["answered"] is None:
                dialog["answered"] = at
        elif first.group(3) == "BYE" and dialog["ended"] is None:
            dialog["ended"] = at
    return [
        Heard(call_id, one["number"], one["caller"], one["invited"], one["answered"], one["ended"], one["code"])  # type: ignore[arg-type]
        for call_id, one in dialogs.items()
    ]


def _header(message: str, name: str) -> str:
    found = re.search(rf"^{name}\s*:\s*(.*?)\r?$", message, re.M | re.I)
    return found.group(1).strip() if found else ""


def _microseconds(stamp: str) -> int:
    local = datetime.strptime(stamp[:26], "%Y-%m-%d %H:%M:%S.%f").astimezone()  # noqa: DTZ007
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    since = local - epoch
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds
