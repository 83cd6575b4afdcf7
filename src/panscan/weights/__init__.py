"""Weights that do not come with panscan: what there is, where they lie, and how they are fetched when asked for."""

from panscan.weights.download import pull
from panscan.weights.store import models_folder, state, verified
from panscan.weights.table import TABLE, Weights, named, used_by

__all__ = ["TABLE", "Weights", "models_folder", "named", "pull", "state", "used_by", "verified"]
