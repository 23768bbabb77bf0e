"""Spec: the frozen, closed base of every parameter set, and its way from and to YAML."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

SpecT = TypeVar("SpecT", bound="Spec")
Grade = Literal["measured", "fitted", "assumed"]


class InputError(ValueError):
    """Bad input, told in one line: file, path, value and what is allowed (exit code 2)."""


class Spec(BaseModel):
    """Frozen, closed, finite: no unknown key, no NaN, no infinity.

    Examples
    --------
    >>> class Wire(Spec):
    ...     r_ohm: float
    >>> Wire(r_ohm=2.0).digest() == Wire(r_ohm=2.0).digest()
    True
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )

    def digest(self) -> str:
        """Return the SHA-256 of the canonical JSON of this spec, as hexadecimal text."""
        return digest_of(self.model_dump(mode="json"))


class Source(Spec):
    """Where a set of numbers comes from, and how far it can be trusted.

    Parameters
    ----------
    cite : str
        Author, title or venue, and where in it.
    doi : str, optional
        DOI or arXiv number.
    grade : {"measured", "fitted", "assumed"}
        Measured in the cited work, fitted to it, or assumed by this project.
    note : str, optional
        Anything a reader has to know before using the numbers.
    """

    cite: str = Field(min_length=3)
    doi: str | None = None
    grade: Grade
    note: str | None = None


def canonical_json(value: Any) -> str:
    """Return `value` as JSON with sorted keys and no spaces; NaN and infinity are refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_of(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Read one YAML mapping; anything else is an `InputError` that names the file and line."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InputError(f"{path}: cannot be read ({reason})") from None
    try:
        tree = yaml.load(text, Loader=_UniqueKeyLoader)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1} " if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        raise InputError(f"{path}: {where}is not valid YAML: {problem}") from None
    if not isinstance(tree, dict):
        found = "nothing (the file is empty)" if tree is None else f"a {type(tree).__name__}"
        raise InputError(f"{path}: expected a YAML mapping, found {found}")
    return tree


class _UniqueKeyLoader(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice, and aliases: a small file stays small."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not allowed", problem_mark=mark)
        return super().compose_node(parent, index)


def _unique_mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        text = isinstance(key, str)
        fault = "is not text" if not text else "is given twice" if key in seen else ""
        if fault:
            raise yaml.MarkedYAMLError(
                problem=f"key {key!r} {fault}", problem_mark=key_node.start_mark
            )
        seen.add(key)
    return dict(loader.construct_mapping(node, deep=True))


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)


def write_yaml(path: str | Path, tree: Mapping[str, Any]) -> None:
    """Write a mapping as YAML, keys in the order given."""
    text = yaml.safe_dump(dict(tree), sort_keys=False, allow_unicode=True, width=100)
    Path(path).write_text(text, encoding="utf-8")


def with_override(tree: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return `tree` with the value at a dotted path replaced; a null parent becomes a section.

    Examples
    --------
    >>> with_override({"adc": {"bits": 8}}, "adc.bits", 6)
    {'adc': {'bits': 6}}
    """
    head, _, rest = path.partition(".")
    out = dict(tree)
    if not rest:
        out[head] = value
        return out
    child = {} if not out or out.get(head, "") is None else out.get(head)
    if not isinstance(child, Mapping):
        raise InputError(
            f"--set {path}: {head!r} is not a section here{_hint(head, out)}; "
            f"sections: {', '.join(sorted(map(str, out)))}; a new one is set whole, as in "
            f"'{head}={{{rest.partition('.')[0]}: ...}}'"
        )
    out[head] = with_override(child, rest, value)
    return out


def nearest(name: str, known: Any) -> str | None:
    """Return the known name nearest to `name`, or None where nothing is near."""
    found = difflib.get_close_matches(str(name), [str(k) for k in known], n=1, cutoff=0.6)
    return found[0] if found else None


def validate(cls: type[SpecT], tree: Mapping[str, Any], where: str) -> SpecT:
    """Build a spec from plain data; the first fault becomes a one-line `InputError`.

    Parameters
    ----------
    cls : type
        The `Spec` subclass to build.
    tree : mapping
        Plain data, as read from YAML or JSON.
    where : str
        Name of the file, for the message.

    Raises
    ------
    InputError
        With file, dotted path, value found, and what is allowed.
    """
    try:
        return cls.model_validate(tree)
    except ValidationError as error:
        raise InputError(f"{where}: {describe(error, cls)}") from None


def describe(error: ValidationError, cls: type[BaseModel]) -> str:
    """Tell the first fault of a pydantic error in one line; a misspelt key before a missing one."""
    found = error.errors(include_url=False)
    fault = next((f for f in found if f["type"] == "extra_forbidden"), found[0])
    path, known = _walk(cls, fault["loc"])
    context, where = fault.get("ctx", {}), f"{path}: " if path else ""
    if fault["type"] == "extra_forbidden":
        hint = _hint(fault["loc"][-1], known)
        return f"{where}unknown key{hint}; allowed: {', '.join(sorted(known)) or 'none'}"
    if fault["type"] == "union_tag_invalid":
        tags = context["expected_tags"]
        hint = _hint(context["tag"], tags.replace("'", "").split(", "))
        return f"{path}.kind: found {context['tag']!r}{hint}; allowed: {tags}"
    if fault["type"] == "union_tag_not_found":
        return f"{path}.kind: required key is missing"
    if fault["type"] == "missing":
        missing = [f["loc"] for f in found if f["type"] == "missing" and f is not fault]
        more = ", ".join(str(loc[-1]) for loc in missing if loc[:-1] == fault["loc"][:-1])
        return f"{path}: required key is missing{f'; so are: {more}' if more else ''}"
    message = fault["msg"].removeprefix("Value error, ")
    shown = repr(fault["input"])
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    if isinstance(fault["input"], (Mapping, BaseModel)):
        return f"{where}{message}"
    return f"{where}found {shown}; {message}"


def _hint(name: Any, known: Any) -> str:
    near = nearest(str(name), known)
    return f"; did you mean {near!r}" if near else ""


def _walk(cls: type[BaseModel], loc: tuple[Any, ...]) -> tuple[str, set[str]]:
    """Return `loc` as the dotted path of a file (no union tags) and the keys allowed there."""
    models: list[type[BaseModel]] = [cls]
    keys: list[str] = []
    for part in loc:
        fields = [m.model_fields[part] for m in models if part in m.model_fields]
        tagged = [] if fields else [m for m in models if _tag_of(m) == part]
        models = tagged or [m for f in fields for m in _models_in(f.annotation)] or models
        keys += [] if tagged else [str(part)]
    path = ascii(".".join(keys))[1:-1]
    return path, {key for model in models for key in model.model_fields}


def _tag_of(model: type[BaseModel]) -> Any:
    kind = model.model_fields.get("kind")
    return getattr(kind.annotation, "__args__", (None,))[0] if kind else None


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for part in getattr(annotation, "__args__", ()) for m in _models_in(part)]


def load_spec(
    cls: type[SpecT], path: str | Path, overrides: Mapping[str, Any] | None = None
) -> SpecT:
    """Read a YAML file, apply dotted-path overrides, and validate it as `cls`."""
    tree = read_yaml(path)
    for key, value in (overrides or {}).items():
        tree = with_override(tree, key, value)
    return validate(cls, tree, str(path))


# fmt: off
__all__ = [
    "Grade", "InputError", "Source", "Spec", "canonical_json", "describe", "digest_of",
    "load_spec", "nearest", "read_yaml", "validate", "with_override", "write_yaml",
]
