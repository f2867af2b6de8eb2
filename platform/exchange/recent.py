"""What was answered to the latest Decides, so that one that is asked again hears the same."""

from __future__ import annotations

import time
from collections import OrderedDict

from exchange.till import Name
from switch_adapters.base import Answer

MOST = 20_000
SECONDS = 60.0


class Recent:
    """A refusal may be told again from here. An admitted call may not: by now it may be over."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Name, tuple[float, Answer]] = OrderedDict()

    def get(self, name: Name) -> Answer | None:
        at, answer = self._answers.get(name, (0.0, None))
        return answer if time.monotonic() - at < SECONDS else None

    def put(self, name: Name, answer: Answer) -> None:
        self._answers[name] = (time.monotonic(), answer)
        self._answers.move_to_end(name)
        if len(self._answers) > MOST:
            self._answers.popitem(last=False)
