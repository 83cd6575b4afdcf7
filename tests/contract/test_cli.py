"""The command line: help, exit codes, what goes to stdout and what to stderr."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import opentimelineio as otio
import pytest
import typer
from typer.core import TyperArgument, TyperOption

import media
from commandline import panscan
from panscan import __version__, pipeline, registry
from panscan.cli import supervised
from panscan.cli.commands import command_line
from panscan.timeline import cut as document
from panscan.timeline.files import read_timeline

ROOT = Path(__file__).parents[2]


def _leaves(group, path=()):
    """Commands by their full name, those of groups as "models pull"."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _leaves(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(_leaves(typer.main.get_command(command_line())))
TOP = {name.split()[0] for name in COMMANDS}
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.fixture(scope="module")
def made(movie, tmp_path_factory):
    """A folder with a movie and its timeline: do not write to it."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copy(movie("cuts"), folder / "film.mp4")
    ran = panscan("reframe", folder / "film.mp4", "--to", "fcpxml", "--json")
    assert ran.code == 0, ran.err
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """A copy of `made` to write to."""
    return Path(shutil.copytree(made, tmp_path / "work"))


def refused(ran, code, *words):
    """It ended with `code`, said what, why and fix on stderr, and nothing on stdout."""
    assert ran.code == code, ran
    assert ran.out == ""
    what, why, fix = (line.strip() for line in ran.err.strip().splitlines()[-3:])
    assert what.startswith("error: ") and why.startswith("why: ") and fix.startswith("fix: ")
    assert all(word in ran.err for word in words), ran.err
    assert "Traceback" not in ran.err


# --- help


def test_the_commands_are_there():
    assert {"reframe", "perceive", "deliver", "render", "verify", "formats", "plugins", "doctor"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_every_option_is_explained(name):
    command = COMMANDS[name]
    assert command.help and command.help.strip().splitlines()[0].endswith(".")
    explained = 0
    for parameter in command.params:
        assert isinstance(parameter, (TyperOption, TyperArgument))
        assert parameter.help, f"{name} {parameter.name} has no help"
        explained += 1
    # Whoever takes something in says what; the rest reports, which needs at most --json.
    assert explained or name == "models list"
    ran = panscan(*name.split(), "-h")
    assert ran.code == 0 and name in ran.out


def test_help_names_every_command():
    ran = panscan("--help")
    assert ran.code == 0 and all(name in ran.out for name in TOP)


def test_the_list_of_commands_has_a_line_for_each():
    """In 80 columns, so that it is read at one look."""
    commands = panscan("-h").out.partition("╰")[2]  # below the options
    assert re.findall(r"^│ (\S*) +\S.*│$", commands, re.MULTILINE).count("") == 0
    assert set(re.findall(r"^│ (\S+) ", commands, re.MULTILINE)) == TOP


def test_version():
    ran = panscan("--version")
    assert (ran.code, ran.out) == (0, f"panscan {__version__}\n")


def test_commands_that_read_media_or_timelines_run_in_a_process_of_their_own():
    """The others load no library that could crash, or start a process for each job."""
    others = {"formats", "presets", "plugins", "serve", "review", "service", "worker", "accounts", "models", "install"}
    assert TOP - others == supervised.COMMANDS
    assert supervised.is_wanted(["render", "film.9x16.otio"])
    assert not any(map(supervised.is_wanted, ([], ["--version"], ["render", "--help"], ["serve"])))


def test_the_installed_script_runs():
    script = Path(sys.executable).with_name("panscan")
    ran = subprocess.run([script, "perceive", "absent.mp4"], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr == (
        "error: absent.mp4 does not exist\n  why: There is no media file at this path.\n  fix: Check the path.\n"
    )


# --- documentation


def _invocations(path):
    """Every `panscan COMMAND ...` in code of a document, as words."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = "\n".join(re.findall(r"```(?:sh|console|bash|text)?\n(.*?)```", text, re.DOTALL))
    inline = re.findall(r"`(panscan [^`]+)`", text)
    lines = [re.sub(r"^\$ ", "", line.strip()) for line in blocks.splitlines()]
    for line in [*lines, *inline]:
        if re.match(r"panscan [a-z-]", line):
            yield shlex.split(line, comments=True)[1:]


def test_the_readme_names_every_command():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(TOP) if f"panscan {name}" not in text] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_only_commands_and_options_that_exist(path):
    for words in _invocations(path):
        if words[0].startswith("-"):
            continue
        assert words[0] in TOP, words
        names = [name for name in COMMANDS if words[: len(name.split())] == name.split()]
        for name in names:
            known = {"--help", *(option for p in COMMANDS[name].params for option in (*p.opts, *p.secondary_opts))}
            given = {word.split("=")[0] for word in words[1:] if re.match(r"--?[a-zA-Z]", word)}
            assert given <= known, words


def test_the_documents_were_searched():
    assert sum(len(list(_invocations(path))) for path in DOCUMENTS) >= 8


# --- mistakes of use: exit code 2, before anything is decoded


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-r", "tall"), ("'tall' is not an aspect ratio", "9:16")),
        (("-r", "9:16", "-r", "1:99"), ("too extreme",)),
        (("--mode", "wild"), ("unknown mode 'wild'", "stable, balanced, responsive")),
        (("--method", "luck"), ("unknown method 'luck'", "adaptive")),
        (("--to", "vhs"), ("'vhs'", "fcpxml")),
        (("--to", "premire"), ("Did you mean 'premiere'?",)),
        (("--mode", "stabel"), ("Did you mean 'stable'?",)),
        (("-O", "colour=red"), ("'colour'", "version")),
        (("--canvas", "big"), ("not a size",)),
        (("--canvas", "8x14"), ("not a size",)),
        (("--canvas", "1081x1920"), ("odd side", "1080x1920")),
        (("--canvas", "1080x1080"), ("not 9:16",)),
        (("--canvas", "1080x1920", "-r", "9:16", "-r", "1:1"), ("one ratio",)),
    ],
)
def test_mistakes_are_told_before_anything_is_decoded(options, words, movie, tmp_path, monkeypatch):
    def decode(*_arguments, **_named):
        raise AssertionError("decoded")

    monkeypatch.setattr(pipeline, "analyse", decode)
    refused(panscan("reframe", movie("cuts"), "-o", tmp_path / "new", *options), 2, *words)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "arguments", [("nope",), ("reframe",), ("reframe", "film.mp4", "--nope"), ("deliver", "film.otio"), ("verify", "a")]
)
def test_mistakes_of_grammar(arguments):
    ran = panscan(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "-h' for help" in ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("deliver", "film.9x16.otio", "--to", "vhs"), ("vhs", "fcpxml")),
        (("deliver", "film.9x16.otio", "--to", "fcpxml", "-O", "x"), ("NAME=VALUE",)),
        (("deliver", "film.9x16.otio", "--to", "fcpxml", "-O", "colour=red"), ("colour", "version")),
        (("deliver", "film.9x16.otio", "--to", "fcpxml", "-o", "film.9x16.otio"), ("overwrite its own source",)),
        (("render", "film.9x16.otio", "-o", "film.avi"), ("film.avi", ".mp4")),
    ],
)
def test_other_mistakes(arguments, words, folder, monkeypatch):
    before = (folder / "film.9x16.otio").read_bytes()
    monkeypatch.chdir(folder)
    refused(panscan(*arguments), 2, *words)
    assert (folder / "film.9x16.otio").read_bytes() == before


# --- input that cannot be used: exit code 3


@pytest.mark.parametrize("name", media.UNUSABLE)
@pytest.mark.parametrize("command", ["reframe", "perceive"])
def test_unusable_movies(command, name, tmp_path):
    path = media.UNUSABLE[name](tmp_path / f"{name}.mp4")
    refused(panscan(command, path), 3, str(path))
    assert list(tmp_path.iterdir()) == [path], "nothing is left behind"


@pytest.mark.parametrize("command", ["reframe", "perceive"])
def test_a_mistyped_path_leaves_no_folders(command, tmp_path):
    refused(panscan(command, tmp_path / "no" / "such" / "film.mp4"), 3, "does not exist")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output", ["film.mp4", "film.mp4/under"])
def test_a_folder_that_cannot_be_written(output, folder, monkeypatch):
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    refused(panscan("reframe", "film.mp4", "-o", output), 3, "cannot write", "-o")
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("deliver", "film.9x16.otio", "--to", "fcpxml", "-o", "afolder"),
        ("deliver", "film.9x16.otio", "--to", "fcpxml", "-o", "film.mp4/x.fcpxml"),
        ("perceive", "film.mp4", "-o", "afolder"),
    ],
)
def test_a_file_that_cannot_be_written(arguments, folder, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "afolder").mkdir()
    before = sorted(folder.rglob("*"))
    refused(panscan(*arguments), 3, "cannot write")
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("deliver", "{}", "--to", "fcpxml"),
        ("render", "{}", "-o", "out.mp4"),
        ("verify", "film.mp4", "{}"),
    ],
    ids=lambda arguments: arguments[0],
)
@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("absent.otio", None, "does not exist"),
        ("text.otio", "not a timeline", "not an OTIO timeline"),
        ("half.otio", '{"OTIO_SCHEMA": "Timeline.1", "name": "x"}', "not an OTIO timeline"),
        ("gap.otio", otio.adapters.write_to_string(otio.schema.Gap(), "otio_json"), "holds a Gap, not a timeline"),
        ("bare.otio", otio.adapters.write_to_string(otio.schema.Timeline("bare"), "otio_json"), "no video track"),
    ],
)
def test_timelines_that_cannot_be_used(arguments, name, content, word, folder, monkeypatch):
    monkeypatch.chdir(folder)
    if content is not None:
        (folder / name).write_text(content)
    refused(panscan(*(argument.format(name) for argument in arguments)), 3, word)
    assert not (folder / "out.mp4").exists()


def test_a_damaged_framing_is_named(folder, monkeypatch):
    monkeypatch.chdir(folder)
    path = folder / "film.9x16.otio"
    path.write_text(path.read_text().replace('"scale"', '"scala"'))
    for arguments in (("deliver", path, "--to", "fcpxml"), ("render", path), ("reframe", "film.mp4")):
        refused(panscan(*arguments), 3, "damaged", "film.mp4", "'scale' is missing")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_says_so(number, movie, monkeypatch):
    monkeypatch.setattr(pipeline, "analyse", lambda *_arguments, **_named: signal.raise_signal(number))
    ran = panscan("perceive", movie("cuts"))
    assert (ran.code, ran.out) == (130, "")
    assert "run the same command" in ran.err and "Traceback" not in ran.err


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_fault_of_ours_is_no_verdict(debug, movie, monkeypatch):
    def broken(*_arguments, **_named):
        raise KeyError("oh")

    monkeypatch.setenv("PANSCAN_DEBUG", debug)
    monkeypatch.setattr(pipeline, "analyse", broken)
    ran = panscan("perceive", movie("cuts"))
    assert (ran.code, ran.out, "Traceback" in ran.err) == (70, "", bool(debug))
    assert "error: panscan failed\n  why: KeyError: 'oh'" in ran.err and "report" in ran.err


# --- data on stdout, text on stderr


def test_reframe_prints_json_on_request(folder):
    ran = panscan("reframe", folder / "film.mp4", "-r", "9:16", "-r", "1:1", "-r", "18:32", "--to", "mlt", "--json")
    assert ran.code == 0
    assert [row["ratio"] for row in ran.data] == ["9:16", "1:1"]
    assert [row["kept"] for row in ran.data] == [True, False]
    for row in ran.data:
        assert all(Path(path).is_file() for path in (row["timeline"], *row["deliveries"]))
        assert [Path(path).suffix for path in row["deliveries"]] == [".mlt", ".kdenlive"]
    assert "why" in ran.err and "Shotcut" in ran.err


def test_reframe_is_silent_on_stdout(folder):
    ran = panscan("reframe", folder / "film.mp4")
    assert (ran.code, ran.out) == (0, "")
    assert "film.9x16.otio" in ran.err and "Final Cut Pro" in ran.err


def test_reframe_writes_into_a_new_folder(folder):
    ran = panscan("reframe", folder / "film.mp4", "-r", "4:5", "-o", folder / "new" / "place", "--to", "otio")
    assert ran.code == 0
    assert [path.name for path in (folder / "new" / "place").iterdir()] == ["film.4x5.otio"]


def test_the_canvas_can_be_chosen(folder):
    assert panscan("reframe", folder / "film.mp4", "--canvas", "720x1280").code == 0
    cut = document.read_cut(read_timeline(folder / "film.9x16.otio"), folder=folder)
    assert str(cut.canvas) == "720x1280"


@pytest.mark.parametrize("name", sorted(registry.entries("exporters")))
def test_deliver_writes_to_stdout(name, folder):
    before = sorted(folder.iterdir())
    ran = panscan("deliver", folder / "film.9x16.otio", "--to", name, "-o", "-")
    assert ran.code == 0 and len(ran.out) > 200
    assert sorted(folder.iterdir()) == before
    target = folder / f"written{registry.load('exporters', name).suffix}"
    assert panscan("deliver", folder / "film.9x16.otio", "--to", name, "-o", target).code == 0
    assert target.read_text(encoding="utf-8") == ran.out


@pytest.mark.parametrize("editor", sorted(registry.EDITORS))
def test_an_editor_is_given_its_format(editor, folder):
    name = registry.EDITORS[editor]
    given = [panscan("deliver", folder / "film.9x16.otio", "--to", to, "-o", "-") for to in (editor, name)]
    assert given[0].code == 0 and given[0].out == given[1].out != ""


def test_options_of_formats_go_with_reframe(folder):
    ran = panscan("reframe", folder / "film.mp4", "--to", "final-cut", "--to", "edl", "-O", "flavour=resolve")
    own = panscan("deliver", folder / "film.9x16.otio", "--to", "fcpxml", "-O", "flavour=resolve", "-o", "-")
    assert ran.code == 0 and (folder / "film.9x16.fcpxml").read_text(encoding="utf-8") == own.out


@pytest.mark.parametrize(
    ("words", "offered"),
    [("reframe a.mp4 --preset tal", "talking-head"), ("reframe --to fin", "final-cut"), ("deli", "deliver")],
)
def test_the_shell_completes_names(words, offered, monkeypatch):
    monkeypatch.setenv("_PANSCAN_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", f"panscan {words}")
    monkeypatch.setenv("COMP_CWORD", str(len(words.split())))
    assert panscan().out.split() == [offered]


def test_the_short_options_of_deliver_are_those_of_the_format(folder):
    short = panscan("deliver", folder / "film.9x16.otio", "--to", "fcpxml", "--flavour", "resolve", "-o", "-")
    long = panscan("deliver", folder / "film.9x16.otio", "--to", "fcpxml", "-O", "flavour=resolve", "-o", "-")
    assert short.code == 0 and short.out == long.out
    for name, value in (("--keys", "some"), ("--flavour", "sour")):
        refused = panscan("deliver", folder / "film.9x16.otio", "--to", "fcpxml", name, value)
        assert refused.code == 2 and repr(value) in refused.err
    assert panscan("deliver", folder / "film.9x16.otio", "--to", "edl", "--keys", "sparse").code == 2


def test_deliver_writes_beside_the_timeline(folder):
    (folder / "film.9x16.fcpxml").unlink()
    ran = panscan("deliver", folder / "film.9x16.otio", "--to", "fcpxml")
    assert (ran.code, ran.out) == (0, "") and "import" in ran.err.lower()
    assert (folder / "film.9x16.fcpxml").is_file()


def test_perceive_tells_what_it_saw(folder):
    ran = panscan("perceive", folder / "film.mp4")
    assert (ran.code, ran.out) == (0, "") and "320x180" in ran.err and "cuts" in ran.err
    ran = panscan("perceive", folder / "film.mp4", "-o", "-")
    assert ran.data["signals"]["cuts"]["frame"] == [20, 35]
    assert set(ran.data["signals"]) == set(registry.entries("signals"))
    assert (ran.data["rate"], ran.data["frame_count"], ran.data["size_px"]) == ([30000, 1001], 60, [320, 180])
    assert panscan("perceive", folder / "film.mp4", "-o", folder / "seen.json").code == 0
    assert json.loads((folder / "seen.json").read_text()) == ran.data


def test_formats_and_plugins():
    formats, plugins = panscan("formats", "--json"), panscan("plugins", "--json")
    assert [row["name"] for row in formats.data] == list(registry.entries("exporters"))
    assert all(row["how_to_import"] and row["opens_in"] for row in formats.data)
    assert {(row["kind"], row["name"]) for row in plugins.data} == {
        (kind, name) for kind in registry.KINDS for name in registry.entries(kind)
    }
    for command, rows in (("formats", formats.data), ("plugins", plugins.data)):
        ran = panscan(command)
        assert (ran.code, ran.err) == (0, "") and all(row["name"] in ran.out for row in rows)


def test_doctor_is_content_here():
    ran = panscan("doctor", "--json")
    assert ran.code == 0 and len(ran.data) >= 6
    assert all(row["ok"] and row["detail"] for row in ran.data)


def test_doctor_tells_what_is_missing(monkeypatch):
    from panscan.cli import doctor

    def broken():
        raise ImportError("no such library\nsecond line")

    monkeypatch.setitem(doctor._CHECKS, "camera solver", broken)
    ran = panscan("doctor")
    assert ran.code == 4
    assert "MISSING camera solver" in ran.out and "fix: " in ran.out and "second line" not in ran.out
    assert ran.out.count("ok     ") == len(doctor._CHECKS) - 1


def test_render_and_verify(folder):
    timeline, film = folder / "film.9x16.otio", folder / "small.mp4"
    panscan("reframe", folder / "film.mp4", "--canvas", "180x320", "--fresh")
    ran = panscan("render", timeline, "-o", film)
    assert (ran.code, ran.out) == (0, "") and film.is_file()
    verified = panscan("verify", film, timeline, "--json")
    assert verified.code == 0 and verified.data["verdict"] == "VERIFIED"
    assert "VERIFIED" in panscan("verify", film, timeline).out
    rejected = panscan("verify", folder / "film.mp4", timeline, "--json")
    assert rejected.code == 1 and rejected.data["verdict"] == "REJECTED"


def test_reframe_renders_and_verifies(folder):
    ran = panscan("reframe", folder / "film.mp4", "-r", "1:1", "--canvas", "180x180", "--render", "--json")
    assert ran.code == 0 and ran.data[0]["verdict"] == "VERIFIED"
    assert Path(ran.data[0]["movie"]) == folder / "film.1x1.mp4"
    assert not list(folder.glob("*unverified*")) and not list(folder.glob(".*"))


def test_a_missing_movie_is_no_verdict(tmp_path):
    ran = panscan("verify", tmp_path / "missing.mp4", tmp_path / "any.otio")
    assert (ran.code, ran.out) == (3, "")
    assert "does not exist" in ran.err and "fix:" in ran.err
