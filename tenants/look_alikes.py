"""Names that look like other names: what the eye takes a text for, and whether it mixes alphabets.

A small table of our own instead of Unicode's confusables (UTS 39): the letters of Cyrillic and Greek that read as Latin
ones, and the digits and pairs that stand in for letters. Enough for names of companies in lower case.
"""

from __future__ import annotations

import unicodedata

CYRILLIC = dict(zip("асԁеһіјӏорԛѕԝхуѵгкнмтвп", "acdehijlopqswxyvrkhmtbn", strict=True))
GREEK = dict(zip("αβεικνορτυχωγη", "abeikvoptuxwyn", strict=True))
DIGITS = {"0": "o", "1": "l", "3": "e", "5": "s", "|": "l", "ı": "i"}
PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
# These alphabets belong together in one word.
TOGETHER = ({"CJK", "HIRAGANA", "KATAKANA", "LATIN"}, {"CJK", "HANGUL", "LATIN"}, {"CJK", "BOPOMOFO", "LATIN"})


def plain(text: str) -> str:
    """`text` in lower case without accents, spaces and signs: what is left of a name when it is typed."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in letters if one.isalnum())


def skeleton(text: str) -> str:
    """What `text` looks like at a glance: two texts with the same skeleton are taken for each other."""
    letters = plain(text)
    for table in (CYRILLIC, GREEK, DIGITS):
        letters = "".join(table.get(one, one) for one in letters)
    for pair, single in PAIRS:
        letters = letters.replace(pair, single)
    return letters[:120]


def mixes_alphabets(text: str) -> bool:
    """Whether the letters of `text` come from alphabets that no language writes together."""
    found = {unicodedata.name(one, "UNKNOWN").split()[0] for one in text if one.isalpha()}
    return len(found) > 1 and not any(found <= group for group in TOGETHER)
