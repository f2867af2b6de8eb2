"""Python's cyclic garbage collector, kept out of the calls' way."""

import gc

THRESHOLDS = (50_000, 20, 100)


def keep_quiet() -> None:
    """Call once the books are mapped, in a process that has nothing else to do.

    With Python's own thresholds every few hundred calls walk all books: pauses of 0.1 s, and a quarter of the CPU.
    What is here now is left to reference counting alone; what comes later is looked at seldom.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
