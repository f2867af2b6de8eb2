"""Any sequence of deeds leaves the ledger where a dictionary in memory says, with every invariant after each step."""

import asyncio
from decimal import Decimal

import psycopg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from exchange.till import Extension
from ledger.ids import id_at
from tests.till.bank import admission, finished, later

MONEY = st.decimals("0.0000000001", 50, places=10)
PLACES = st.integers(0, 4)


def test_the_ledger_equals_a_model_after_every_step(bank):
    runs = 0

    class Ledger(RuleBasedStateMachine):
        def __init__(self):
            nonlocal runs
            super().__init__()
            runs += 1
            self.runner = asyncio.Runner()
            self.till = bank.till(settle_every=0.0)
            self.runner.run(self.till.open())
            self.cash = bank.account("cash", f"run {runs}", None)
            self.revenue = bank.account("revenue", f"run {runs}", None)
            self.accounts = [bank.account(ref=f"{runs}/{nth}", floor=-5 if nth else None) for nth in range(5)]
            self.posted = dict.fromkeys([self.cash, self.revenue, *self.accounts], Decimal(0))
            self.floors = {one: Decimal(-5) if nth else None for nth, one in enumerate(self.accounts)}
            self.floors |= {self.cash: None, self.revenue: None}
            self.live: dict[int, dict[int, Decimal]] = {}
            self.sources: list[tuple] = []

        def held(self, account):
            return sum((holds.get(account, Decimal(0)) for holds in self.live.values()), Decimal(0))

        def free(self, account):
            floor = self.floors[account]
            return Decimal("Infinity") if floor is None else self.posted[account] - self.held(account) - floor

        @rule(place=PLACES, amount=MONEY, out=st.booleans(), keep=st.booleans())
        def post(self, place, amount, out, keep):
            account = self.accounts[place]
            leg = (account, self.cash, amount) if out else (self.cash, account, amount)
            source = bank.minter.mint()
            try:
                assert bank.post([leg], source=source, keep_floors=keep)
            except psycopg.Error as error:
                assert error.sqlstate == "TL001" and keep and out and amount > self.free(account)
                return
            assert not (keep and out and amount > self.free(account))
            self.posted[leg[0]] -= amount
            self.posted[leg[1]] += amount
            self.sources.append((source, leg))

        @precondition(lambda self: self.sources)
        @rule(data=st.data(), altered=st.booleans())
        def post_again(self, data, altered):
            source, (debit, credit, amount) = data.draw(st.sampled_from(self.sources))
            try:
                assert bank.post([(debit, credit, amount + altered)], source=source) is False
                assert not altered
            except psycopg.Error as error:
                assert error.sqlstate == "TL002" and altered

        @rule(place=PLACES, floor=st.one_of(st.none(), st.integers(-60, 20).map(Decimal)))
        def set_floor(self, place, floor):
            bank.ask("select ledger_set_floor(%s, %s::numeric)", self.accounts[place], floor)
            self.floors[self.accounts[place]] = floor

        @rule(places=st.sets(PLACES, min_size=1, max_size=3), amount=MONEY)
        def decide(self, places, amount):
            holds = {self.accounts[one]: amount for one in places}
            call_id = self.till.mint()
            answer = self.runner.run(self.till.decide(admission(call_id, str(call_id), holds), 20))
            fits = all(amount <= self.free(one) for one in holds)
            assert answer.status == ("held" if fits else "short")
            if fits:
                self.live[call_id] = holds

        @precondition(lambda self: self.live)
        @rule(data=st.data(), more=MONEY)
        def extend(self, data, more):
            call_id = data.draw(st.sampled_from(sorted(self.live)))
            holds = {account: held + more for account, held in self.live[call_id].items()}
            granted = data.draw(st.integers(30, 600))
            answer = self.runner.run(self.till.extend(Extension(call_id, granted, later(), holds)))
            if answer.status == "granted":
                assert all(more <= self.free(one) for one in holds)
                self.live[call_id] = holds
            else:
                assert answer.status == "kept" or any(more > self.free(one) for one in holds)

        @precondition(lambda self: self.live)
        @rule(data=st.data(), charge=MONEY, times=st.integers(1, 2))
        def settle(self, data, charge, times):
            call_id = data.draw(st.sampled_from(sorted(self.live)))
            payer = next(iter(self.live.pop(call_id)))
            record = finished(call_id, payer, self.revenue, charge, estimated=True)
            statuses = [self.runner.run(self.till.settle(record)) for _ in range(times)]
            assert statuses == ["settled", "repeated"][:times]
            self.posted[payer] -= charge
            self.posted[self.revenue] += charge
            if data.draw(st.booleans()):
                real = data.draw(MONEY)
                again = finished(call_id, payer, self.revenue, real, 2, correct=True)
                assert self.runner.run(self.till.settle(again)) == "corrected"
                self.posted[payer] += charge - real
                self.posted[self.revenue] += real - charge

        @invariant()
        def the_books_are_right(self):
            for account, posted in self.posted.items():
                assert bank.balance(account) == (posted, self.held(account))
            assert bank.violations() == []

        def teardown(self):
            for call_id in list(self.live):
                self.runner.run(self.till.settle(finished(call_id, 0, self.revenue, 0)))
            self.runner.run(self.till.close())
            self.runner.close()

    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    assert runs >= 8


def test_python_and_sql_agree_on_ids(bank):
    moment = bank.ask("select date_trunc('milliseconds', now())")
    assert bank.ask("select ledger_id_at(%s)", moment) == id_at(moment)
    assert bank.ask("select ledger_at(%s)", id_at(moment)) == moment
