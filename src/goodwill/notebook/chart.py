"""One picture of an answer: shown in a notebook, saved for a slide."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from goodwill.errors import GoodwillError
from goodwill.report.figure_files import as_png


@dataclass(frozen=True)
class Chart:
    """A picture by the name of its facts, with what to see in it, as an SVG file holds it."""

    name: str
    sees: str
    svg: str

    def save(self, path: Path | str) -> Path:
        """Write the picture to a file, as SVG or PNG by the ending of its name; give its path.

        Raises
        ------
        GoodwillError
            The name ends with neither.
        """
        path = Path(path)
        if path.suffix.lower() not in (".svg", ".png"):
            raise GoodwillError(
                "pictures are written as SVG or PNG", where=str(path), remedy="Let the name end with .svg or .png."
            )
        path.write_bytes(self.svg.encode() if path.suffix.lower() == ".svg" else as_png(self.svg))
        return path

    def __repr__(self) -> str:
        return f"Chart {self.name}: {self.sees}"

    def _repr_svg_(self) -> str:
        return self.svg
