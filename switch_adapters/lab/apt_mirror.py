"""Which Debian mirror this machine's own apt uses, read from both formats of its configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

SUITES = {"bullseye", "bookworm", "trixie", "forky", "duke", "sid", "oldstable", "stable", "testing", "unstable"}


def debian_mirrors(etc: Path = Path("/etc/apt")) -> list[str]:
    """URIs of Debian main archives in the order apt reads them, without repeats; security archives left out."""
    files = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    found: list[str] = []
    for file in files:
        if not file.is_file():
            continue
        text = file.read_text(errors="replace")
        entries = (
            _deb822(text) if file.suffix == ".sources" else _one_line(text) if file.suffix == ".list" else iter(())
        )
        for uri, suites, components in entries:
            names = {suite.removesuffix("-updates").removesuffix("-backports") for suite in suites}
            if "main" in components and names & SUITES and uri.startswith("http"):
                found.append(uri.rstrip("/"))
    return list(dict.fromkeys(found))


def _one_line(text: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """`deb [options] URI suite component...` of sources.list(5)."""
    for line in text.splitlines():
        words = line.split("#", 1)[0].split()
        if not words or words[0] != "deb":
            continue
        words = words[1:]
        if words and words[0].startswith("["):
            end = next((at for at, word in enumerate(words) if word.endswith("]")), len(words) - 1)
            words = words[end + 1 :]
        if len(words) >= 3:
            yield words[0], [words[1]], words[2:]


def _deb822(text: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Stanzas of `Field: value` lines with continuation lines, of sources.list(5)."""
    for stanza in _stanzas(text):
        if "deb" not in stanza.get("types", "").split() or stanza.get("enabled", "yes").strip().lower() == "no":
            continue
        for uri in stanza.get("uris", "").split():
            yield uri, stanza.get("suites", "").split(), stanza.get("components", "").split()


def _stanzas(text: str) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    last = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if fields:
                yield fields
            fields, last = {}, ""
        elif line[0] in " \t" and last:
            fields[last] += " " + line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            last = name.strip().lower()
            fields[last] = value.strip()
