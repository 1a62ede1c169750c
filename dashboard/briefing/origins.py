"""Where the figures of a bulletin came from, for its workbook's sheet 数据来源.

Source: 武发〔2016〕68号 四(五) (严禁弄虚作假、搞“数字脱贫”).
"""

from dashboard.briefing.content import Bulletin, Definition, FigureOrigin
from dashboard.briefing.words import whole_of
from dashboard.config_models import IndicatorEntry
from dashboard.data import units
from dashboard.data.queries import lineage
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer
from dashboard.settings import Settings


def with_origins(
    store: Store, viewer: Viewer | None, focus: Focus, settings: Settings, made: Bulletin
) -> Bulletin:
    """The bulletin with the origin of each figure that it tells of its own quarter.

    `focus` is the one that it was made for. Six statements or so.
    """
    catalogue = settings.catalogue.by_code
    told = {used.indicator.partition("@")[0] for used in made.figures} & catalogue.keys()
    cells = {(used.indicator, used.unit_code) for used in made.figures}
    found = lineage.sources(store, viewer, focus, settings, sorted(told))
    names = {one.code: one.name for one in units.within(store, viewer, focus)}
    names |= {one.code: one.name for one in units.children(store, viewer, focus)}
    names |= {focus.unit.code: whole_of(focus.unit)}
    return made.model_copy(
        update={
            "definitions": tuple(
                _definition(entry) for code, entry in catalogue.items() if code in told
            ),
            "origins": tuple(
                FigureOrigin(
                    indicator=one.indicator,
                    unit_code=one.unit,
                    row=names.get(one.unit, one.unit),
                    children=one.children,
                    rows=one.span.rows,
                    files=one.span.files,
                    newest=None if one.span.newest is None else one.span.newest.imported_at,
                )
                for cell, one in sorted(found.items())
                if (cell[1], cell[0]) in cells
            ),
        }
    )


def _definition(entry: IndicatorEntry) -> Definition:
    return Definition(
        indicator=entry.code,
        name=entry.name,
        label=f"{entry.short}({entry.unit})",
        formula=entry.formula,
        clause=entry.clause,
        department=entry.department,
    )
