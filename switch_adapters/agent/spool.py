"""Following a file that grows, is renamed and is cut: whole lines only, from a position that can be kept."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

GRACE = 2.0  # a writer that had the file open when it was renamed may still write to it for a moment


@dataclass(frozen=True, slots=True)
class Position:
    """How far a spool was read. `inode` 0 means nothing yet."""

    inode: int = 0
    offset: int = 0


def read_on(path: Path, position: Position, most: int = 1 << 20) -> tuple[list[str], Position]:
    """Whole lines after `position`, at most about `most` bytes, and the position behind them.

    A renamed file (`path` with something appended) is finished before its successor is begun. A line without its end
    waits for it. A file shorter than the position was emptied and is read from its start.
    """
    files = _generations(path)
    at = next((n for n, (_, inode) in enumerate(files) if inode == position.inode), None)
    if at is None:
        # Never seen before, or removed by someone else: the oldest that is there is what comes next.
        at, position = 0, Position(files[0][1] if files else 0, 0)
    for number in range(at, len(files)):
        file, inode = files[number]
        offset = position.offset if inode == position.inode else 0
        lines, offset = _read(file, offset, most)
        position = Position(inode, offset)
        if lines or (number + 1 < len(files) and time.time() - file.stat().st_mtime < GRACE):
            return lines, position
    return [], position


def rotate(path: Path) -> None:
    """Put the spool aside under a name of our own; whoever writes it opens it anew for every line."""
    path.rename(path.with_name(f"{path.name}.{time.time_ns()}"))


def finished(path: Path, position: Position) -> list[Path]:
    """Files put aside by `rotate` that lie wholly behind `position`; those that others renamed are theirs to keep."""
    files = _generations(path)
    at = next((n for n, (_, inode) in enumerate(files) if inode == position.inode), 0)
    return [file for file, _ in files[:at] if re.fullmatch(r"\.\d{19}", file.suffix)]


def _generations(path: Path) -> list[tuple[Path, int]]:
    """The spool's files, oldest first, each with its inode; the one being written is the last."""
    found = []
    for file in path.parent.glob(f"{path.name}*"):
        if file != path and not re.fullmatch(r"\.\d+", file.name.removeprefix(path.name)):
            continue
        try:
            stat = file.stat()
        except FileNotFoundError:
            continue
        found.append((file == path, stat.st_mtime_ns, file, stat.st_ino))
    return [(file, inode) for _, _, file, inode in sorted(found)]


def _read(file: Path, offset: int, most: int) -> tuple[list[str], int]:
    try:
        with file.open("rb") as spool:
            if os.fstat(spool.fileno()).st_size < offset:
                offset = 0
            spool.seek(offset)
            data = spool.read(most)
    except FileNotFoundError:
        return [], offset
    end = data.rfind(b"\n") + 1
    if end == 0 and len(data) == most:
        end = len(data)  # a "line" of a megabyte is rubbish: go on behind it
    return data[:end].decode(errors="replace").split("\n")[:-1], offset + end
