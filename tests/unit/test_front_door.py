"""`import panscan`: what it offers, also after its packages were imported, and what old paths lead to."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import warnings

import pytest

import panscan
from panscan import moved_modules


def test_all_names_are_there_and_documented():
    for name in panscan.__all__:
        found = getattr(panscan, name)
        assert name == "__version__" or inspect.getdoc(found), name
    assert set(panscan.__all__) <= set(dir(panscan))
    with pytest.raises(AttributeError, match="nothing"):
        _ = panscan.nothing


@pytest.mark.parametrize("name", ["deliver", "render", "verify"])
def test_a_package_is_called_like_its_function(name):
    package = importlib.import_module(f"panscan.{name}")
    assert getattr(panscan, name) is package and callable(package)
    with pytest.raises(TypeError, match=f"{name}\\(\\) missing"):
        package()


def test_the_public_functions_take_and_give_types():
    """No `Any` stands at the borders, but in mappings of options and recipes."""
    for name in ("analyse", "analyse_cut", "reframe", "reframe_cut", "request_for", "load_preset", "read_timeline"):
        for parameter, kind in inspect.get_annotations(getattr(panscan, name)).items():
            assert kind != "Any", f"{name}({parameter})"


def test_old_paths_work_and_say_where_to_go():
    for module, names in moved_modules.MOVED.items():
        old = importlib.import_module(module)
        for name, target in names.items():
            home, _, new = target.partition(":")
            with pytest.warns(DeprecationWarning, match=f"{module}.{name} is now {home}.{new}"):
                assert getattr(old, name) is getattr(importlib.import_module(home), new)
        with pytest.raises(AttributeError):
            _ = old.never_there
    for module, names in moved_modules.RENAMED.items():
        for name, target in names.items():
            with pytest.warns(DeprecationWarning, match=target.replace(":", ".")):
                assert getattr(importlib.import_module(module), name) is not None
        with pytest.raises(AttributeError):
            _ = importlib.import_module(module).never_there


def test_a_warning_points_at_the_line_that_uses_the_old_name():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        from panscan.document.timeline import read

        from panscan.render import Settings
    assert read is panscan.read_timeline and Settings is panscan.RenderSettings
    assert {warning.filename for warning in caught} == {__file__}


def test_the_command_line_is_a_module_too():
    ran = subprocess.run([sys.executable, "-m", "panscan", "--version"], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0 and ran.stdout.strip() == f"panscan {panscan.__version__}"
