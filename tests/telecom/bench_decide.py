"""Microseconds per decision and per lookup, megabytes per million rates.

`PYTHONPATH=.:platform python tests/telecom/bench_decide.py`; ends with one line of JSON.
Not a test: it asserts nothing about time.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from mmap import ACCESS_READ, mmap

from telecom.book import Books, Customer, Device, LcrOrder, Location, Operator, Tariff
from telecom.bookfile import decode, encode
from telecom.conditions import Conditional
from telecom.decision import Call, decide
from telecom.deck import Deck, DeckRow, build
from telecom.facts import Facts
from telecom.gates import CallClass, Destinations, Numbering, NumberList, Score, Side
from telecom.lcr import DialPeer, Override, Period
from telecom.local_time import Window
from telecom.localization import Rule, RuleKind
from telecom.markup import Markup
from telecom.matching import Filter, Pattern
from telecom.mnp import Mnp
from telecom.numbermap import NumberMap, build_map
from telecom.pools import Pool
from telecom.quality import Quality
from telecom.settlement import from_snapshot, settle, snapshot
from tests.telecom.worlds import ANNA, NOW, PLAIN_KIND, PRO_KIND, book, lcr, provider

PREFIXES = 50_000


def rows(count: int, seed: int, low: int, high: int) -> list[DeckRow]:
    """A price list of nested prefixes: short ones, and longer ones below them."""
    chance = random.Random(seed)
    found = {str(one) for one in range(10, 100)}
    known = sorted(found)
    while len(found) < count:
        longer = chance.choice(known) + str(chance.randrange(10)) + chance.choice(["", str(chance.randrange(10))])
        if len(longer) <= 11 and longer not in found:
            found.add(longer)
            known.append(longer)
    return [DeckRow(one, Decimal(chance.randrange(low, high)) / 10000, min_time=1) for one in sorted(found)]


def timed(work: Callable[[int], object], count: int) -> tuple[float, float]:
    """Mean and 99th percentile of one run, in microseconds of this thread's own time: others use the machine too."""
    times = []
    for index in range(count):
        begin = time.thread_time_ns()
        work(index)
        times.append(time.thread_time_ns() - begin)
    times.sort()
    return sum(times) / count / 1000, times[int(count * 0.99)] / 1000


def world(providers: int) -> list[bytes]:
    """The book files of a chain of three whose root has so many providers, each with its own deck."""
    decks = [Deck(build(rows(PREFIXES, seed, 1, 100))) for seed in range(min(providers, 10))]
    sell = [Deck(build(rows(PREFIXES, 100 + level, 100 + 50 * level, 150 + 50 * level))) for level in range(3)]
    ids = range(1, providers + 1)
    root = book(
        Operator(1, None, PRO_KIND, "USD"),
        Customer(11, 900, "USD", 10, 10, operator_id=2, call_account_id=901),
        Tariff(10, "USD", sell[0]),
        lcr(10, *ids),
        *(provider(one, 100 + one) for one in ids),
        *(Tariff(100 + one, "USD", decks[(one - 1) % len(decks)]) for one in ids),
    )
    middle = book(
        Operator(2, 1, PLAIN_KIND, "EUR", fx={"USD": Decimal("0.91")}),
        Customer(21, 910, "EUR", 20, operator_id=3, call_account_id=911),
        Tariff(20, "USD", sell[1]),
    )
    shop = book(
        Operator(3, 2, PLAIN_KIND, "USD", fx={"EUR": Decimal("1.09")}),
        Customer(31, 920, "USD", 30, call_account_id=921),
        Device(41, ANNA, 31, caller_id="37060000000", call_account_id=922),
        Tariff(30, "USD", sell[2]),
    )
    return [encode(one) for one in (root, middle, shop)]


def rich(files: list[bytes]) -> Books:
    """The same chain with everything that a book may hold in the way of each call."""
    root, middle, shop = (decode(one) for one in files)
    lists = (NumberList(1, Side.CALLED), NumberList(1, Side.CALLER))
    pool = Pool(1, tuple(f"99{one}%" for one in range(2000)))
    gate = Destinations(tuple("123456789"), tuple(f"9{one}" for one in range(1000, 2000)))
    night = Period(Window(start=0, end=1), 10, "midnight")
    odd = tuple(Override((f"98{one}",), 10) for one in range(500))
    first = root.lcrs[10]
    peers = tuple(
        DialPeer(one, one, first.entries, LcrOrder.QUALITY, Filter(allow=(Pattern(mask),)), formula="ASR*ACD/PRICE")
        for one, mask in enumerate(("0%", "x0000%", "%"))
    )
    books = Books()
    books.put(
        replace(
            root,
            lcrs={10: replace(first, overrides=odd, periods=(night,), peers=peers)},
            lists=lists,
            pools={1: pool},
            destinations=gate,
        )
    )
    books.put(replace(middle, lists=lists, pools={1: pool}, destinations=gate))
    numbering = Numbering(local=("11",), national=("1",), premium=("1900",))
    payer = replace(
        shop.customers[31],
        custom_tariff_ids=(31,),
        conditionals=(Conditional(1, called=Filter(allow=(Pattern("0%"),)), tariff_id=31),),
        classes=(CallClass.NATIONAL, CallClass.INTERNATIONAL, CallClass.LOCAL),
        location_id=1,
    )
    rules = tuple(Rule(one, RuleKind.DESTINATION, f"00{one}", str(one)) for one in range(100, 300))
    ported = Mnp(NumberMap(build_map((str(one), "999") for one in range(10**11, 10**11 + 10**7, 100))), ("1", "2"))
    extras = {"mnp": ported, "score": Score((5, 6, 7)), "numbering": numbering, "duplicate_seconds": 3}
    custom = Tariff(31, "USD", Deck(build([DeckRow("0", Decimal(1))])))
    by_provider = replace(shop.tariffs[30], markup=Markup(Decimal("0.01"), Decimal(10)))
    books.put(
        replace(
            shop,
            customers={31: payer},
            locations={1: Location(1, rules)},
            tariffs={30: by_provider, 31: custom},
            lists=lists,
            pools={1: pool},
            destinations=gate,
            **extras,
        )
    )
    return books


def mapped(files: list[bytes]) -> Books:
    """The books, from real mapped files."""
    found = Books()
    for content in files:
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            found.put(decode(memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))))
    return found


def main() -> None:
    chance = random.Random(7)
    numbers = [str(chance.randrange(10**11, 10**12)) for _ in range(20_000)]
    result: dict[str, float] = {}
    for providers in (2, 10):
        files = world(providers)
        begin = time.perf_counter()
        books = mapped(files)
        result[f"map_books_ms_{providers}"] = (time.perf_counter() - begin) * 1000
        routes = [len(decide(books, Call(ANNA, one, "x"), NOW).routes) for one in numbers[:2000]]
        assert sum(routes) / len(routes) > providers * 0.9, "the bench must route"
        mean, p99 = timed(lambda index, books=books: decide(books, Call(ANNA, numbers[index], "x"), NOW), 20_000)
        result[f"decide_us_3_levels_{providers}_providers"] = mean
        result[f"decide_p99_us_{providers}"] = p99
        full = rich(files)
        facts = Facts(random.Random(3).random, {(1, one): Quality(100, 10 * one, 50, 9000) for one in range(11)})
        routes = [len(decide(full, Call(ANNA, one, "x"), NOW, facts=facts).routes) for one in numbers[:500]]
        assert sum(routes) / len(routes) > providers * 0.8, "the bench must route"
        result[f"decide_everything_us_{providers}"], result[f"decide_everything_p99_us_{providers}"] = timed(
            lambda index, full=full, facts=facts: decide(full, Call(ANNA, numbers[index], "x"), NOW, facts=facts),
            10_000,
        )
        decision = decide(books, Call(ANNA, numbers[0], "x"), NOW)
        result[f"snapshot_us_{providers}"] = timed(lambda _, d=decision: json.dumps(snapshot(d)), 5000)[0]
        text = json.dumps(snapshot(decision))
        result[f"snapshot_bytes_{providers}"] = len(text)
        result[f"settle_us_{providers}"] = timed(
            lambda _, t=text: settle(from_snapshot(json.loads(t)), 1, 0, 61_500_000), 5000
        )[0]
        result["first_holds_us"] = timed(lambda _, d=decision: [one.hold(60) for one in d.payers], 5000)[0]
    many = rows(200_000, 3, 1, 100_000_000)
    begin = time.perf_counter()
    block = build(many)
    result["build_us_per_rate"] = (time.perf_counter() - begin) * 1e6 / len(many)
    result["mb_per_million_rates"] = len(block) / len(many)
    deck = Deck(block)
    result["lookup_us"] = timed(lambda index: deck.find(numbers[index], NOW), 20_000)[0]
    result["decisions_per_s_core"] = 1e6 / result["decide_us_3_levels_10_providers"]
    for name, value in result.items():
        print(f"{name:36} {value:10.2f}")
    print(json.dumps({name: round(value, 2) for name, value in result.items()}))


if __name__ == "__main__":
    main()
