"""`panscan service`, `panscan work` and `panscan accounts`, as a person starts them."""

from __future__ import annotations

import json
import socket
from fractions import Fraction
from pathlib import Path

import pytest

import media
from commandline import panscan
from panscan.service import stages
from panscan.service.crops import crops_of


@pytest.fixture
def service_folder(service_database, tmp_path, monkeypatch):
    """A service of its own: its data folder, and its database."""
    monkeypatch.setenv("PANSCAN_SERVICE_DIR", str(tmp_path / "service"))
    monkeypatch.setenv("PANSCAN_DATABASE_URL", service_database)
    return tmp_path / "service"


def test_accounts_are_made_given_plans_and_shown(service_folder, tmp_path):
    made = panscan("accounts", "add", "studio")
    assert made.code == 0 and made.out.startswith("pst_"), "the token alone, for scripts"
    assert panscan("accounts", "add", "studio").code == 2
    plans = tmp_path / "plans.toml"
    plans.write_text("[team]\nminutes = 20\npriority = 25\n", encoding="utf-8")
    assert panscan("accounts", "plans", "--load", plans).code == 0
    assert panscan("accounts", "plan", "studio", "team").code == 0
    used = json.loads(panscan("accounts", "usage", "--json").out)["studio"]
    assert used.items() >= {"plan": "team", "minutes": "0.00", "of": "20.00", "jobs": 0, "held": 0}.items()
    assert panscan("accounts", "token", "studio", "--role", "king").code == 2
    assert panscan("accounts", "token", "studio", "--revoke").out.startswith("pst_")
    assert service_folder.stat().st_mode & 0o077 == 0, "nobody else may look inside"


def test_a_job_from_a_file_is_done_once_and_its_parts_again_only_where_they_are_gone(tmp_path):
    source = media.moving_block(tmp_path / "talk.mp4", frames=24, rate=Fraction(24))
    job = tmp_path / "job.json"
    asked = {
        **{"source": {"path": str(source)}, "ratios": ["9:16", "1:1"], "outputs": ["mp4", "edl", "crops-json"]},
        **{"canvas": None, "include_subjects": True, "destination": {"path": str(tmp_path / "sent")}},
    }
    job.write_text(json.dumps(asked), encoding="utf-8")
    first = panscan("work", job, "--json")
    assert (first.code, json.loads(first.out)["state"]) == (0, "completed")
    output = tmp_path / "job" / "output"
    assert '"layout"' in (output / "talk.9x16.crops.json").read_text(encoding="utf-8"), "with subjects"
    sent = {one["url"] for one in json.loads(first.out)["outputs"]}
    assert str(tmp_path / "sent" / "talk.9x16.mp4") in sent
    assert (tmp_path / "sent" / "talk.9x16.mp4").read_bytes() == (output / "talk.9x16.mp4").read_bytes()
    made = {path.name: path.stat().st_mtime_ns for path in output.iterdir()}
    assert {"talk.9x16.mp4", "talk.9x16.otio", "talk.1x1.edl", "talk.1x1.report.json"} <= set(made)
    assert not list((tmp_path / "job").rglob("*.part"))

    again = panscan("work", job)
    kept = {path.name: path.stat().st_mtime_ns for path in output.glob("*.mp4")}
    assert again.code == 0 and kept.items() <= made.items(), "nothing is rendered twice"

    (output / "talk.1x1.mp4").write_bytes(b"damaged")
    assert panscan("work", job).code == 0
    assert (output / "talk.1x1.mp4").stat().st_size > 1000
    assert (output / "talk.9x16.mp4").stat().st_mtime_ns == made["talk.9x16.mp4"]


def test_a_job_without_movies_ends_with_its_timelines(tmp_path):
    source = media.moving_block(tmp_path / "talk.mp4", frames=12)
    job = tmp_path / "job.json"
    job.write_text(json.dumps({"source": {"path": str(source)}, "return_video": False}), encoding="utf-8")
    assert panscan("work", job).code == 0
    assert [path.name for path in (tmp_path / "job" / "output").iterdir()] == ["talk.9x16.otio"]


def test_crops_hold_both_versions_where_they_are_asked_for(tmp_path):
    source = media.moving_block(tmp_path / "talk.mp4", frames=12)
    job, output = tmp_path / "job.json", tmp_path / "job" / "output"
    said = {"source": {"path": str(source)}, "outputs": ["crops-json"], "include_non_active_layouts": True}
    job.write_text(json.dumps(said), encoding="utf-8")
    assert panscan("work", job).code == 0
    frames = json.loads((output / "talk.9x16.crops.json").read_text())
    lines = [json.loads(line) for line in crops_of(output / "talk.9x16.otio")]
    assert len(frames) == len(lines) == 12 and "layout" in lines[0] and "layout" not in frames[0]
    for frame in (*frames, *lines):
        assert set(frame["crops"]) == {"9:16-active-speaker", "9:16"}
        assert {"subject" in one for cells in frame["crops"].values() for one in cells} == {"layout" in frame}


def test_wrong_decisions_are_told_before_the_movie_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.delattr(stages, "analyse_media")
    source = media.moving_block(tmp_path / "talk.mp4", frames=12)
    job = tmp_path / "job.json"
    said = {"source": {"path": str(source)}, "overrides": '[[shots]]\nsubject = "person-1"\n'}
    job.write_text(json.dumps(said), encoding="utf-8")
    ran = panscan("work", job)
    assert ran.code == 2 and "overrides: unknown key 'shots'" in ran.err and str(tmp_path) not in ran.err


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"source": {"path": "/absent.mp4"}}, 3),
        ({"source": {"path": "/absent.mp4"}, "ratios": ["x"]}, 2),
        ([], 2),
    ],
)
def test_a_job_that_cannot_be_done_says_so_by_its_exit_code(tmp_path, asked, code):
    job = tmp_path / "job.json"
    job.write_text(json.dumps(asked), encoding="utf-8")
    ran = panscan("work", job)
    assert ran.code == code and "fix:" in ran.err


def test_media_outside_the_folders_that_are_allowed_is_refused(tmp_path):
    source = media.moving_block(tmp_path / "talk.mp4", frames=12)
    job = tmp_path / "job.json"
    job.write_text(json.dumps({"source": {"path": str(source)}}), encoding="utf-8")
    inside = Path(tmp_path / "inside")
    inside.mkdir()
    assert panscan("work", job, "--allow", inside).code in (2, 3)
    assert not (tmp_path / "job" / "output" / "talk.9x16.otio").exists()


def test_a_port_that_is_taken_is_told(service_folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = panscan("service", "run", "--jobs", 0, "--port", taken.getsockname()[1])
    assert ran.code == 4 and "--port" in ran.err
