"""Panscan inside DaVinci Resolve: the parts of its menu entries (Lua), and their Python twin for Resolve Studio.

Python here uses the standard library alone and knows nothing of the package `panscan`: it runs in whatever
interpreter Resolve Studio talks to.
"""
