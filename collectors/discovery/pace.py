"""How fast a search asks: evenly, so many requests a second, whoever asks."""

import asyncio


class Pace:
    """Hands out turns `per_second`, each caller its own; needs a running event loop when it is used."""

    def __init__(self, per_second: float) -> None:
        if per_second <= 0:
            raise ValueError("a pace is above 0")
        self._gap_s = 1.0 / per_second
        self._next = 0.0

    async def turn(self) -> None:
        """Returns when it is the caller's turn."""
        now = asyncio.get_running_loop().time()
        due = max(self._next, now)
        self._next = due + self._gap_s
        if due > now:
            await asyncio.sleep(due - now)
