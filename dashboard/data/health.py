"""Whether a store answers: known once for the whole process, asked again by one thread alone.

Who finds the store away says so here. From then on nobody waits for it: looks are answered from
memory (memory.py) or refused at once, while one thread asks every second until it answers.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Away(Exception):
    """The store does not answer, and is not asked again for every look; a Chinese sentence."""


INTERVAL_S = 1.0
"""Between two questions to a store that is away: it is back in use two of them after its return."""


class Health:
    """The state of one store. `ping` asks the store something small, and raises one of `failures`
    where it does not answer in time."""

    def __init__(self, ping: Callable[[], None], failures: tuple[type[Exception], ...]) -> None:
        self._ping, self._failures = ping, failures
        self._lock = threading.Lock()
        self._since: datetime | None = None

    @property
    def away_since(self) -> datetime | None:
        """When the store was found away (UTC); None while it answers."""
        return self._since

    @property
    def is_away(self) -> bool:
        return self._since is not None

    def failed(self) -> None:
        """The store did not answer somebody."""
        with self._lock:
            if self._since is not None:
                return
            self._since = datetime.now(UTC)
        threading.Thread(target=self._ask_until_back, name="store-health", daemon=True).start()

    def _ask_until_back(self) -> None:
        while True:
            try:
                self._ping()
            except self._failures:
                time.sleep(INTERVAL_S)
            else:
                self._since = None
                return
