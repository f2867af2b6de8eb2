"""`make demo`: a database, the demo's operators, and web, exchange, worker and simulator, until Ctrl-C."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psycopg

from config import environment, prepare
from config.postgres import PostgresUnavailable, Server

HOSTS = ("root", "acme", "beta")
PATIENCE_SECONDS = 60
ROLES = {"web": "web", "worker": "web", "exchange": "engine", "simulator": "web"}


class CannotStart(RuntimeError):
    """One sentence for whoever typed `make demo`."""


def main() -> int:
    """Run until told to stop; 0 after Ctrl-C, 1 with a sentence if something is in the way."""
    started = time.monotonic()
    # `kill` must clean up like Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        Demo(environment.data_dir(), int(environment.text("PORT", "8000"))).run(started)
    except KeyboardInterrupt:
        say("Stopped.")
    except (CannotStart, PostgresUnavailable, environment.BadEnvironment, psycopg.Error, OSError) as error:
        say(str(error))
        return 1
    return 0


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Demo:
    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port, self.exchange_port = folder, port, port + 10
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.server: Server | None = None

    def run(self, started: float) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "demo.lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotStart(
                    "The demo of this folder runs already: stop it first, or use another TANDEM_DATA."
                ) from None
            for port in (self.port, self.exchange_port):
                refuse_busy(port)
            try:
                self._make_ready()
                self._start_all()
                self._wait_until_all_answer()
                self._tell(time.monotonic() - started)
                self._watch()
            finally:
                self._stop_all()

    # -- Database ------------------------------------------------------------------------------------------------------

    def _make_ready(self) -> None:
        if environment.flag("RESET"):
            self._forget()
        if url := environment.text("DATABASE_URL"):
            admin = prepare.parse_url(url)
            name = admin["dbname"]
        else:
            self.server = Server(self.folder)
            self.server.start()
            admin, name = self.server.dsn, "tandem"
        fresh = self._prepare_database(admin, name)
        command("migrate", "-v", "0", TANDEM_ROLE="owner")
        if fresh or not (self.folder / "demo.json").exists():
            say("Opening the demo's operators ...")
            command("make_demo", TANDEM_OPENS_OPERATORS="1")

    def _prepare_database(self, admin: dict[str, Any], name: str) -> bool:
        prepare.make_roles(admin)
        made = prepare.make_database(admin, name)
        prepare.remember(admin | {"dbname": name})
        return made

    def _forget(self) -> None:
        if url := environment.text("DATABASE_URL"):
            prepare.drop_database(prepare.parse_url(url))
        elif (self.folder / "pg").exists():
            Server(self.folder).stop()
        for name in ("pg", "run", "books", "media", "mail", "demo.json", "node.secret", "database.json"):
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    # -- Processes -----------------------------------------------------------------------------------------------------

    def _start_all(self) -> None:
        known = json.loads((self.folder / "demo.json").read_text())
        settings = [
            f'exchanges = ["http://127.0.0.1:{self.exchange_port}"]',
            f"secret_file = {json.dumps(str(self.folder / 'node.secret'))}",
            "calls_per_minute = 30",
            "mean_talk_seconds = 40",
        ]
        for caller in known["callers"]:
            settings += ["[[callers]]", *(f"{key} = {json.dumps(value)}" for key, value in caller.items())]
        (self.folder / "simulator.toml").write_text("\n".join(settings) + "\n")
        tandem = [sys.executable, "-m", "config.cli"]
        self._start("exchange", [*tandem, "exchange", "--port", str(self.exchange_port)])
        self._start("web", [*tandem, "serve", "--port", str(self.port)])
        self._start("worker", [*tandem, "worker"])
        wait_for(self.exchange_port, self.children["exchange"], "exchange", self.folder)
        self._start(
            "simulator",
            [sys.executable, "-m", "switch_adapters.simulator", "--config", str(self.folder / "simulator.toml")],
        )

    def _start(self, name: str, arguments: list[str]) -> None:
        logs = self.folder / "log"
        logs.mkdir(exist_ok=True)
        own = {
            "TANDEM_ROLE": ROLES[name], "TANDEM_DATA": str(self.folder), "PORT": str(self.port),
            "EXCHANGE_URL": f"http://127.0.0.1:{self.exchange_port}",
        }  # fmt: skip
        if name == "worker":
            own["TANDEM_OPENS_OPERATORS"] = "1"
        if name == "web":
            own["TANDEM_POOL"] = "1"
        with open(logs / f"{name}.log", "ab") as log:
            self.children[name] = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | own, cwd=environment.ROOT,
                # Its own session, so that Ctrl-C reaches us alone and we stop things in order.
                start_new_session=True, preexec_fn=die_with_parent,
            )  # fmt: skip

    def _wait_until_all_answer(self) -> None:
        ends = time.monotonic() + PATIENCE_SECONDS
        for host in HOSTS:
            while not self._answers(host):
                self._refuse_dead()
                if time.monotonic() > ends:
                    raise CannotStart(f"{self._url(host)} does not answer: see {self.folder / 'log'}.")
                time.sleep(0.1)

    def _answers(self, host: str) -> bool:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/sign-in/", headers={"Host": f"{host}.{self._domain()}:{self.port}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 (our own address)
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _refuse_dead(self) -> None:
        for name, child in self.children.items():
            if child.poll() is not None:
                tail = (self.folder / "log" / f"{name}.log").read_text(errors="replace").strip().splitlines()[-1:]
                raise CannotStart(f"{name} ended: {' '.join(tail)} (see {self.folder / 'log' / name}.log)")

    def _watch(self) -> None:
        while True:
            time.sleep(0.5)
            self._refuse_dead()

    def _stop_all(self) -> None:
        # A second Ctrl-C must not leave half of it running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for name in ("simulator", "web", "worker", "exchange"):
            if child := self.children.get(name):
                child.terminate()
        ends = time.monotonic() + 8
        for child in self.children.values():
            try:
                child.wait(max(0.1, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass
            # What a child had started (the book builder) goes with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        if self.server is not None:
            self.server.stop()

    # -- What people read ----------------------------------------------------------------------------------------------

    def _domain(self) -> str:
        return environment.text("BASE_DOMAIN", "localhost")

    def _url(self, host: str) -> str:
        return f"http://{host}.{self._domain()}:{self.port}"

    def _tell(self, seconds: float) -> None:
        words = json.loads((self.folder / "demo.json").read_text())["passwords"]
        say(f"\nReady in {seconds:.1f} s. Ctrl-C stops everything; data stay in {self.folder}.\n")
        for host, who, people in (
            ("root", "the owner", ("olga", "petra")), ("acme", "a reseller", ("rita", "carla")),
            ("beta", "a Reseller PRO", ("ben", "dan")),
        ):  # fmt: skip
            say(f"  {self._url(host)}  ({who})")
            for person, role in zip(people, ("staff", "a customer"), strict=True):
                say(f"      {person} / {words[person]}   {role}")
        say("")


def command(*arguments: str, **env: str) -> None:
    """One of our own commands, to its end. Raises CannotStart with its last words."""
    done = subprocess.run(
        [sys.executable, "-m", "config.cli", *arguments], cwd=environment.ROOT, env=os.environ | env,
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise CannotStart(f"tandem {arguments[0]} failed: {(done.stderr or done.stdout).strip()[-2000:]}")


def wait_for(port: int, child: subprocess.Popen[bytes], name: str, folder: Path) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        if child.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise CannotStart(f"The {name} did not start: see {folder / 'log' / name}.log.")


def refuse_busy(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CannotStart(
                f"Port {port} is in use. Choose others with PORT=, for example: make demo PORT=9000"
            ) from None


def die_with_parent() -> None:
    """Linux: end this child when the demo is killed in a way it can't clean up after."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
