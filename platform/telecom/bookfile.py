"""A book as a compact file: a JSON head for what is small, then the price lists as they are used, never copied."""

from __future__ import annotations

from telecom.book import Book


def encode(book: Book) -> bytes:
    """The file of a book."""
    raise NotImplementedError


def decode(file: memoryview) -> Book:
    """The book in a (mapped) file. Raises ValueError for what is none. Decks keep using `file`."""
    raise NotImplementedError
