"""How figures came in: changed afterwards one way only, told too early or late, booked unpaid.

Source: 武发〔2016〕68号 四(四) (专款专用), 四(五) (严禁弄虚作假、搞“数字脱贫”; 每季度组织情况通报).
"""

from collections import defaultdict
from collections.abc import Sequence

from scipy import stats

from dashboard.policy.authenticity.findings import Finding, Row, chance, listed
from dashboard.policy.authenticity.inputs import Inputs, Receipt
from dashboard.policy.authenticity.rules import Rules
from dashboard.policy.authenticity.statistic import more_often

ONE_WAY, TIMELINESS, BOOKED = "one_way_revisions", "timeliness", "booked_before_received"


def one_way_revisions(inputs: Inputs, rules: Rules) -> list[Finding]:
    """Second workbooks that nearly all raise what the first had told.

    An exact binomial over workbooks, not villages: one clerk's slip changes all villages of a town
    alike. `honest_up` is how many raise it without pressing (something forgotten is more common
    than something counted twice). Power: below six workbooks nothing can be shown, with some
    twenty every third time.
    """
    changes: dict[tuple[str, str], int] = defaultdict(int)
    rows = []
    for one in inputs.revisions:
        if one.period == inputs.period and one.new_fen != one.old_fen:
            changes[one.town, one.batch] += one.new_fen - one.old_fen
            if one.new_fen > one.old_fen:
                rise = one.new_fen - one.old_fen
                rows.append(Row("village_income", one.village, str(one.period), "改报增加", rise))
    moved = {key: change for key, change in changes.items() if change}
    up = [town for (town, _), change in moved.items() if change > 0]
    if not moved or rules.honest_up ** len(moved) > rules.alarm:
        return []
    p_value = float(stats.binom.sf(len(up) - 1, len(moved), rules.honest_up))
    units = tuple(dict.fromkeys(up))
    sentence = (
        f"本季度{len(moved)}次改报中有{len(up)}次把收入改高:{listed(inputs, units)};"
        f"偶然如此的可能{chance(p_value)}。"
    )
    statistic = float(len(up))
    return [
        Finding(
            ONE_WAY, "改报一边倒", units, inputs.period, statistic, p_value, sentence, tuple(rows)
        )
    ]


def timeliness(inputs: Inputs, rules: Rules) -> list[Finding]:
    """Reports that came before the quarter had ended, or after they were due. No chance involved.

    An early one tells figures that could not be known yet; a late one had time to be fitted.
    """
    end = inputs.period.last_day
    early, late = [], []
    for one in inputs.reports:
        if one.period != inputs.period:
            continue
        days = (one.first_on - end).days
        if days < 0:
            early.append(Row(one.table, one.town, str(one.period), "提前天数", -days))
        elif days > rules.report_due_days:
            late.append(Row(one.table, one.town, str(one.period), "超期天数", days))
    found = []
    for title, rows, said in (
        ("提前报送", early, "在季度结束前就报了全季数据,当时还不可能知道"),
        ("迟报", late, f"在季末{rules.report_due_days}天以后才报送"),
    ):
        if rows:
            units = tuple(dict.fromkeys(row.unit for row in rows))
            sentence = f"{listed(inputs, units)}{said}。"
            finding = Finding(
                TIMELINESS, title, units, inputs.period, float(len(units)), None, sentence
            )
            found.append(_with_rows(finding, rows))
    return found


def _with_rows(finding: Finding, rows: Sequence[Row]) -> Finding:
    return Finding(**{**vars(finding), "rows": tuple(rows)})


def booked_before_received(inputs: Inputs, rules: Rules) -> list[Finding]:
    """Villages that have booked more transfers than had been paid to them by the quarter's end.

    More of them than in earlier quarters: Fisher's exact test. Without earlier quarters the rows
    speak for themselves, without a p-value. A payment in the last days may be booked a quarter
    early in honesty, hence the comparison and the tolerance. Power at 190 villages: twelve more.
    """
    period = inputs.period
    known = [one for one in inputs.receipts if one.period <= period]
    now = [one for one in known if one.period == period]
    ahead = [one for one in now if _ahead(one, rules)]
    before = [one for one in known if one.period < period]
    if not now or not (ahead or before):
        return []
    hits = sum(_ahead(one, rules) for one in before)
    p_value = more_often(len(ahead), len(now), hits, len(before)) if before else None
    largest_first = sorted(ahead, key=lambda one: (one.paid_fen - one.booked_fen, one.village))
    units = tuple(one.village for one in largest_first)
    rows = tuple(
        Row(
            "village_income",
            one.village,
            str(period),
            "入账多于拨付",
            one.booked_fen - one.paid_fen,
        )
        for one in largest_first
    )
    odds = "" if p_value is None else f";比以往多,偶然如此的可能{chance(p_value)}"
    sentence = f"{len(units)}个村入账的财政补助多于已经拨付的数额:{listed(inputs, units)}{odds}。"
    statistic = float(len(units))
    return [Finding(BOOKED, "未到先记", units, period, statistic, p_value, sentence, rows)]


def _ahead(one: Receipt, rules: Rules) -> bool:
    return one.booked_fen > one.paid_fen * (1 + rules.received_tolerance)
