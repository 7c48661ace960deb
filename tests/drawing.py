"""Pictures of figures, as SVG: rectangles, lines and words on white."""

from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

FONT: Final = "system-ui, sans-serif"
INK: Final = "#24292f"
FAINT: Final = "#d0d7de"


class Picture:
    """An SVG of so many pixels, its corner at the upper left."""

    def __init__(self, width: int, height: int, title: str) -> None:
        size = {"width": str(width), "height": str(height), "viewBox": f"0 0 {width} {height}"}
        self._root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", **size})
        SubElement(self._root, "title").text = title
        self.box(0, 0, width, height, "#ffffff")

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A filled rectangle."""
        place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
        SubElement(self._root, "rect", {**place, "fill": colour})

    def line(self, points: list[tuple[float, float]], colour: str = FAINT, width: float = 1, dashes: str = "") -> None:
        """Straight from point to point."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        stroke = {"stroke": colour, "stroke-width": f"{width:g}", "stroke-dasharray": dashes}
        SubElement(self._root, "polyline", {"points": path, "fill": "none", **stroke})

    def words(self, x: float, y: float, text: str, *, colour: str = INK, size: int = 12, anchor: str = "start") -> None:
        """A line of text; *anchor* is its start, middle or end."""
        place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}
        style = {"font-family": FONT, "font-size": str(size), "fill": colour}
        SubElement(self._root, "text", {**place, **style}).text = text

    def __str__(self) -> str:
        indent(self._root)
        return tostring(self._root, "unicode") + "\n"
