"""Destinations of the world: country, kind and prefix, made from the metadata of `phonenumbers`.

The library knows, for some thirty thousand number ranges, which mobile carrier they were given to, and for every area
code of the +1 countries which country it is. Ranges that differ in the carrier only are one destination, and ten
sibling prefixes that all say the same become their parent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import geocoder
from phonenumbers.carrierdata import CARRIER_DATA
from phonenumbers.geodata import GEOCODE_DATA

NANP = "1"
# Longer ranges are single carriers' blocks, finer than any price list.
LONGEST = 7


@dataclass(frozen=True, slots=True)
class Destination:
    """A prefix and where it leads. `country` is ISO 3166 ("001" for codes no country owns), `kind` fixed | mobile."""

    prefix: str
    country: str
    name: str
    kind: str


def destinations() -> list[Destination]:
    """All of them, by prefix. A number belongs to the longest prefix it starts with."""
    found = {one.prefix: one for one in (*_countries(), *_shared_codes(), *_areas_of_nanp(), *_mobiles())}
    return [found[prefix] for prefix in sorted(found)]


def _countries() -> Iterator[Destination]:
    for code in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
        yield Destination(str(code), regions[0], _name(regions[0], code), "fixed")


def _shared_codes() -> Iterator[Destination]:
    """Countries that share their code with a larger one: their first national digits say which is meant."""
    for code, regions in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()):
        for region in regions[1:]:
            metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
            for leading in (metadata.leading_digits or "").split("|") if metadata else ():
                if leading.isdigit():
                    yield Destination(f"{code}{leading}", region, _name(region, code), "fixed")


def _areas_of_nanp() -> Iterator[Destination]:
    """The United States and Canada share the +1 area codes without any order."""
    for prefix in GEOCODE_DATA:
        if len(prefix) == 4 and prefix.startswith(NANP):
            # A whole number that looks like one in use, or the library does not say.
            number = phonenumbers.PhoneNumber(country_code=1, national_number=int(f"{prefix[1:]}2345678"))
            region = phonenumbers.region_code_for_number(number)
            if region in ("US", "CA"):
                yield Destination(prefix, region, _name(region, 1), "fixed")


def _mobiles() -> Iterator[Destination]:
    by_region: dict[str, set[str]] = defaultdict(set)
    for prefix in CARRIER_DATA:
        if not prefix.startswith(NANP) and (region := _region(prefix[:LONGEST])):
            by_region[region].add(prefix[:LONGEST])
    for region, prefixes in by_region.items():
        code = phonenumbers.country_code_for_region(region)
        for prefix in _shortest(prefixes, len(str(code))):
            yield Destination(prefix, region, f"{_name(region, code)} Mobile", "mobile")


def _shortest(prefixes: Iterable[str], country_digits: int) -> set[str]:
    """The fewest prefixes that cover exactly the same numbers."""
    left = set(prefixes)
    for length in range(LONGEST, country_digits + 1, -1):
        families: dict[str, int] = defaultdict(int)
        for prefix in left:
            if len(prefix) == length:
                families[prefix[:-1]] += 1
        left |= {parent for parent, children in families.items() if children == 10}
        left = {one for one in left if len(one) < length or one[:-1] not in left}
    return {one for one in left if not any(one[:cut] in left for cut in range(1, len(one)))}


def _region(prefix: str) -> str | None:
    for length in (1, 2, 3):
        code = int(prefix[:length])
        if regions := phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code):
            if len(regions) == 1:
                return str(regions[0])
            national = prefix[length:].ljust(9, "0")
            return _shared(phonenumbers.PhoneNumber(country_code=code, national_number=int(national)), regions)
    return None


def _shared(number: phonenumbers.PhoneNumber, regions: tuple[str, ...]) -> str:
    """Of the countries with one code, whose leading digits fit; else the main one."""
    national = str(number.national_number)
    for region in regions[1:]:
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
        leading = (metadata.leading_digits or "") if metadata else ""
        if any(one.isdigit() and national.startswith(one) for one in leading.split("|")):
            return region
    found = phonenumbers.region_code_for_number(number)
    return str(found) if found in regions else regions[0]


def _name(region: str, code: int) -> str:
    if region == "001":
        return f"International +{code}"
    number = phonenumbers.example_number(region)
    return geocoder.country_name_for_number(number, "en") or region if number else region
