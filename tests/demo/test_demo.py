"""`make demo` as somebody would use it: it answers, stops without a trace, keeps its data, says what is wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.base_database import ROOT


def free_ports() -> int:
    """A port whose tenth neighbour is free too: the demo takes both."""
    for port in range(18400, 19400, 20):
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 10))
                return port
            except OSError:
                continue
    raise AssertionError("no free port")


class Demo:
    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_ports()
        self.process: subprocess.Popen[str] | None = None
        self.said: list[str] = []

    def start(self, **env: str) -> None:
        own = {key: value for key, value in os.environ.items() if not key.startswith("TANDEM")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.cli", "demo"], cwd=ROOT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=own | {"TANDEM_DATA": str(self.home), "PORT": str(self.port)} | env, start_new_session=True,
        )  # fmt: skip

    def until_ready(self) -> None:
        assert self.process is not None and self.process.stdout is not None
        self.said = []
        for line in self.process.stdout:
            self.said.append(line)
            if "dan /" in line:
                return
        raise AssertionError("".join(self.said))

    def get(self, host: str, path: str = "/sign-in/") -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Host": f"{host}.localhost:{self.port}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def stop(self) -> str:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        rest = self.process.communicate(timeout=40)[0]
        self.process = None
        return rest


def processes_of(home: Path) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(home).encode() in words and int(entry.name) != os.getpid():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[Demo]:
    home = Path(tmp_path_factory.mktemp("demo")) / "data"
    # pytest's own directories are closed to others; PostgreSQL runs as another user when we are root.
    if os.geteuid() == 0:
        home = Path(f"/var/lib/tandem/demo-test-{os.getpid()}")
    made = Demo(home)
    made.start()
    made.until_ready()
    yield made
    if made.process is not None:
        made.stop()
    subprocess.run(["rm", "-rf", str(home)], check=True)


def test_every_printed_address_answers_under_its_own_brand(demo):
    assert "Acme Telecom" in demo.get("acme")
    assert "Beta Voice" in demo.get("beta")
    assert "Northwind Voice" in demo.get("root")
    words = json.loads((demo.home / "demo.json").read_text())["passwords"]
    for name in words:
        assert any(f"{name} / {words[name]}" in line for line in demo.said)


def test_files_with_secrets_are_closed_to_others(demo):
    for name in ("demo.json", "node.secret", "secrets.json"):
        assert stat.S_IMODE((demo.home / name).stat().st_mode) == 0o600, name


def test_a_second_demo_in_the_same_place_says_so(demo):
    other = Demo(demo.home)
    other.start()
    assert "runs already" in other.process.communicate(timeout=30)[0]
    assert other.process.returncode == 1


def test_a_busy_port_is_named(demo):
    other = Demo(demo.home.with_name(demo.home.name + "-other"))
    other.port = demo.port
    other.start()
    said = other.process.communicate(timeout=30)[0]
    assert f"Port {demo.port} is in use" in said and "PORT=" in said
    subprocess.run(["rm", "-rf", str(other.home)], check=True)


def test_calls_are_priced_while_it_runs(demo):
    """The simulator's calls reach the books: some have ended and were charged within half a minute."""
    import psycopg

    from config.postgres import Server

    place = Server(demo.home).dsn | {"dbname": "tandem"}
    ends = time.monotonic() + 60
    with psycopg.connect(**place, autocommit=True) as connection:
        while time.monotonic() < ends:
            charged = connection.execute("select count(*) from ledger_transfer where kind = 'call'").fetchone()[0]
            if charged:
                break
            time.sleep(1)
        assert charged
        assert connection.execute("select count(*) from calls_call where estimated").fetchone()[0] == 0


def test_ctrl_c_leaves_no_process_port_or_socket_and_a_second_start_keeps_the_data(demo):
    words = (demo.home / "demo.json").read_text()
    assert "Stopped." in demo.stop()
    assert processes_of(demo.home) == []
    for port in (demo.port, demo.port + 10):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    assert not list((demo.home / "run").glob(".s.PGSQL*"))
    demo.start()
    demo.until_ready()
    assert (demo.home / "demo.json").read_text() == words
    assert not any("Opening the demo" in line for line in demo.said)


def test_a_process_that_dies_is_named_and_everything_stops(demo):
    victim = next(
        int(entry.name) for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and (entry / "cmdline").exists()
        and b"exchange\0--port\0" + str(demo.port + 10).encode() in (entry / "cmdline").read_bytes()
    )  # fmt: skip
    os.kill(victim, signal.SIGKILL)
    said = demo.process.communicate(timeout=40)[0]
    assert "exchange ended" in said
    assert demo.process.returncode == 1
    demo.process = None
    assert processes_of(demo.home) == []


def test_no_directory_above_the_data_changes_its_mode(tmp_path):
    """The wheel's own starter would open every directory above the data and the virtual environment to everybody."""
    from config.postgres import Server

    above = tmp_path / "closed"
    above.mkdir(mode=0o700)
    venv = Path(sys.prefix)
    before = {path: path.stat().st_mode for path in (above, *tmp_path.parents, venv, *venv.parents)}
    if os.geteuid() != 0:
        with Server(above / "data").used():
            pass
    else:
        home = Path(f"/var/lib/tandem/mode-test-{os.getpid()}")
        with Server(home).used():
            pass
        subprocess.run(["rm", "-rf", str(home)], check=True)
    assert {path: path.stat().st_mode for path in before} == before


def test_any_postgresql_will_do_given_a_role_that_may_make_roles_and_databases(tmp_path):
    """DATABASE_URL names a server of somebody's own, with real passwords; the user is no superuser."""
    import psycopg

    from config.postgres import Server

    place = tmp_path if os.geteuid() else Path(f"/var/lib/tandem/own-server-{os.getpid()}")
    server = Server(place / "server")
    try:
        with server.used():
            with psycopg.connect(**server.dsn, dbname="postgres", autocommit=True) as connection:
                connection.execute("create role plain login password 'pw' createrole createdb")
                rules = Path(connection.execute("show hba_file").fetchone()[0])
                rules.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
                connection.execute("select pg_reload_conf()")
            demo = Demo(place / "data")
            demo.start(DATABASE_URL=f"postgresql://plain:pw@/voice?host={server.socket_dir}&port=5432")
            demo.until_ready()
            assert "Acme Telecom" in demo.get("acme")
            with psycopg.connect(**server.dsn, dbname="voice", autocommit=True) as connection:
                rows = connection.execute(
                    "select usename from pg_stat_activity where usename like 'tandem%'"
                ).fetchall()
                assert {row[0] for row in rows} >= {"tandem_web", "tandem_engine"}
            demo.stop()
            assert processes_of(demo.home) == []
    finally:
        if os.geteuid() == 0:
            subprocess.run(["rm", "-rf", str(place)], check=True)


def test_a_database_address_that_is_wrong_is_one_sentence(tmp_path):
    for url, words in (
        ("mysql://x", "DATABASE_URL must look like"),
        ("postgresql://nobody@127.0.0.1:1/x", "connection"),
    ):
        demo = Demo(tmp_path)
        demo.start(DATABASE_URL=url)
        said = demo.process.communicate(timeout=30)[0]
        assert demo.process.returncode == 1
        assert words in said and "Traceback" not in said
