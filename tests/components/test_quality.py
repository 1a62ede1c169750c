"""The quality page's charts: what each mark says."""

from dashboard.components.quality import calendar, spread

WAN = 1_000_000


def test_villages_around_the_line() -> None:
    """One fen below lies below, exactly on it above; what is far away is left out."""
    chart = spread.chart([150 * WAN - 1, 150 * WAN, 154 * WAN, 199 * WAN, 500 * WAN], 150 * WAN)
    rows = chart.datasets[chart.spec["layer"][0]["data"]["name"]].to_pylist()
    seen = {row["起"]: (row["村数"], row["在"]) for row in rows if row["村数"]}
    assert seen == {145.0: (1, "线下"), 150.0: (2, "线上(含)"), 195.0: (1, "线上(含)")}
    assert "150万元" in chart.spec["title"]


def test_a_report_has_a_shape_and_a_word() -> None:
    said = {days: calendar.state(days, 15) for days in (None, -1, 0, 15, 16)}
    assert said == {
        None: "■ 未报",
        -1: "◆ 提前",
        0: "● 按时",
        15: "● 按时",
        16: "▲ 迟报",
    }
