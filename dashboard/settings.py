"""The environment and config/, typed. A wrong file gives one sentence that says what to mend."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from dashboard.config_models import Catalogue, DistrictConfig, PolicyConfig, SignOnConfig

_Model = TypeVar("_Model", bound=BaseModel)


class ConfigError(ValueError):
    """A file of config/ cannot be used; the message is a Chinese sentence a line."""


@dataclass(frozen=True)
class Settings:
    """All of config/."""

    folder: Path
    district: DistrictConfig
    policy: PolicyConfig
    catalogue: Catalogue
    sign_on: SignOnConfig = field(default_factory=SignOnConfig)


def load(folder: str | Path | None = None) -> Settings:
    """Read config/ (DASHBOARD_CONFIG, else ./config). Raises ConfigError."""
    path = Path(folder or os.environ.get("DASHBOARD_CONFIG") or "config").resolve()
    stamp = tuple((path / name).stat().st_mtime_ns for name in _FILES if (path / name).exists())
    return _load(path, stamp)


_FILES = ("district.yaml", "policy.yaml", "indicators.yaml", "sign_on.yaml")


@lru_cache(maxsize=8)
def _load(path: Path, _stamp: tuple[int, ...]) -> Settings:
    settings = Settings(
        path,
        _read(path / "district.yaml", DistrictConfig),
        _read(path / "policy.yaml", PolicyConfig),
        _read(path / "indicators.yaml", Catalogue),
        # A folder from before there was single sign-on has none, and needs none.
        _read(path / "sign_on.yaml", SignOnConfig) if _has_sign_on(path) else SignOnConfig(),
    )
    _check_together(settings)
    return settings


def _has_sign_on(folder: Path) -> bool:
    return (folder / "sign_on.yaml").exists()


class _Loader(yaml.SafeLoader):
    """YAML without two surprises: a second equal key is refused, where YAML lets it win silently,
    and dates stay text for the models, where YAML raises at 2016-04-31."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.yaml_implicit_resolvers = {
            first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
            for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and keys.count(key.value) > 1:
                raise _KeyTwice(key.value, key.start_mark.line + 1)
        return super().construct_mapping(node, deep)


class _KeyTwice(ValueError):
    def __init__(self, key: str, line: int) -> None:
        super().__init__(f"第{line}行的 {key}:同一处写了两次,请只保留一个")


_NOT_YAML = (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What the parser raises, and what its own code stumbles over: !!int x, thousands of brackets."""


def _read(path: Path, model: type[_Model]) -> _Model:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 (a SafeLoader)
    except _KeyTwice as error:
        raise ConfigError(f"配置文件 {path.name} {error}") from None
    except FileNotFoundError:
        raise ConfigError(f"缺少配置文件 {path.name}(应在目录 {path.parent})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"配置文件 {path.name} 不是UTF-8编码,请另存为UTF-8") from None
    except OSError as error:
        raise ConfigError(f"配置文件 {path.name} 不能读取({error.strerror})") from None
    except _NOT_YAML as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第{mark.line + 1}行" if mark else ""
        raise ConfigError(f"配置文件 {path.name} {where}不是有效的YAML,请检查缩进和冒号") from None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConfigError("\n".join(_sentences(path.name, content, error))) from None


def _check_together(settings: Settings) -> None:
    """What only shows when the whole catalogue and the policy are there."""
    total = sum(entry.weight for entry in settings.catalogue.core)
    if total != 100:
        raise ConfigError(f"配置文件 indicators.yaml 的 weight:核心指标合计应为100,现为{total}")
    known = settings.policy.thresholds
    for entry in settings.catalogue.indicators:
        rule = entry.register_rule
        if rule and rule.threshold is not None and rule.threshold not in known:
            raise ConfigError(
                f"配置文件 indicators.yaml 的 {entry.code}.register.threshold:"
                f"“{rule.threshold}”不在 policy.yaml 的 thresholds 中(有:{'、'.join(known)})"
            )


_EXPECTED = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项,请检查拼写",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "string_type": "应为文字(纯数字请加引号)",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为列表",
    "dict_type": "应为键值对",
    "model_type": "应为键值对",
    "date_from_datetime_parsing": "应为日期,如2016-03-21",
    "date_from_datetime_inexact": "应为日期,如2016-03-21",
    "date_parsing": "应为日期,如2016-03-21",
    "date_type": "应为日期,如2016-03-21",
}


def _sentences(file: str, content: Any, error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        key = _key(content, problem["loc"])
        yield f"配置文件 {file} 的 {key}:{_expected(problem)}"


def _key(content: Any, location: tuple[int | str, ...]) -> str:
    """The path to a key as its author would say it: an indicator by its code, not its position."""
    names: list[str] = []
    here = content
    for step in location:
        here = here[step] if _has(here, step) else None
        code = here.get("code") if isinstance(step, int) and isinstance(here, dict) else None
        names.append(str(code or (f"第{step + 1}项" if isinstance(step, int) else step)))
    return ".".join(names) or "(整个文件)"


def _has(here: Any, step: int | str) -> bool:
    if isinstance(here, dict):
        return step in here
    return isinstance(here, list) and isinstance(step, int) and step < len(here)


def _expected(problem: Any) -> str:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in ("missing", "extra_forbidden"):
        return _EXPECTED[kind]
    given = f",现为“{str(problem['input'])[:40]}”" if problem["input"] is not None else ",现为空"
    if kind == "value_error":
        return str(context["error"])
    if kind in ("literal_error", "enum"):
        choices = context["expected"].replace(" or ", "、").replace(", ", "、")
        return f"应为 {choices} 之一{given}"
    if kind == "string_pattern_mismatch":
        return f"应符合格式 {context['pattern']}{given}"
    if kind == "string_too_long":
        return f"最多{context['max_length']}个字{given}"
    bounds = {"greater_than_equal": "不小于", "less_than_equal": "不大于"}
    if kind in bounds:
        return f"应{bounds[kind]}{context.get('ge', context.get('le'))}{given}"
    return f"{_EXPECTED.get(kind, '格式不对')}{given}"
