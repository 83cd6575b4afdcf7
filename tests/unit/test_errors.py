"""Errors that people read."""

from __future__ import annotations

import pytest

from panscan import errors
from panscan.errors import (
    CapabilityError,
    DocumentError,
    InputError,
    InternalError,
    PanscanError,
    RenderError,
    UsageError,
)

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PanscanError)]


@pytest.mark.parametrize(
    ("kind", "code"),
    [(UsageError, 2), (InputError, 3), (DocumentError, 3), (CapabilityError, 4), (RenderError, 3), (InternalError, 70)],
)
def test_exit_codes(kind, code):
    assert kind("what").exit_code == code
    assert len(KINDS) == 7


def test_an_error_tells_what_why_and_fix():
    error = InputError("the film is cut off", why="Half of it is missing.", fix="Copy it again.")
    assert str(error) == "the film is cut off\n  why: Half of it is missing.\n  fix: Copy it again."
    assert (error.what, error.why, error.fix) == (error.args[0], "Half of it is missing.", "Copy it again.")
    assert str(UsageError("just this")) == "just this"


def test_libraries_can_catch_them_as_python_errors():
    assert issubclass(UsageError, ValueError) and issubclass(InputError, ValueError)
    assert issubclass(DocumentError, InputError)
    assert issubclass(CapabilityError, RuntimeError) and issubclass(RenderError, RuntimeError)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_explains_itself(kind):
    assert kind.__doc__ and kind.exit_code in (2, 3, 4, 70)
