"""The builder: a process of its own that turns an operator's rows into a book file and names it.

Compiling half a million rates takes seconds of pure Python; inside the exchange it would stall every call. The parent
writes an operator's id per line, the builder answers `<id> <file>`, `<id> -` for an operator that is gone, or
`<id> ! <sentence>`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django


def write_book(operator_id: int, folder: Path) -> Path:
    """Compile the book and put its file in place whole. Raises NoBook."""
    from exchange.compile_book import compile_book
    from telecom.bookfile import encode

    book = compile_book(operator_id)
    path = folder / f"op_{operator_id}.{book.version}.book"
    fresh = path.with_suffix(f".{os.getpid()}")
    with open(fresh, "wb") as file:
        file.write(encode(book))
        file.flush()
        os.fsync(file.fileno())  # after a power cut a file of this name is whole
    fresh.rename(path)
    return path


def main() -> None:
    """Serve the parent until it closes our input."""
    folder = Path(sys.argv[1])
    django.setup()
    from django.db import close_old_connections, connection

    from exchange.compile_book import NoBook

    print("ready", flush=True)  # noqa: T201 (the protocol)
    for line in sys.stdin:
        operator_id = int(line)
        try:
            close_old_connections()
            answer = str(write_book(operator_id, folder))
        except NoBook:
            answer = "-"
        except Exception as error:
            connection.close()
            answer = f"! {type(error).__name__}: {error}".replace("\n", " ")
        print(operator_id, answer, flush=True)  # noqa: T201 (the protocol)


if __name__ == "__main__":
    main()
