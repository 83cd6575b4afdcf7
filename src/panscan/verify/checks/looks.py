"""All findings about how pictures look, beside their place and time."""

from __future__ import annotations

from panscan.verify.checks.corners_and_shadow import corners_and_shadow
from panscan.verify.checks.detail import artefacts, sharpness
from panscan.verify.checks.flashes import flashes
from panscan.verify.checks.marks import marks
from panscan.verify.checks.tones import tones, upright
from panscan.verify.expectation import Expectation
from panscan.verify.measure.closer_look import CloserLook
from panscan.verify.report import Finding


def check_looks(look: CloserLook, expectation: Expectation) -> tuple[Finding, ...]:
    """Tones, flashes, turns, marks, corners and shadows, what was added to the detail, and what of it is lost."""
    return (
        tones(look.tones, expectation),
        flashes(look.brightness, expectation),
        upright(look.turns, expectation),
        marks(look.lasting.found, expectation),
        corners_and_shadow(look.corners_and_shadows, expectation),
        artefacts(look.patches, expectation),
        sharpness(look.patches, expectation),
    )
