"""Weights that do not come with panscan: which there are, where they lie, and how they are fetched when asked for."""

from panscan.weights.download import pull
from panscan.weights.store import file_state, verified_path, weights_folder
from panscan.weights.table import WEIGHTS_FILES, WeightsFile, find_weights, weights_for

__all__ = [
    "WEIGHTS_FILES",
    "WeightsFile",
    "file_state",
    "find_weights",
    "pull",
    "verified_path",
    "weights_folder",
    "weights_for",
]
