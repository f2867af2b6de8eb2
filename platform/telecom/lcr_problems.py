"""What is wrong with an LCR, said before it is saved: one sentence per fault."""

from __future__ import annotations

from collections.abc import Mapping

from telecom.lcr import MAX_FAILOVER_GROUPS, Lcr, LcrEntry, LcrOrder, loop_problems
from telecom.local_time import overlap_problems, window_problem, zone_problem
from telecom.matching import Filter, pattern_problem
from telecom.prefixes import prefix_problem
from telecom.quality import formula_problem


def lcr_problems(lcr: Lcr, others: Mapping[int, Lcr] | None = None) -> list[str]:
    """The faults of one LCR; `others` are all of the operator's LCRs, for circles."""
    found = [] if lcr.peers else _order_faults(lcr.order, lcr.entries, lcr.formula)
    for peer in lcr.peers:
        name = f"Dial peer {peer.name or peer.id}"
        found += [f"{name}: {one}" for one in _order_faults(peer.order, peer.entries, peer.formula)]
        found += [f"{name}: {one}" for each in (peer.called, peer.caller) for one in _filter_faults(each)]
    if not 0 <= lcr.exploration <= 1:
        found.append("The share of calls that explore runs from 0 to 1, like 0.02.")
    found += _period_faults(lcr)
    for override in lcr.overrides:
        found += [fault for one in override.prefixes if (fault := prefix_problem(one))]
        if not override.prefixes:
            found.append(f"The override {override.name!r} fits no destination.")
    if len(lcr.failover_lcr_ids) > MAX_FAILOVER_GROUPS:
        found.append(f"There can be at most {MAX_FAILOVER_GROUPS} failover groups.")
    if others is not None:
        found += loop_problems({**others, lcr.id: lcr})
    return found


def _order_faults(order: LcrOrder, entries: tuple[LcrEntry, ...], formula: str) -> list[str]:
    if order is LcrOrder.PERCENT:
        if any(one.percent < 0 for one in entries):
            return ["A share can't be negative."]
        if entries and not sum(one.percent for one in entries if one.enabled):
            return ["The shares add up to 0: give at least one provider a share, or no call goes through."]
    if order is LcrOrder.QUALITY and (problem := formula_problem(formula)):
        return [problem]
    if order is LcrOrder.GATEWAY:
        return [fault for one in entries if one.prefix and (fault := prefix_problem(one.prefix))]
    return []


def _filter_faults(filter: Filter) -> list[str]:
    return [fault for one in (*filter.allow, *filter.deny) if (fault := pattern_problem(one))]


def _period_faults(lcr: Lcr) -> list[str]:
    found = [fault for one in lcr.periods if (fault := window_problem(one.window))]
    if problem := zone_problem(lcr.zone):
        found.append(problem)
    if found:
        return found
    names = [one.name or f"Period {place}" for place, one in enumerate(lcr.periods, 1)]
    return overlap_problems([one.window for one in lcr.periods], names)
