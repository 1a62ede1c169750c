"""A bulletin with every part that a document can have; its figures are made up."""

from datetime import UTC, date, datetime

from dashboard.briefing.content import (
    Align,
    Attachment,
    Bulletin,
    Cell,
    Chart,
    Column,
    FigureUsed,
    Kind,
    Paragraph,
    Section,
    Series,
    Table,
)

TOWNS = ("甲镇", "乙镇", "丙街道", "丁镇")


def _number(value: float, pattern: str = "{:,.0f}") -> Cell:
    return Cell(text=pattern.format(value), number=value)


def _rate(value: float) -> Cell:
    return Cell(text=f"{value:.1%}", number=value, light="green" if value >= 1 else "red")


def _decomposition(many: int) -> Table:
    columns = [Column(head="镇(街道)", align=Align.LEFT, width=14)]
    for group in ("村集体年收入(万元)", "超150万元村(村)", "脱贫退出(户)"):
        columns += [
            Column(head="目标", group=group, number_format="#,##0"),
            Column(head="实际", group=group, number_format="#,##0"),
            Column(head="完成率", group=group, number_format="0.0%"),
        ]
    rows = []
    for place in range(many):
        cells = [Cell(text="全区" if place == 0 else f"{TOWNS[place % 4]}{place}")]
        for base in (12000, 20, 40):
            cells += [_number(base), _number(base + place), _rate((base + place) / base)]
        rows.append(tuple(cells))
    return Table(
        title="目标任务分解完成情况表", columns=tuple(columns), rows=tuple(rows), total_row=True
    )


def bulletin(number: int = 3, towns: int = 40) -> Bulletin:
    """A published issue, or a draft where `number` is 0; attachment 1 has `towns` rows."""
    ranking = Table(
        title="镇(街道)排名",
        unit_note="单位:分",
        columns=(
            Column(head="位次", align=Align.CENTER, width=6),
            Column(head="镇(街道)", align=Align.LEFT, width=14),
            Column(head="得分", number_format="0.00"),
        ),
        rows=tuple(
            (_number(place), Cell(text=town), _number(100 - place, "{:.2f}"))
            for place, town in enumerate(TOWNS, 1)
        ),
        footnote="未填报的单位不参加排名。",
    )
    chart = Chart(
        mark="bar",
        title="哪些镇完成了序时进度",
        unit="%",
        categories=TOWNS,
        series=(
            Series(
                name="完成率",
                values=(101.0, 98.5, None, 60.0),
                texts=("101.0", "98.5", "未填报", "60.0"),
            ),
        ),
        alt="甲镇101.0%,乙镇98.5%,丙街道未填报,丁镇60.0%。",
        source="镇(街道)季度填报",
    )
    line = Chart(
        mark="line",
        title="经济一般村逐季减少",
        unit="村",
        categories=("2016年一季度", "2016年二季度", "2016年三季度"),
        series=(Series(name="剩余", values=(60, 51, 25), texts=("60", "51", "25")),),
        alt="由60个减少到25个。",
    )
    return Bulletin(
        kind=Kind.BULLETIN,
        unit_code="320412",
        unit_name="武进区",
        period="2016Q3",
        title="关于2016年第三季度全区扶贫开发工作进展情况的通报",
        issuer="常州市武进区扶贫开发推进工作领导小组办公室",
        document_prefix="武扶组办",
        year=2016,
        number=number,
        recipients="各镇人民政府、街道办事处,区各有关部门:",
        opening="现将2016年第三季度全区扶贫开发工作进展情况通报如下。",
        sections=(
            Section(
                heading="总体进展",
                message="村集体年收入达到序时进度",
                blocks=(
                    Paragraph(text="村级集体经济", level=2),
                    Paragraph(
                        text="全区村集体年收入12,345万元,完成年度目标的82.3%,超过序时进度7.3个百分点。"
                    ),
                    chart,
                    Paragraph(text="低收入农户", level=2),
                    Paragraph(text="累计退出468户。"),
                ),
            ),
            Section(
                heading="各镇(街道)完成情况",
                message="甲镇领先,丁镇滞后",
                blocks=(Paragraph(text="综合得分甲镇居第1位。"), ranking),
            ),
            Section(heading="经济一般村和低收入农户", message="经济一般村剩余25个", blocks=(line,)),
        ),
        attachments=(
            Attachment(title="目标任务分解完成情况表", table=_decomposition(towns), landscape=True),
            Attachment(title="镇(街道)排名表", table=ranking),
            Attachment(
                title="未达标村名单",
                table=Table(
                    title="未达标村名单",
                    unit_note="单位:万元",
                    columns=(
                        Column(head="村", align=Align.LEFT, width=16),
                        Column(head="本年累计", number_format="#,##0.00"),
                    ),
                    rows=((Cell(text="=演示一村"), _number(149.9999, "{:.4f}")),),
                ),
            ),
        ),
        cut_off=datetime(2016, 10, 10, 8, 0, tzinfo=UTC),
        issued_on=date(2016, 10, 12) if number else None,
        signatory="常州市武进区扶贫开发推进工作领导小组办公室",
        copies_to="市委农工办,区委办、区政府办",
        printed_by="常州市武进区扶贫开发推进工作领导小组办公室",
        is_demo=True,
        figures=(
            FigureUsed(
                indicator="V03",
                unit_code="320412",
                measure="value",
                value=12_345_000_000,
                text="12,345",
            ),
        ),
    )
