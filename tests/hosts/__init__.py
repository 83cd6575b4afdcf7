"""Editors as their makers document them: what each shows of a delivered file, frame by frame."""
