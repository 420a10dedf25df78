"""Goodwill: what social media is really worth to a business.

>>> import goodwill
>>> study = goodwill.open("acme")  # doctest: +SKIP
>>> study["win_rate"]  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from goodwill.notebook import Answers

__all__ = ["__version__", "open"]
__version__ = "0.4.0"


def open(folder: Path | str = ".") -> Answers:
    """The answers that a workspace keeps, for a notebook or a program.

    Parameters
    ----------
    folder : path
        The workspace: a folder with goodwill.toml, in which ``goodwill run`` has been at work.

    Returns
    -------
    Answers
        A mapping of questions to answers. It shows what was kept when it was opened.

    Raises
    ------
    GoodwillError
        The folder is no workspace, or there are no answers yet.
    """
    from goodwill.notebook import open_answers  # nothing is loaded until somebody asks for answers

    return open_answers(folder)
