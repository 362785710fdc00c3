"""What a measurement hands back, and words for numbers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table. `floor` is the least that the same work could cost, measured in the same run."""

    what: str
    measured: str
    must_reach: str
    reached: bool
    floor: str = ""
    remark: str = ""


type Measurement = Callable[["Pace"], Awaitable[list[Row]]]


@dataclass(frozen=True)
class Pace:
    """How thorough a run is: a quick one shows whether everything works, its figures are rough."""

    quick: bool = False

    def seconds(self, seconds: float) -> float:
        return seconds / 3 if self.quick else seconds

    def many(self, count: int) -> int:
        return count // 5 if self.quick else count


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of all do not exceed; of none, infinity."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else float("inf")


def microseconds(value: float) -> str:
    return f"{value:.1f} µs"


def milliseconds(value: float) -> str:
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"
