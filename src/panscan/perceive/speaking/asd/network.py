"""LR-ASD as an ONNX graph (Liao et al., IJCV 2025): 25 grey faces and 100 rows of MFCC a second -> speaking or not.

Written from the layers' published facts and the weights' own shapes; batch norms are folded into the convolutions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.errors import CapabilityError
from panscan.perceive.speaking.asd.onnx_file import Graph
from panscan.perceive.speaking.asd.weights import StateDict

FACE_PX = 112  # side of a face crop, as trained
RATE_HZ = 25  # faces a second, as trained
ROWS_PER_FACE = 4  # of the cepstrum: 100 rows a second
CHUNK_FACES = 50  # faces per run: memory grows with it, and over longer runs the network forgets pauses

_MEAN, _STANDARD_DEVIATION = 0.4161, 0.1688  # of grey levels 0..1, as trained
_EPSILON = 1e-3  # added to the variances of the batch norms, as trained

_Floats = npt.NDArray[np.float32]


class LrAsdNetwork:
    """The network, ready to run on the CPU."""

    def __init__(self, state: StateDict) -> None:
        import onnxruntime

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # two threads are not faster
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(onnx_model(state), options, providers=["CPUExecutionProvider"])

    def speaking_logits(self, faces: npt.NDArray[np.uint8], cepstrum: _Floats) -> npt.NDArray[np.float64]:
        """How surely each face of one track speaks (T,); above 0 it speaks.

        Parameters
        ----------
        faces : ndarray, shape (T, 112, 112), uint8
            At 25 a second.
        cepstrum : ndarray, shape (4 T, 13)
            From the time of the first face on.
        """
        parts = []
        for first in range(0, len(faces), CHUNK_FACES):
            video = faces[first : first + CHUNK_FACES].astype(np.float32)
            rows = cepstrum[ROWS_PER_FACE * first : ROWS_PER_FACE * (first + len(video))].astype(np.float32)
            (logits,) = self._session.run(None, {"video": video, "mfcc": rows})
            parts.append(np.asarray(logits, np.float64)[:, 1])
        return np.concatenate(parts) if parts else np.zeros(0)


def onnx_model(state: StateDict) -> bytes:
    """The network with these weights as an ONNX file.

    Raises
    ------
    CapabilityError
        The weights are of another network.
    """
    try:
        return _OnnxBuilder(state).model()
    except (KeyError, ValueError, IndexError) as error:
        raise CapabilityError(
            "these weights are not of the speaker network",
            why=f"A part is missing or has another shape: {error}.",
            fix="Use lr-asd-ava (panscan models pull lr-asd-ava), or unset PANSCAN_SPEAKER_MODEL.",
        ) from error


class _OnnxBuilder:
    """Builds the graph from the weights."""

    def __init__(self, state: StateDict) -> None:
        self._state = state
        self._graph = Graph("lr-asd")

    def model(self) -> bytes:
        """Both encoders, the attention that joins them, the recurrent detector and its head."""
        g = self._graph
        both = g.node("Concat", self._audio_encoder(), self._visual_encoder(), axis=1)
        joined = self._channel_attention(both, "model.fusion")
        states = self._bidirectional_gru(joined)
        detected = self._channel_attention(states, "model.detector.attention")
        rows = g.node("Reshape", g.node("Transpose", detected, perm=[2, 0, 1]), g.constant([-1, 128]))
        head = g.constant(self._state["lossAV.FC.weight"])
        logits = g.node("Gemm", rows, head, g.constant(self._state["lossAV.FC.bias"]), transB=1)
        return g.model(logits, ["T", 2])

    def _visual_encoder(self) -> str:
        """Faces [T, 112, 112] -> [1, 128, T].

        Spatial convolutions use time as the batch axis; temporal convolutions use it as an image axis.
        """
        g = self._graph
        factor = np.float32(1 / 255 / _STANDARD_DEVIATION)
        x = g.node("Mul", g.input("video", ["T", FACE_PX, FACE_PX]), g.constant(factor))
        x = g.node("Sub", x, g.constant(np.float32(_MEAN / _STANDARD_DEVIATION)))
        x = g.node("Reshape", x, g.constant([-1, 1, FACE_PX, FACE_PX]))
        side, channels = FACE_PX, (32, 64, 128)
        for number, count in enumerate(channels, 1):
            block = f"model.visualEncoder.block{number}"
            stride = 2 if number == 1 else 1
            side //= stride
            x = self._conv(x, f"{block}.s_1", f"{block}.s_norm_1", axes=(3, 4), pads=(2, 2), stride=stride)
            x = self._conv(x, f"{block}.s_2", f"{block}.s_norm_2", axes=(3, 4), pads=(1, 1))
            x = g.node("Transpose", x, perm=[1, 0, 2, 3])
            x = g.node("Reshape", x, g.constant([1, count, -1, side * side]))
            x = self._conv(x, f"{block}.t_1", f"{block}.t_norm_1", axes=(2, 3), pads=(2, 0))
            x = self._conv(x, f"{block}.t_2", f"{block}.t_norm_2", axes=(2, 3), pads=(1, 0))
            if number < len(channels):
                x = g.node("Reshape", x, g.constant([count, -1, side, side]))
                x = g.node("Transpose", x, perm=[1, 0, 2, 3])
                x = g.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
                side //= 2
        return g.node("ReduceMax", x, g.constant([3]), keepdims=0)

    def _audio_encoder(self) -> str:
        """MFCC [4 T, 13] -> [1, 128, T]."""
        g = self._graph
        x = g.node("Transpose", g.input("mfcc", ["R", 13]), perm=[1, 0])
        x = g.node("Reshape", x, g.constant([1, 1, 13, -1]))
        for number in (1, 2, 3):
            block = f"model.audioEncoder.block{number}"
            x = self._conv(x, f"{block}.m_1", f"{block}.m_norm_1", axes=(2, 3), pads=(2, 0))
            x = self._conv(x, f"{block}.m_2", f"{block}.m_norm_2", axes=(2, 3), pads=(1, 0))
            x = self._conv(x, f"{block}.t_1", f"{block}.t_norm_1", axes=(2, 3), pads=(0, 2))
            x = self._conv(x, f"{block}.t_2", f"{block}.t_norm_2", axes=(2, 3), pads=(0, 1))
            if number < 3:
                x = g.node("MaxPool", x, kernel_shape=[1, 3], strides=[1, 2], pads=[0, 1, 0, 1])
        return g.node("ReduceMean", x, g.constant([2]), keepdims=0)

    def _conv(
        self, x: str, layer: str, norm: str, *, axes: tuple[int, int], pads: tuple[int, int], stride: int = 1
    ) -> str:
        """A convolution over two of the kernel's axes with its batch norm folded in, and a ReLU."""
        weight, bias = self._folded(layer, norm)
        kernel = [int(weight.shape[axis]) for axis in axes]
        if kernel != [2 * pad + 1 for pad in pads]:
            raise ValueError(f"{layer} has a kernel of {kernel}")
        plain = weight.reshape(*weight.shape[:2], *kernel)
        g = self._graph
        x = g.node(
            "Conv", x, g.constant(plain), g.constant(bias),
            kernel_shape=kernel, pads=[*pads, *pads], strides=[stride, stride],
        )  # fmt: skip
        return g.node("Relu", x)

    def _channel_attention(self, x: str, name: str) -> str:
        """Channel attention: each channel [1, C, T] times a weight 0..1 that a layer over all channels computes."""
        weight, bias = self._folded(f"{name}.attention", f"{name}.bn")
        g = self._graph
        opened = g.node("Conv", x, g.constant(weight), g.constant(bias), kernel_shape=[1])
        return g.node("Mul", x, g.node("Sigmoid", opened))

    def _bidirectional_gru(self, x: str) -> str:
        """A GRU over time in each direction: [1, 256, T] -> [1, 128, T]."""
        names = ("model.detector.gru_forward", "model.detector.gru_backward")
        parts = {
            part: np.stack([_onnx_gate_order(self._state[f"{name}.{part}_l0"]) for name in names])
            for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        }
        g = self._graph
        states = g.node(
            "GRU",
            g.node("Transpose", x, perm=[2, 0, 1]),
            g.constant(parts["weight_ih"]),
            g.constant(parts["weight_hh"]),
            g.constant(np.concatenate([parts["bias_ih"], parts["bias_hh"]], axis=1)),
            hidden_size=int(parts["weight_hh"].shape[2]),
            direction="bidirectional",
            linear_before_reset=1,
        )
        states = g.node("Reshape", g.node("Transpose", states, perm=[2, 1, 3, 0]), g.constant([1, 128, -1]))
        return states

    def _folded(self, layer: str, norm: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        weight = np.asarray(self._state[f"{layer}.weight"], np.float64)
        scale, shift, mean, variance = (
            np.asarray(self._state[f"{norm}.{part}"], np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        factor = scale / np.sqrt(variance + _EPSILON)
        return weight * factor.reshape(-1, *[1] * (weight.ndim - 1)), shift - mean * factor


def _onnx_gate_order(stacked: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Gates in ONNX's order (update, reset, new) from torch's (reset, update, new)."""
    reset, update, new = np.split(stacked, 3)
    return np.concatenate([update, reset, new])
