"""Weights of the speaker network's shapes with random numbers, written as torch writes them, without torch."""

from __future__ import annotations

import collections
import io
import pickle
import sys
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

State = dict[str, npt.NDArray[Any]]


def shapes() -> dict[str, tuple[int, ...]]:
    """Name and shape of every array."""
    found: dict[str, tuple[int, ...]] = {}

    def normed(layer: str, norm: str, shape: tuple[int, ...]) -> None:
        found[f"{layer}.weight"] = shape
        for part in ("weight", "bias", "running_mean", "running_var"):
            found[f"{norm}.{part}"] = (shape[0],)
        found[f"{norm}.num_batches_tracked"] = ()

    widths = ((1, 16, 32), (32, 32, 64), (64, 64, 128))
    for encoder, inner, kernels in (
        ("visualEncoder", "s", ((1, 5, 5), (1, 3, 3), (5, 1, 1), (3, 1, 1))),
        ("audioEncoder", "m", ((5, 1), (3, 1), (1, 5), (1, 3))),
    ):
        for number, (first, middle, last) in enumerate(widths, 1):
            block = f"model.{encoder}.block{number}"
            sizes = ((middle, first), (last, middle), (last, last), (last, last))
            names = (f"{inner}_1", f"{inner}_2", "t_1", "t_2")
            for name, size, kernel in zip(names, sizes, kernels, strict=True):
                normed(f"{block}.{name}", f"{block}.{name[0]}_norm_{name[2]}", (*size, *kernel))
    normed("model.fusion.attention", "model.fusion.bn", (256, 256, 1))
    normed("model.detector.attention.attention", "model.detector.attention.bn", (128, 128, 1))
    for direction in ("forward", "backward"):
        gru = f"model.detector.gru_{direction}"
        found[f"{gru}.weight_ih_l0"], found[f"{gru}.weight_hh_l0"] = (192, 256), (192, 64)
        found[f"{gru}.bias_ih_l0"] = found[f"{gru}.bias_hh_l0"] = (192,)
    for head in ("lossAV.FC", "lossV.FC"):
        found[f"{head}.weight"], found[f"{head}.bias"] = (2, 128), (2,)
    return found


def random_state(seed: int = 3) -> State:
    """Numbers that keep the signal alive through all layers."""
    rng = np.random.default_rng(seed)
    state: State = {}
    for name, shape in shapes().items():
        if name.endswith("num_batches_tracked"):
            state[name] = np.array(7, np.int64)
        elif name.endswith("running_var"):
            state[name] = rng.uniform(0.001, 2, shape).astype(np.float32)
        elif len(shape) > 1:
            state[name] = rng.normal(0, 1.2 / np.sqrt(np.prod(shape[1:])), shape).astype(np.float32)
        else:
            state[name] = rng.normal(0.2, 0.4, shape).astype(np.float32)
    return state


class _Storage:
    def __init__(self, key: str, values: npt.NDArray[Any]) -> None:
        self.key, self.values = key, values


class _Tensor:
    def __init__(self, storage: _Storage, rebuild: Callable[..., Any], **changed: Any) -> None:
        shape = storage.values.shape
        self._call = rebuild
        stride = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
        given = {"first": 0, "shape": shape, "stride": stride, **changed}
        self._arguments = (storage, given["first"], given["shape"], given["stride"], False, collections.OrderedDict())

    def __reduce__(self) -> tuple[Any, ...]:
        return self._call, self._arguments


def write(path: Path, state: State, *, extra: Any = None, count_off: int = 0, key: str = "", **changed: Any) -> Path:
    """A `.model` file; `extra`, `count_off`, `key` and `changed` (first, shape, stride) make it a bad one."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def _rebuild_tensor_v2(*_: Any) -> None: ...

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2  # type: ignore[attr-defined]
    kinds = {}
    for name in ("FloatStorage", "LongStorage"):
        kinds[name] = type(name, (), {"__module__": "torch", "__qualname__": name})
        setattr(torch, name, kinds[name])
    storages = {name: _Storage(str(1000 + n), values) for n, (name, values) in enumerate(state.items())}

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj: Any) -> Any:
            if isinstance(obj, _Storage):
                kind = kinds["LongStorage" if obj.values.dtype.kind == "i" else "FloatStorage"]
                return "storage", kind, key or obj.key, "cpu", obj.values.size + count_off
            return None

    listed = collections.OrderedDict(
        (name, _Tensor(storage, _rebuild_tensor_v2, **changed)) for name, storage in storages.items()
    )
    listed._metadata = {"": {"version": 1}}  # type: ignore[attr-defined]
    if extra is not None:
        listed["extra"] = extra
    kept = {name: sys.modules.get(name) for name in ("torch", "torch._utils")}
    sys.modules.update({"torch": torch, "torch._utils": utils})
    try:
        file = io.BytesIO()
        Pickler(file, 2).dump(listed)
    finally:
        for name, module in kept.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", file.getvalue())
        for storage in storages.values():
            archive.writestr(f"archive/data/{storage.key}", np.ascontiguousarray(storage.values).tobytes())
    return path
