"""Libraries that are imported for less, and what is collected while they work."""

import gc
import subprocess
import sys
import weakref

from panscan.libraries import single_threaded_opencv


def loaded(code: str) -> list[str]:
    """What a process of its own prints, line by line."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_mediapipe_comes_without_matplotlib_until_something_is_drawn():
    code = """
import sys
from panscan.libraries import import_mediapipe
drawing = import_mediapipe().solutions.drawing_utils
print("matplotlib" in sys.modules, "matplotlib.pyplot" in sys.modules)
import matplotlib
matplotlib.use("agg")
figure = drawing.plt.figure()
print(type(figure).__module__, drawing.plt is not sys.modules["matplotlib.pyplot"])
"""
    assert loaded(code) == ["False", "False", "matplotlib.figure", "True"]


def test_a_matplotlib_that_is_there_already_is_left_alone():
    code = """
import sys
import matplotlib.pyplot
before = sys.modules["matplotlib.pyplot"]
from panscan.libraries import import_mediapipe
print(import_mediapipe().solutions.drawing_utils.plt is before is sys.modules["matplotlib.pyplot"])
"""
    assert loaded(code) == ["True"]


class Loop:
    """Refers to itself, as pictures with side data do: only the collector frees it."""

    def __init__(self):
        self.itself = self


def test_garbage_of_before_and_of_the_block_does_not_stay():
    gc.disable()  # by itself the collector comes some time
    try:
        before = weakref.ref(Loop())
        with single_threaded_opencv():
            within = weakref.ref(Loop())
            assert before() is None
        assert within() is None
    finally:
        gc.enable()
