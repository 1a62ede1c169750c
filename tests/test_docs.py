"""Documents that cannot drift: commands, dependencies, sheets, words and links are checked."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest
import yaml

from dashboard import cli
from dashboard.data import schema

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
READMES = ("README.md", "README.zh-CN.md")

# The interface of the workbooks: every sheet with its columns, in order.
SHEETS = {
    "单位": "代码, 名称, 层级, 上级代码, 类别, 经度, 纬度, 坐标系",
    "边界": "代码",
    "目标": "年度, 指标代码, 单位代码, 目标值, 责任单位, 责任人, 完成月份",
    "月度计划": "年度, 月份, 指标代码, 单位代码, 计划累计值",
    "指标填报": "年度, 季度, 指标代码, 单位代码, 数值",
    "村集体收入": "年度, 季度, 村代码, 经营收入, 发包租赁收入, 投资分红收入, 财政补助收入, "
    "生态补偿收入, 捐赠收入, 其他收入",
    "低收入农户": "农户编号, 村代码, 人口数, 劳动力数, 类别, 致贫原因, 识别日期",
    "农户收入": "年度, 农户编号, 人均可支配收入",
    "状态变更": "对象类型, 对象编号, 事件, 日期, 依据",
    "结对": "结对类型, 帮扶单位, 帮扶人职务, 对象类型, 对象编号, 开始日期, 结束日期",
    "措施": "对象类型, 对象编号, 措施类别, 责任部门, 开始日期, 状态, 金额",
    "项目": "项目编号, 名称, 类别, 单位代码, 总投资, 已完成投资, 进度, 开工日期, 计划完成日期, "
    "状态",
    "资金": "流水号, 年度, 资金来源, 用途类别, 单位代码, 项目编号, 安排金额, 拨付金额, 支出金额, "
    "日期, 审计状态",
    "任务": "任务编号, 单位代码, 落实类别, 内容, 责任单位, 责任人, 完成月份, 完成日期, 状态",
    "督查": "年度, 季度, 单位代码, 落实类别, 得分, 发现问题, 整改期限, 整改完成日期",
}


def _commands(
    command: click.Command = cli.main, names: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name ("user add"), groups left out."""
    if not isinstance(command, click.Group):
        yield " ".join(names), command
        return
    for name, child in command.commands.items():
        yield from _commands(child, (*names, name))


COMMANDS = dict(_commands())


def _chinese(text: str | None) -> bool:
    return re.search(r"[\u4e00-\u9fff]", text or "") is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_both_readmes(name: str) -> None:
    for readme in READMES:
        assert f"`{name}`" in (ROOT / readme).read_text(encoding="utf-8"), readme


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_explains_itself_in_chinese(name: str) -> None:
    command = COMMANDS[name]
    assert _chinese(command.help)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert _chinese(parameter.help), parameter.name


def test_no_document_names_a_command_or_option_that_is_not_there() -> None:
    options = {
        option for command in COMMANDS.values() for param in command.params for option in param.opts
    }
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for line in re.findall(r"python -m dashboard +([^\n`]+)", text):
            words = line.split()
            name = " ".join(words[:2]) if words[0] == "user" else words[0]
            assert name in COMMANDS or name == "…", (path.name, line)
            named = [word for word in words if word.startswith("--") and word != "--help"]
            assert set(named) <= options, (path.name, line)


def _pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith(("#", "-"))]
    assert all("==" in line for line in pins), f"{name}: exact versions only"
    return {
        re.sub(r"\[.*\]", "", package): version
        for package, version in (line.split("==") for line in pins)
    }


def _listed(heading: str) -> set[str]:
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| ([\w.-]+) \| \S", section, re.MULTILINE)) - {"package", "---"}


def test_every_dependency_earns_its_place() -> None:
    assert _listed("The program") == set(_pins("requirements.txt"))
    assert _listed("Tests and checks") == set(_pins("requirements-dev.txt"))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_constraints_repeat_every_pin() -> None:
    constraints = {_normal(name): version for name, version in _pins("constraints.txt").items()}
    for file in ("requirements.txt", "requirements-dev.txt"):
        for name, version in _pins(file).items():
            assert constraints.get(_normal(name)) == version, name


# Loaded by name or by another package: no import statement tells of them.
NOT_IMPORTED = {"psycopg", "defusedxml"}


def test_the_program_imports_what_it_requires_and_requires_what_it_imports() -> None:
    owners = packages_distributions()
    imported: set[str] = set()
    for path in [ROOT / "streamlit_app.py", *(ROOT / "dashboard").rglob("*.py")]:
        for module in _imports(path):
            if module not in sys.stdlib_module_names and module != "dashboard":
                imported.update(_normal(name) for name in owners[module])
    required = {_normal(name) for name in _pins("requirements.txt")}
    assert imported | NOT_IMPORTED == required


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def _sheets_in_document() -> dict[str, list[str]]:
    text = (ROOT / "docs/data.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    found = {}
    for section in sections:
        columns = re.findall(r"^\| (\S+) \| ●? ?\|", section, re.MULTILINE)
        if columns:
            found[section.splitlines()[0].strip()] = columns
    return found


def test_every_sheet_and_column_is_described() -> None:
    assert _sheets_in_document() == {
        sheet: columns.split(", ") for sheet, columns in SHEETS.items()
    }


def test_every_table_of_the_store_is_described() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    section = text.split("## Store")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(schema.metadata.tables)


def _glossary() -> list[str]:
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
    return [term for row in rows[2:] for term in row.strip().split(" / ")]


@pytest.mark.parametrize("term", _glossary())
def test_every_word_of_the_glossary_is_used(term: str) -> None:
    used_in = [path for path in DOCUMENTS if path.name != "glossary.md"]
    used_in += [*(ROOT / "config").glob("*.yaml"), *(ROOT / "dashboard").rglob("*.py")]
    assert any(term in path.read_text(encoding="utf-8") for path in used_in)


def test_the_readme_uses_words_of_the_glossary() -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Glossary")[1]
    rows = re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)[2:]
    terms = {term for row in rows for term in row.strip().split(" / ")}
    assert terms
    assert terms <= set(_glossary())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_within_the_project_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_in_code_marks_are_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for named in re.findall(r"`((?:dashboard|config|docs|tests|scripts)/[\w./-]+)`", text):
        assert (ROOT / named).exists(), named


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    for path in folder.glob("0*.md"):
        assert f"({path.name})" in listed


def test_every_target_of_make_that_documents_name_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= targets, path.name


def test_hooks_run_what_make_lint_runs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    tools = {Path(hook["entry"].split()[0]).name for hook in hooks["repos"][0]["hooks"]}
    lint = (ROOT / "Makefile").read_text(encoding="utf-8").split("\nlint:")[1].split("\n\n")[0]
    assert tools == set(re.findall(r"\$\(BIN\)/([\w-]+)", lint))
