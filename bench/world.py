"""The world the benches call in: a chain of three, twenty thousand prepaid customers, two providers, one deck."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from config import prepare
from config.postgres import Server
from ledger.ids import Minter
from telecom.book import Book, Books, Customer, Device, Lcr, LcrEntry, Operator, OperatorKind, Provider, Tariff
from telecom.bookfile import decode, encode
from telecom.deck import Deck, DeckRow, build
from telecom.world import destinations

PLATFORM = Path(__file__).resolve().parents[1] / "platform"
ROLES = ("owner", "web", "engine", "console")
LEAVES, MIDDLES, CUSTOMERS = 30, 3, 20_000


@dataclass(frozen=True)
class World:
    """`revenue` and `cost` are account ids by operator; `numbers` mints a fresh number per call."""

    books: Books
    devices: list[int]
    prefixes: list[str]
    revenue: dict[int, int]
    cost: dict[int, int]

    def number(self, chance: random.Random) -> str:
        prefix = chance.choice(self.prefixes)
        return prefix + "".join(chance.choices("0123456789", k=12 - len(prefix)))


@contextmanager
def fresh_server() -> Iterator[tuple[Server, str]]:
    """A new PostgreSQL with the production settings (fsync on) in a temporary directory, and a DSN without a user."""
    with TemporaryDirectory(prefix="tandem-bench-") as home:
        Path(home).chmod(0o755)
        with Server(Path(home)).used() as server:
            prepare.make_roles(server.dsn, {f"password_{role}": "bench" for role in ROLES})
            prepare.make_database(server.dsn, "bench")
            place = f"host={server.dsn['host']} port={server.dsn['port']} dbname=bench password=bench"
            with psycopg.connect(f"{place} user=tandem_owner", autocommit=True) as owner:
                for app, names in (
                    ("ledger", ("tables", "functions", "policies")),
                    ("calls", ("tables", "functions", "policies")),
                    ("exchange", ("decide", "extend", "settle", "find", "policies")),
                ):
                    for name in names:
                        owner.execute((PLATFORM / app / "sql" / f"{name}.sql").read_text())
                for table in ("ledger_transfer", "calls_call", "calls_attempt"):
                    owner.execute("select ledger_make_partitions(%s, now()::date, 3)", [table])
            _fill_the_log(server)
            yield server, place


def _fill_the_log(server: Server) -> None:
    """Give the server used segments of its log to use again, as one that has run for some hours has."""
    with psycopg.connect(**server.dsn, dbname="bench", autocommit=True) as admin:
        for _ in range(60):
            admin.execute("select pg_logical_emit_message(true, 'bench', 'a segment'), pg_switch_wal()")
        admin.execute("checkpoint")


def make_world(place: str, customers: int = CUSTOMERS) -> World:
    """Opens the accounts, gives every customer money, and maps the operators' books."""
    minter = Minter(1022)
    with psycopg.connect(f"{place} user=tandem_owner", autocommit=True) as db:

        def account(operator: int, kind: str, ref: str = "", floor: object = None, party: int | None = None) -> int:
            row = db.execute(
                "select ledger_open_account(%s, %s, %s, 'EUR', %s, %s, '')", [operator, kind, ref, floor, party]
            ).fetchone()
            assert row
            return int(row[0])

        operators = [1, *range(11, 11 + MIDDLES), *range(101, 101 + LEAVES)]
        revenue = {one: account(one, "revenue") for one in operators}
        cost = {one: account(one, "cost") for one in operators}
        deck, prefixes = _deck(Decimal("0.02"))
        dearer = [_deck(Decimal(one))[0] for one in ("0.03", "0.04", "0.05")]
        kind = OperatorKind.RESELLER
        middles = range(11, 11 + MIDDLES)
        root = Book(
            Operator(1, None, OperatorKind.RESELLER_PRO, "EUR"),
            customers={
                one: Customer(
                    one, account(1, "operator", f"customer/{one}", -1_000_000, one), "EUR", 1, 1, operator_id=one
                )
                for one in middles
            },
            tariffs={1: Tariff(1, "EUR", dearer[0]), 2: Tariff(2, "EUR", deck)},
            lcrs={1: Lcr(1, entries=(LcrEntry(1, 0), LcrEntry(2, 1)))},
            providers={
                one: Provider(one, 7000 + one, account(1, "provider", f"provider/{one}"), "EUR", 2) for one in (1, 2)
            },
        )
        books, devices = [root], []
        for middle in middles:
            leaves = [one for one in range(101, 101 + LEAVES) if one % MIDDLES == middle % MIDDLES]
            books.append(
                Book(
                    Operator(middle, 1, kind, "EUR"),
                    customers={
                        one: Customer(
                            one,
                            account(middle, "operator", f"customer/{one}", -1_000_000, one),
                            "EUR",
                            1,
                            operator_id=one,
                        )
                        for one in leaves
                    },
                    tariffs={1: Tariff(1, "EUR", dearer[1])},
                )
            )
            for leaf in leaves:
                cash = account(leaf, "cash")
                rows, phones = {}, {}
                for number in range(customers // LEAVES):
                    device = leaf * 10_000 + number
                    rows[number] = Customer(number, account(leaf, "customer", f"customer/{number}", 0), "EUR", 1)
                    phones[number] = Device(number, device, number, caller_id="37060000000")
                    devices.append(device)
                books.append(
                    Book(
                        Operator(leaf, middle, kind, "EUR"), customers=rows, devices=phones,
                        tariffs={1: Tariff(1, "EUR", dearer[2])},
                    )
                )  # fmt: skip
                paid = [one.account_id for one in rows.values()]
                db.execute(
                    "select ledger_post(%s, %s, 'top-up', %s, %s, %s, '', true)",
                    [leaf, minter.mint(), [cash] * len(paid), paid, [Decimal(1000)] * len(paid)],
                )
        db.execute("vacuum analyze")
    return World(Books(decode(memoryview(encode(one))) for one in books), devices, prefixes, revenue, cost)


def _deck(base: Decimal) -> tuple[Deck, list[str]]:
    prefixes = sorted({one.prefix for one in destinations()})
    assert len(prefixes) >= 5000, f"only {len(prefixes)} prefixes"
    rows = [
        DeckRow(one, base + Decimal(int(one) % 97) / 10_000, increment=(1, 6, 30, 60)[int(one) % 4]) for one in prefixes
    ]
    return Deck(build(rows)), prefixes


def now_us() -> int:
    return time.time_ns() // 1000
