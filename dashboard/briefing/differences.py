"""What a published bulletin told, and what the store says of the same figures today."""

from dataclasses import dataclass

from dashboard.briefing.content import Bulletin, FigureUsed


@dataclass(frozen=True)
class Difference:
    """A figure that is no longer what was published; `now` is None where it is gone."""

    then: FigureUsed
    now: FigureUsed | None


def differences(published: Bulletin, today: Bulletin) -> list[Difference]:
    """Every figure of the published bulletin that differs, in its order.

    `today` is the same bulletin built anew. A figure that only today's tells is no difference.
    """
    found = {_key(figure): figure for figure in today.figures}
    pairs = ((figure, found.get(_key(figure))) for figure in published.figures)
    return [Difference(then, now) for then, now in pairs if now is None or now.value != then.value]


def _key(figure: FigureUsed) -> tuple[str, str, str]:
    return figure.indicator, figure.unit_code, figure.measure
