"""Spec, its YAML, overrides and the one-line messages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError, model_validator

from aimc_sim.spec import (
    InputError,
    Source,
    Spec,
    canonical_json,
    digest_of,
    load_spec,
    nearest,
    read_yaml,
    validate,
    with_override,
    write_yaml,
)


class Sine(Spec):
    kind: Literal["sine"]
    f_Hz: float = Field(gt=0)


class Square(Spec):
    kind: Literal["square"]
    duty: float = Field(ge=0, le=1)


class Window(Spec):
    """A relation between two fields."""

    g_min_S: float
    g_max_S: float

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if self.g_min_S >= self.g_max_S:
            raise ValueError(f"g_min_S {self.g_min_S} is not below g_max_S {self.g_max_S}")
        return self


class Top(Spec):
    """Nested, with a tagged union, a list and an optional part."""

    name: str
    wave: Annotated[Sine | Square, Field(discriminator="kind")]
    window: Window | None = None
    parts: tuple[Sine, ...] = ()
    bits: int = Field(default=8, ge=1, le=16)


GOOD: dict[str, Any] = {
    "name": "x",
    "wave": {"kind": "sine", "f_Hz": 2.0},
    "window": {"g_min_S": 1.0e-6, "g_max_S": 1.0e-5},
}


def message_of(tree: dict[str, Any]) -> str:
    """Return the message that `tree` gives."""
    with pytest.raises(InputError) as caught:
        validate(Top, tree, "file.yaml")
    text = str(caught.value)
    assert text.startswith("file.yaml: ")
    assert "\n" not in text
    return text


# fmt: off
FAULTS = [
    ("naem", "y", ("naem: unknown key", "did you mean 'name'", "allowed: bits, name")),
    ("wave.f_hz", 3.0, ("wave.f_hz: unknown key", "did you mean 'f_Hz'", "allowed: f_Hz, kind")),
    ("wave.kind", "sinus", ("wave.kind: found 'sinus'; did you mean 'sine'", "'square'")),
    ("wave.f_Hz", -1.0, ("wave.f_Hz: found -1.0", "greater than 0")),
    ("wave.f_Hz", float("nan"), ("wave.f_Hz: found nan", "finite number")),
    ("wave.f_Hz", float("inf"), ("wave.f_Hz: found inf", "finite number")),
    ("wave.f_Hz", "fast", ("wave.f_Hz: found 'fast'", "valid number")),
    ("window.g_max_S", 1.0e-7, ("window: g_min_S 1e-06 is not below g_max_S 1e-07",)),
    ("window.g_mx_S", 1.0, ("window.g_mx_S: unknown key", "did you mean 'g_max_S'")),
    ("bits", 8.5, ("bits: found 8.5", "integer")),
    ("bits", 17, ("bits: found 17", "less than or equal to 16")),
    ("bits", -2, ("bits: found -2", "greater than or equal to 1")),
    ("bits", [8], ("bits: found [8]",)),
    ("parts", [{"kind": "sine"}], ("parts.0.f_Hz: required key is missing",)),
    ("parts", "x" * 200, ("parts: found 'xxx", "...",)),
]
# fmt: on


@pytest.mark.parametrize(("path", "value", "says"), FAULTS)
def test_a_fault_names_path_value_and_what_is_allowed(
    path: str, value: Any, says: tuple[str, ...]
) -> None:
    tree = with_override(GOOD, path, value)
    message = message_of(tree)
    for text in says:
        assert text in message
    assert len(message) < 250


def test_a_missing_key_is_named() -> None:
    assert "wave: required key is missing" in message_of({"name": "x"})
    assert "wave.kind: required key is missing" in message_of({"name": "x", "wave": {"f_Hz": 1}})


def test_a_misspelt_key_is_told_before_the_missing_one() -> None:
    message = message_of({"nmae": "x", "wave": GOOD["wave"]})
    assert "nmae: unknown key; did you mean 'name'" in message


def test_a_key_with_a_line_break_stays_on_one_line() -> None:
    assert "a\\nb: unknown key" in message_of(GOOD | {"a\nb": 1})


def test_a_spec_is_frozen_and_closed() -> None:
    spec = validate(Top, GOOD, "file.yaml")
    with pytest.raises(ValidationError):
        spec.name = "other"
    with pytest.raises(ValidationError):
        Source(cite="A paper", grade="guessed")  # type: ignore[arg-type]


def test_defaults_are_checked_too() -> None:
    class Wrong(Spec):
        bits: int = Field(default=0, ge=1)

    with pytest.raises(ValidationError):
        Wrong()


def test_digest_does_not_depend_on_the_order_of_keys() -> None:
    turned = dict(reversed(GOOD.items()))
    assert validate(Top, turned, "a").digest() == validate(Top, GOOD, "b").digest()
    other = with_override(GOOD, "bits", 7)
    assert validate(Top, other, "a").digest() != validate(Top, GOOD, "a").digest()


def test_digest_is_the_same_for_ever() -> None:
    assert digest_of({"b": [1, 2.5], "a": None}) == (
        "e57f5d37865437a82e1108bafb4e5213dfe7e9085f5c253341ebbab30cac5faf"
    )


def test_canonical_json_refuses_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"x": float("nan")})


TEXTS = {
    "empty": ("", "found nothing"),
    "list": ("- 1\n- 2\n", "expected a YAML mapping, found a list"),
    "text": ("just words\n", "found a str"),
    "tab": ("a:\n\tb: 1\n", "line 2 is not valid YAML"),
    "quote": ('a: "x\n', "is not valid YAML"),
    "two_documents": ("a: 1\n---\nb: 2\n", "line 2"),
    "key_twice": ("a: 1\nb: 2\na: 3\n", "line 3 is not valid YAML: key 'a' is given twice"),
    "inner_key_twice": ("x:\n  a: 1\n  a: 2\n", "line 3 is not valid YAML: key 'a' is given"),
    "number_key": ("1: 2\n", "key 1 is not text"),
    "null_key": ("~: 2\n", "key None is not text"),
    "list_key": ("? [1]\n: 2\n", "is not text"),
    "alias": ("a: &x [1]\nb: *x\n", "line 2 is not valid YAML: aliases (*name) are not allowed"),
    "merge": ("a: &x {b: 1}\nc:\n  <<: *x\n", "aliases"),
    "python_tag": ("a: !!python/object/apply:os.getcwd []\n", "could not determine a constructor"),
    "bad_date": ("a: 2024-13-45\n", "month must be in 1..12"),
    "bad_int": ("a: !!int seven\n", "invalid literal"),
    "long_int": ("a: " + "9" * 5000 + "\n", "digits"),
    "deep": ("[" * 5000, "recursion"),
    "control": ("a: \x01\n", "special characters"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_bad_yaml_is_told_in_one_line(name: str, tmp_path: Path) -> None:
    text, says = TEXTS[name]
    path = tmp_path / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_yaml(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert says in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"name: \xe9t\xe9\n")
    for name, says in (
        ("latin.yaml", "not UTF-8"),
        ("none.yaml", "No such file"),
        (".", "Is a directory"),
    ):
        with pytest.raises(InputError, match=says):
            read_yaml(tmp_path / name)


def test_load_spec_applies_overrides_before_it_checks(tmp_path: Path) -> None:
    write_yaml(tmp_path / "top.yaml", GOOD)
    spec = load_spec(
        Top, tmp_path / "top.yaml", {"bits": 4, "wave": {"kind": "square", "duty": 0.5}}
    )
    assert (spec.bits, spec.wave) == (4, Square(kind="square", duty=0.5))
    with pytest.raises(InputError, match="bits: found 99"):
        load_spec(Top, tmp_path / "top.yaml", {"bits": 99})


def test_an_override_needs_its_section() -> None:
    with pytest.raises(InputError) as caught:
        with_override(GOOD, "wvae.f_Hz", 1)
    assert "--set wvae.f_Hz: 'wvae' is not a section here; did you mean 'wave'" in str(caught.value)
    assert GOOD["wave"]["f_Hz"] == 2.0


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | NAMES
    | st.floats(allow_nan=False, allow_infinity=False)
)
TREES = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


@given(tree=TREES)
def test_yaml_round_trip(tree: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("yaml") / "tree.yaml"
    write_yaml(path, tree)
    assert read_yaml(path) == tree


def test_nearest() -> None:
    assert nearest("energy_pJ", ["energy_J", "latency_s"]) == "energy_J"
    assert nearest("qqq", ["energy_J", "latency_s"]) is None
