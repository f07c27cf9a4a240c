"""Values in YAML files, typed as on the command line and in Python."""

import re
from pathlib import Path
from typing import Any

import yaml


class _Strict(yaml.SafeLoader):
    """YAML with the scalars of version 1.2, without aliases and without names given twice."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):  # a few lines of them are billions of values
            raise yaml.YAMLError(f"write values out: {str(self.peek_event().start_mark).strip()}")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        if twice := [name for name in names if names.count(name) > 1]:  # only the last would count
            raise yaml.YAMLError(f"{twice[0]} is given twice, {str(node.start_mark).strip()}")
        return super().construct_mapping(node, deep)


_Strict.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))
for _kind, _pattern in (
    ("null", r"~|null|Null|NULL|"),
    ("bool", r"true|True|TRUE|false|False|FALSE"),
    ("int", r"[-+]?[0-9]{1,4000}"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf)|\.(nan|NaN)"),
):
    _Strict.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}", re.compile(f"^(?:{_pattern})$"), None
    )


def load(path: Path) -> Any:
    """Content of a YAML file.

    Raises
    ------
    ValueError
        If it is none, or nested deeper than Python goes.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), _Strict)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from error


def typed(text: str) -> Any:
    """A value of the command line as it would be in a file.

    Examples
    --------
    >>> typed("1e-3"), typed("010"), typed("no"), typed("true"), typed("a: b")
    (0.001, 10, 'no', True, 'a: b')
    """
    try:
        value = yaml.load(text, _Strict)
    except yaml.YAMLError:
        return text
    return text if isinstance(value, dict | list) else value
