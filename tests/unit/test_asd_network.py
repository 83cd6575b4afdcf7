"""The speaker network: the ONNX file that is written says what its layers say, computed slowly."""

from __future__ import annotations

import numpy as np
import pytest

import asd_weights
from panscan.errors import CapabilityError
from panscan.perceive.speaking.asd import mfcc as cepstra
from panscan.perceive.speaking.asd.network import CHUNK_FACES, LrAsdNetwork, onnx_model
from panscan.perceive.speaking.asd.weights import read_state_dict


@pytest.fixture(scope="module")
def state():
    return asd_weights.random_state()


@pytest.fixture(scope="module")
def network(state):
    return LrAsdNetwork(state)


def given(count, seed=1):
    rng = np.random.default_rng(seed)
    faces = rng.integers(0, 256, (count, 112, 112), dtype=np.uint8)
    return faces, rng.normal(0, 6, (4 * count, 13)).astype(np.float32)


class Slow:
    """The layers one by one, in float64: convolutions as sums over windows, batch norms apart, GRUs step by step."""

    def __init__(self, state):
        self.state = {name: value.astype(np.float64) for name, value in state.items()}

    def norm(self, x, name):
        s = self.state
        shape = (-1, *[1] * (x.ndim - 1))
        scale = s[f"{name}.weight"] / np.sqrt(s[f"{name}.running_var"] + 1e-3)
        return (x - s[f"{name}.running_mean"].reshape(shape)) * scale.reshape(shape) + s[f"{name}.bias"].reshape(shape)

    def conv(self, x, layer, norm, stride=1):
        """x (C, ...) with as many more axes as the kernel has; the stride is that of the last two."""
        weight = self.state[f"{layer}.weight"]
        kernel = weight.shape[2:]
        padded = np.pad(x, [(0, 0), *[((k - 1) // 2,) * 2 for k in kernel]])
        axes = tuple(range(1, x.ndim))
        windows = np.lib.stride_tricks.sliding_window_view(padded, kernel, axes)[..., ::stride, ::stride, :, :, :]
        summed = list(range(x.ndim, 2 * x.ndim - 1))
        out = np.tensordot(weight, windows, ([1, *range(2, weight.ndim)], [0, *summed]))
        return np.maximum(self.norm(out, norm), 0)

    def conv2(self, x, layer, norm):
        weight = self.state[f"{layer}.weight"]
        padded = np.pad(x, [(0, 0), *[((k - 1) // 2,) * 2 for k in weight.shape[2:]]])
        windows = np.lib.stride_tricks.sliding_window_view(padded, weight.shape[2:], (1, 2))
        return np.maximum(self.norm(np.tensordot(weight, windows, ([1, 2, 3], [0, 3, 4])), norm), 0)

    def watch(self, faces):
        x = ((faces / 255 - 0.4161) / 0.1688)[None]
        for number in (1, 2, 3):
            block = f"model.visualEncoder.block{number}"
            x = self.conv(x, f"{block}.s_1", f"{block}.s_norm_1", stride=2 if number == 1 else 1)
            x = self.conv(x, f"{block}.s_2", f"{block}.s_norm_2")
            x = self.conv(x, f"{block}.t_1", f"{block}.t_norm_1")
            x = self.conv(x, f"{block}.t_2", f"{block}.t_norm_2")
            if number < 3:
                padded = np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)], constant_values=-np.inf)
                x = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (2, 3))[:, :, ::2, ::2].max((-1, -2))
        return x.max(axis=(2, 3))

    def hear(self, rows):
        x = rows.T[None].astype(np.float64)
        for number in (1, 2, 3):
            block = f"model.audioEncoder.block{number}"
            for layer, norm in (("m_1", "m_norm_1"), ("m_2", "m_norm_2"), ("t_1", "t_norm_1"), ("t_2", "t_norm_2")):
                x = self.conv2(x, f"{block}.{layer}", f"{block}.{norm}")
            if number < 3:
                padded = np.pad(x, [(0, 0), (0, 0), (1, 1)], constant_values=-np.inf)
                x = np.lib.stride_tricks.sliding_window_view(padded, 3, 2)[:, :, ::2].max(-1)
        return x.mean(axis=1)

    def gate(self, x, name):
        opened = self.norm(self.state[f"{name}.attention.weight"][:, :, 0] @ x, f"{name}.bn")
        return x / (1 + np.exp(-opened))

    def gru(self, x, name):
        s = {part: self.state[f"{name}.{part}_l0"] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
        hidden, out = np.zeros(64), []
        for row in x.T:
            from_input = np.split(s["weight_ih"] @ row + s["bias_ih"], 3)
            from_hidden = np.split(s["weight_hh"] @ hidden + s["bias_hh"], 3)
            reset, update = (1 / (1 + np.exp(-a - b)) for a, b in zip(from_input[:2], from_hidden[:2], strict=True))
            new = np.tanh(from_input[2] + reset * from_hidden[2])
            hidden = (1 - update) * new + update * hidden
            out.append(hidden)
        return np.array(out).T

    def speaking_logits(self, faces, rows):
        x = self.gate(np.concatenate([self.hear(rows), self.watch(faces)]), "model.fusion")
        forward = self.gru(x, "model.detector.gru_forward")
        backward = self.gru(x[:, ::-1], "model.detector.gru_backward")[:, ::-1]
        x = self.gate(np.concatenate([forward, backward]), "model.detector.attention")
        return (self.state["lossAV.FC.weight"] @ x + self.state["lossAV.FC.bias"][:, None])[1]


def test_it_says_what_its_layers_say(state, network):
    faces, rows = given(8)
    slow = Slow(state).speaking_logits(faces, rows)
    assert np.ptp(slow) > 1e-3  # the random layers have not died
    assert network.speaking_logits(faces, rows) == pytest.approx(slow, abs=2e-4)


@pytest.mark.parametrize("count", [0, 1, 3, CHUNK_FACES, CHUNK_FACES + 1, 2 * CHUNK_FACES + 7])
def test_chunks_keep_the_length(count, network):
    faces, rows = given(count)
    scores = network.speaking_logits(faces, rows)
    assert scores.shape == (count,) and np.all(np.isfinite(scores))
    if count > CHUNK_FACES:
        alone = network.speaking_logits(faces[:CHUNK_FACES], rows[: 4 * CHUNK_FACES])
        assert np.array_equal(scores[:CHUNK_FACES], alone)


@pytest.mark.parametrize("part", ["model.fusion.bn.running_var", "model.audioEncoder.block2.t_1.weight"])
def test_other_networks_are_refused(part, state):
    without = {name: value for name, value in state.items() if name != part}
    with pytest.raises(CapabilityError, match="not of the speaker network"):
        onnx_model(without)


def test_another_kernel_is_refused(state):
    name = "model.visualEncoder.block1.s_1.weight"
    with pytest.raises(CapabilityError, match="kernel"):
        onnx_model({**state, name: state[name][..., :3, :3]})


def test_the_published_weights_hear_silence(shared_models):
    path = shared_models / "lr_asd_pretrain_AVA.model"
    if not path.is_file():
        pytest.skip(f"no {path.name} in ../shared/models")
    network = LrAsdNetwork(read_state_dict(path))
    still = np.full((25, 112, 112), 106, np.uint8)
    rows = cepstra.mfcc(np.zeros(25 * 640 + 240))
    assert network.speaking_logits(still, rows).max() < 0


# --- MFCC


def chirp(seconds=1.0):
    time_s = np.arange(int(seconds * 16000)) / 16000
    return 0.4 * np.sin(2 * np.pi * (200 * time_s + 1500 * time_s**2))


def test_mfcc_against_a_slow_reference():
    sound = chirp()
    rows = cepstra.mfcc(sound)
    assert rows.shape == ((16000 - 400) // 160 + 1, 13) and rows.dtype == np.float32
    loud = sound * 32768
    sharp = np.append(loud[0], loud[1:] - 0.97 * loud[:-1])
    edges = [int(513 * 700 * (10 ** (mel / 2595) - 1) / 16000) for mel in np.linspace(0, 2840.0230467, 28)]
    for index in (0, 17, 97):
        power = np.abs(np.fft.fft(np.pad(sharp[160 * index : 160 * index + 400], (0, 112))))[:257] ** 2 / 512
        bands = []
        for left, top, right in zip(edges[:-2], edges[1:-1], edges[2:], strict=True):
            rise = sum(power[k] * (k - left) / (top - left) for k in range(left, top))
            bands.append(np.log(rise + sum(power[k] * (right - k) / (right - top) for k in range(top, right))))
        row = [
            np.sqrt(2 / 26) * sum(b * np.cos(np.pi * c * (2 * j + 1) / 52) for j, b in enumerate(bands))
            * (1 + 11 * np.sin(np.pi * c / 22))
            for c in range(13)
        ]  # fmt: skip
        row[0] = np.log(power.sum())
        assert rows[index] == pytest.approx(row, abs=1e-4)


def test_mfcc_of_silence_and_of_little():
    assert np.all(np.isfinite(cepstra.mfcc(np.zeros(1000))))
    assert cepstra.mfcc(np.zeros(399)).shape == (0, 13)
    assert cepstra.mfcc(np.zeros(400)).shape == (1, 13)
