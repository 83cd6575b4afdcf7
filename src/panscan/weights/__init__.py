"""Weights that do not come with panscan: which there are, where they lie, and how they are fetched when asked for."""

from panscan.weights.download import pull
from panscan.weights.store import absent_recommended, file_state, recommended_path, verified_path, weights_folder
from panscan.weights.table import WEIGHTS_FILES, WeightsFile, find_weights, recommended, weights_for

__all__ = [
    "WEIGHTS_FILES",
    "WeightsFile",
    "absent_recommended",
    "file_state",
    "find_weights",
    "pull",
    "recommended",
    "recommended_path",
    "verified_path",
    "weights_folder",
    "weights_for",
]
