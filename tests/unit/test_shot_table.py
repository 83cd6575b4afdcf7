"""The table of shots: a line for each with the reason, one table for all shapes."""

from __future__ import annotations

import pytest

import documents as make
from panscan.cli.console import quiet
from panscan.cli.shot_table import ShotsOfShape, print_shots

STILL = ((0, 2.0, 0.0, 0.0),)


def shots(shape, folder, *whys):
    clips = [(n * 50, n * 50 + 50, make.framing(STILL, why=why)) for n, why in enumerate(whys)]
    return ShotsOfShape.of(shape, make.timeline(*clips), folder)


def said(capsys, shapes, **how):
    print_shots(shapes, **how)
    return [line.split("  ") for line in capsys.readouterr().err.splitlines()]


def test_a_line_says_the_first_reason(capsys, tmp_path):
    (_, *rows) = said(capsys, [shots("9:16", tmp_path, "Anna speaks; Ben left out", "shows the dog")])
    assert [[cell.strip() for cell in row if cell] for row in rows] == [
        ["1", "2.0 s", "Anna speaks"],
        ["2", "2.0 s", "shows the dog"],
    ]


def test_shapes_share_a_line_where_they_agree(capsys, tmp_path):
    tall = shots("9:16", tmp_path, "Anna speaks", "whole picture: text across it")
    square = shots("1:1", tmp_path, "Anna speaks", "shows the dog")
    rows = [[cell.strip() for cell in row if cell] for row in said(capsys, [tall, square])[1:]]
    assert rows == [
        ["1", "2.0 s", "Anna speaks"],
        ["2", "2.0 s", "9:16", "whole picture: text across it"],
        ["1:1", "shows the dog"],
    ]


def test_figures_are_told_on_request(capsys, tmp_path):
    told = said(capsys, [shots("9:16", tmp_path, "Anna speaks; Ben left out")], verbose=True)
    assert "keys" in " ".join(told[0]) and "Anna speaks; Ben left out" in " ".join(told[1])


@pytest.mark.parametrize("is_quiet", [True, False])
def test_quiet_is_quiet(capsys, tmp_path, is_quiet):
    with quiet(is_quiet):
        print_shots([shots("9:16", tmp_path, "Anna speaks")])
    assert bool(capsys.readouterr().err) is not is_quiet
