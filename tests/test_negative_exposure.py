"""Channels that the settings call harmless go through the same trials as social touches."""

from __future__ import annotations

from pathlib import Path

import pytest

from goodwill import study
from goodwill.workspace import open_workspace
from goodwill.worlds import simulate


@pytest.mark.slow
def test_a_channel_called_harmless_is_tried_like_social(tmp_path: Path) -> None:
    simulate("null", tmp_path, seed=4, accounts=500)
    with (tmp_path / "goodwill.toml").open("a", encoding="utf-8") as file:
        file.write('\n[checks]\nharmless_channels = ["email", "press"]\n')
    found = study.run(open_workspace(tmp_path), only=["win_rate"])
    checks = {check.name: check for check in found.verdicts[0].checks}
    assert checks["negative exposure: email"].survived is not False  # e-mail while a deal is open wins nothing here
    assert checks["negative exposure: press"].survived is None  # nobody was touched through the press
    assert "could not run" in checks["negative exposure: press"].result
