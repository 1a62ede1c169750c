"""config/ as shipped, and the sentence that each kind of mistake in it gets."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard import settings, sign_on_server
from dashboard.data.store import Store
from dashboard.policy.money import FEN_A_WAN

SHIPPED = Path(__file__).parents[1] / "config"

# The 25 lines proposed for the 2016 decomposition table, with what the policy says of each:
# clause, unit, direction, and whether it stands on the leadership group's screen.
REQUIRED = {
    "V01": ("二·首段", "村", "up", True),
    "V02": ("二(一)", "村", "down", True),
    "V03": ("四(二)", "万元", "up", True),
    "V04": ("四(三)", "村", "down", True),
    "V05": ("四(三)", "%", "up", True),
    "V06": ("三(一)", "%", "up", False),
    "V07": ("二(二)", "%", "up", False),
    "V08": ("三(五)", "个", "up", False),
    "V09": ("三(二)", "%", "up", True),
    "V10": ("三(二)", "%", "up", True),
    "H01": ("二(一)", "户", "down", False),
    "H02": ("三(一)", "%", "up", True),
    "H03": ("二(一)", "%", "up", False),
    "H04": ("二·首段", "元", "up", True),
    "H05": ("四(四)", "户", "up", True),
    "H07": ("三(六)", "户", "down", True),
    "H08": ("三(二)", "%", "up", True),
    "H10": ("三(三)", "人", "down", False),
    "H12": ("三(三)", "人次", "up", False),
    "H14": ("四(三)", "%", "up", False),
    "G01": ("四(五)", "%", "up", False),
    "G02": ("四(五)", "%", "up", True),
    "G03": ("四(五)", "项", "up", True),
    "G05": ("四(四)", "%", "up", False),
    "G07": ("四(五)", "项", "down", True),
}


def test_the_catalogue_has_the_required_indicators() -> None:
    catalogue = settings.load(SHIPPED).catalogue
    assert len(REQUIRED) == 25
    for code, (clause, unit, direction, core) in REQUIRED.items():
        entry = catalogue[code]
        assert (code, entry.clause, entry.unit, entry.direction, entry.core) == (
            code,
            clause,
            unit,
            direction,
            core,
        )
    assert {entry.code for entry in catalogue.core} == {c for c, row in REQUIRED.items() if row[3]}


def test_every_indicator_says_all_that_a_figure_must_answer() -> None:
    catalogue = settings.load(SHIPPED).catalogue
    for entry in catalogue.indicators:
        words = (entry.name, entry.short, entry.unit, entry.clause, entry.why, entry.formula)
        assert all(words), entry.code
        assert entry.department, entry.code
        assert entry.levels, entry.code
        assert entry.operator in ((">=", ">") if entry.direction == "up" else ("<=", "<"))
        assert (entry.weight > 0) == entry.core, entry.code


def test_core_weights_come_to_a_hundred() -> None:
    assert sum(entry.weight for entry in settings.load(SHIPPED).catalogue.core) == 100


def test_the_income_of_a_village_is_own_transfer_or_neither() -> None:
    policy = settings.load(SHIPPED).policy
    every = set(policy.sources_of("weak_village"))
    assert set(policy.own_sources) | set(policy.transfer_sources) <= every
    assert policy.village_lines == tuple(wan * FEN_A_WAN for wan in (120, 150, 200))


def test_the_word_is_the_documents_word() -> None:
    for path in SHIPPED.glob("*.yaml"):
        assert "薄弱村" not in path.read_text(encoding="utf-8"), path.name


def test_the_folder_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _copy(tmp_path)
    _replace("district.yaml", "常州市武进区", "某某县")(folder)
    monkeypatch.setenv("DASHBOARD_CONFIG", str(folder))
    assert settings.load().district.name == "某某县"


def test_a_change_of_a_file_is_seen_without_a_restart(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    assert settings.load(folder).policy.lights.yellow_from == 90
    _replace("policy.yaml", "yellow_from: 90", "yellow_from: 8")(folder)
    assert settings.load(folder).policy.lights.yellow_from == 8


def test_a_file_saved_by_windows_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    path = folder / "district.yaml"
    path.write_text("\ufeff" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert settings.load(folder).district.root_unit == "320412"


Break = Callable[[Path], None]


def _copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "config"))


def _replace(name: str, old: str, new: str) -> Break:
    def apply(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} no longer has {old!r}: mend this test"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return apply


def _gbk(name: str) -> Break:
    def apply(folder: Path) -> None:
        path = folder / name
        path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))

    return apply


def _sign_on(**entries: Any) -> Callable[[Path], None]:
    said = {
        "enabled": True,
        "metadata_url": "https://sso.example/.well-known/openid-configuration",
        "client_id": "dashboard",
        "address": "https://fupin.example",
        "grants": [{"value": "office", "role": "office", "unit": "320412"}],
    }

    def make(folder: Path) -> None:
        text = yaml.safe_dump(said | entries, allow_unicode=True)
        (folder / "sign_on.yaml").write_text(text, encoding="utf-8")

    return make


def _remove(name: str) -> Break:
    return lambda folder: (folder / name).unlink()


def _empty(name: str) -> Break:
    def apply(folder: Path) -> None:
        (folder / name).write_text("", encoding="utf-8")

    return apply


BROKEN: dict[str, tuple[Break, list[str]]] = {
    # mistake: how it is made, and what the sentence must hold: file, key, what was expected
    "missing key": (
        _replace("district.yaml", "issuer: ", "# issuer: "),
        ["district.yaml", "issuer", "缺少这一项"],
    ),
    "core weights that do not come to a hundred": (
        _replace("indicators.yaml", "    weight: 16\n", "    weight: 15\n"),
        ["indicators.yaml", "weight", "应为100", "99"],
    ),
    "missing key of an indicator, named by its code": (
        _replace("indicators.yaml", "    clause: 二·首段\n", ""),
        ["indicators.yaml", "V01.clause", "缺少这一项"],
    ),
    "indicator without a code, named by its place": (
        _replace("indicators.yaml", "  - code: V02\n    name:", "  - name:"),
        ["indicators.yaml", "indicators.第2项.code", "缺少这一项"],
    ),
    "unknown key": (
        _replace("policy.yaml", "  green_from: 100", "  green_form: 100"),
        ["policy.yaml", "lights.green_form", "没有这一项,请检查拼写"],
    ),
    "text for a number": (
        _replace("policy.yaml", "wan: 150", "wan: 一百五十"),
        ["policy.yaml", "thresholds.weak_village.wan", "应为整数", "一百五十"],
    ),
    "fraction for an integer": (
        _replace("policy.yaml", "wan: 150", "wan: 150.5"),
        ["policy.yaml", "thresholds.weak_village.wan", "应为整数", "150.5"],
    ),
    "code without quotes": (
        _replace("district.yaml", '"320412"', "320412"),
        ["district.yaml", "root_unit", "应为文字(纯数字请加引号)", "320412"],
    ),
    "code of five digits": (
        _replace("district.yaml", '"320412"', '"32041"'),
        ["district.yaml", "root_unit", "应符合格式", "32041"],
    ),
    "word for true or false": (
        _replace("indicators.yaml", "cumulative: true", "cumulative: 累计"),
        ["indicators.yaml", "V01.cumulative", "应为 true 或 false", "累计"],
    ),
    "no such date": (
        _replace("policy.yaml", "2016-04-30", "2016-04-31"),
        ["policy.yaml", "registration_due", "应为日期,如2016-03-21", "2016-04-31"],
    ),
    "date without strokes": (
        _replace("policy.yaml", "2016-04-30", "20160430"),
        ["policy.yaml", "registration_due", "应为日期,如2016-03-21", "20160430"],
    ),
    "no such choice": (
        _replace("indicators.yaml", "direction: up", "direction: 越高越好"),
        ["indicators.yaml", "V01.direction", "'up'、'down'", "越高越好"],
    ),
    "no such aggregation": (
        _replace("indicators.yaml", "aggregation: sum", "aggregation: mean"),
        ["indicators.yaml", "V01.aggregation", "'sum'、'ratio'、'weighted_mean'", "mean"],
    ),
    "no such operator": (
        _replace("policy.yaml", 'operator: "<"', 'operator: "低于"'),
        ["policy.yaml", "thresholds.weak_village.operator", "'<'、'<='", "低于"],
    ),
    "percent above a hundred": (
        _replace("policy.yaml", "green_from: 100", "green_from: 120"),
        ["policy.yaml", "lights.green_from", "不大于100", "120"],
    ),
    "lights the wrong way round": (
        _replace("policy.yaml", "green_from: 100", "green_from: 80"),
        ["policy.yaml", "lights", "yellow_from 不能大于 green_from"],
    ),
    "heading too long for a table": (
        _replace("indicators.yaml", "short: 超150万元村", "short: 村集体年收入超过150万元的村"),
        ["indicators.yaml", "V01.short", "最多12个字"],
    ),
    "years the wrong way round": (
        _replace("district.yaml", "last_year: 2020", "last_year: 2015"),
        ["district.yaml", "last_year 不能早于 first_year"],
    ),
    "nothing after the colon": (
        _replace("district.yaml", "name: 常州市武进区", "name:"),
        ["district.yaml", "name", "应为文字", "现为空"],
    ),
    "threshold that policy.yaml does not have": (
        _replace("indicators.yaml", "threshold: weak_village", "threshold: poor_village"),
        [
            "indicators.yaml",
            "V02.register.threshold",
            "poor_village",
            "policy.yaml",
            "weak_village",
        ],
    ),
    "concept that is not defined": (
        _replace("policy.yaml", "concept: 年总收入", "concept: 总收入"),
        ["policy.yaml", "thresholds.weak_village.concept", "总收入", "concepts"],
    ),
    "income source that is own and transfer": (
        _replace("policy.yaml", "transfer_sources: [fiscal,", "transfer_sources: [leasing,"),
        ["policy.yaml", "收入来源不能既是自有又是转移", "leasing"],
    ),
    "two amounts for one line": (
        _replace("policy.yaml", "    wan: 150\n", "    wan: 150\n    yuan: 1500000\n"),
        ["policy.yaml", "thresholds.weak_village", "且只应填写一个"],
    ),
    "code used twice": (
        _replace("indicators.yaml", "- code: V02", "- code: V01"),
        ["indicators.yaml", "指标代码重复", "V01"],
    ),
    "part that bears an indicator's code": (
        _replace("indicators.yaml", "{code: V09A,", "{code: V10,"),
        ["indicators.yaml", "指标代码重复", "V10"],
    ),
    "ratio without its denominator": (
        _replace("indicators.yaml", "    denominator: {code: V05B", "    # {code: V05B"),
        ["indicators.yaml", "V05", "应有 numerator 和 denominator"],
    ),
    "key written twice": (
        _replace("policy.yaml", "  green_from: 100", "  green_from: 100\n  green_from: 90"),
        ["policy.yaml", "行的 green_from", "同一处写了两次"],
    ),
    "list instead of keys": (
        _replace(
            "policy.yaml", "lights:\n  green_from: 100\n  yellow_from: 90", "lights: [100, 90]"
        ),
        ["policy.yaml", "lights", "应为键值对"],
    ),
    "bad YAML": (
        _replace("policy.yaml", "lights:\n", "lights\n"),
        ["policy.yaml", "行", "不是有效的YAML"],
    ),
    "tab for indentation": (
        _replace("policy.yaml", "  green_from", "\tgreen_from"),
        ["policy.yaml", "行", "不是有效的YAML,请检查缩进"],
    ),
    "saved as GBK": (_gbk("district.yaml"), ["district.yaml", "不是UTF-8编码,请另存为UTF-8"]),
    "empty file": (_empty("policy.yaml"), ["policy.yaml", "(整个文件)", "应为键值对", "现为空"]),
    "sign-on without its address": (
        _sign_on(address=""),
        ["sign_on.yaml", "enabled 为 true 时应写 address"],
    ),
    "sign-on in plain text": (
        _sign_on(metadata_url="http://sso.example/.well-known/openid-configuration"),
        ["sign_on.yaml", "metadata_url 应以 https:// 开头"],
    ),
    "sign-on at another address of the provider": (
        _sign_on(metadata_url="https://sso.example/login"),
        ["sign_on.yaml", "metadata_url 应以 /.well-known/openid-configuration 结尾"],
    ),
    "sign-on that lets nobody in": (_sign_on(grants=[]), ["sign_on.yaml", "谁也进不来"]),
    "sign-on with a unit twice": (
        _sign_on(grants=[{"value": "x", "role": "town", "unit": "320412", "unit_claim": "u"}]),
        ["sign_on.yaml", "grants.第1项", "应写一个,也只写一个"],
    ),
    "sign-on for a department of no name": (
        _sign_on(grants=[{"value": "x", "role": "department", "unit": "320412"}]),
        ["sign_on.yaml", "organisation"],
    ),
    "sign-on for a role that is none": (
        _sign_on(grants=[{"value": "x", "role": "chief", "unit": "320412"}]),
        ["sign_on.yaml", "grants.第1项.role", "'leader'、'office'"],
    ),
    "file missing": (_remove("indicators.yaml"), ["缺少配置文件 indicators.yaml", "config"]),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_mistake_gets_a_sentence_with_file_key_and_what_was_expected(
    mistake: str, tmp_path: Path
) -> None:
    make, said = BROKEN[mistake]
    folder = _copy(tmp_path)
    make(folder)
    with pytest.raises(settings.ConfigError) as refusal:
        settings.load(folder)
    for words in said:
        assert words in str(refusal.value)


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    _replace("policy.yaml", "wan: 150", "wan: 多")(folder)
    _replace("policy.yaml", "yuan: 10000", "yuan: -1")(folder)
    with pytest.raises(settings.ConfigError) as refusal:
        settings.load(folder)
    first, second = str(refusal.value).splitlines()
    assert "weak_village.wan" in first
    assert "low_income_household.yuan" in second
    assert "不小于0" in second


def test_sentences_are_chinese_without_the_librarys_words(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    _replace("policy.yaml", "lights:\n  green_from: 100", "lights:\n  green_from: x")(folder)
    with pytest.raises(settings.ConfigError) as refusal:
        settings.load(folder)
    assert str(refusal.value) == "配置文件 policy.yaml 的 lights.green_from:应为整数,现为“x”"


def test_single_sign_on_is_off_and_may_be_missing(tmp_path: Path) -> None:
    assert not settings.load(SHIPPED).sign_on.enabled
    folder = _copy(tmp_path)
    (folder / "sign_on.yaml").unlink()
    assert not settings.load(folder).sign_on.enabled


@pytest.mark.parametrize(("said", "roles"), [("all", 5), ("office", 1), ("none", 0)])
def test_whose_passwords_are_left(said: str, roles: int, tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    _sign_on(passwords=said)(folder)
    assert len(settings.load(folder).sign_on.password_roles) == roles


def test_without_the_clients_secret_the_server_does_not_start(
    tmp_path: Path, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _copy(tmp_path)
    _sign_on()(folder)
    monkeypatch.delenv(sign_on_server.SECRET, raising=False)
    with pytest.raises(settings.ConfigError, match="DASHBOARD_OIDC_SECRET"):
        sign_on_server.prepare(settings.load(folder), sqlite_store)
