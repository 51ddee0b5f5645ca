"""What every Python client tells the runner."""

from collections.abc import Awaitable, Callable
from typing import Any


class Report:
    """What the runner is told: one line a check, and whether all of them held."""

    def __init__(self) -> None:
        self.failed = False

    async def check(self, sentence: str, body: Callable[[], Awaitable[Any]]) -> Any:
        try:
            result = await body()
        except Exception as error:  # whatever it is, it is the reason
            self.failed = True
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:600]
            print(f"not ok {sentence}: {reason}", flush=True)
            return None
        print(f"ok {sentence}", flush=True)
        return result
