"""An axis-aligned rectangle in pixels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """`x`, `y` of the top left corner, width and height; pixels, floats; y grows downward."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.w / 2, self.y + self.h / 2

    @property
    def area(self) -> float:
        return max(0.0, self.w) * max(0.0, self.h)

    def scaled(self, sx: float, sy: float) -> Box:
        """The same rectangle in a picture whose axes are `sx` and `sy` times as long."""
        return Box(self.x * sx, self.y * sy, self.w * sx, self.h * sy)

    def moved(self, dx: float, dy: float) -> Box:
        return Box(self.x + dx, self.y + dy, self.w, self.h)

    def enlarged(self, factor: float) -> Box:
        """Grown about its centre: 1.0 changes nothing, 2.0 doubles both sides."""
        cx, cy = self.centre
        w, h = self.w * factor, self.h * factor
        return Box(cx - w / 2, cy - h / 2, w, h)

    def intersection(self, other: Box) -> float:
        """Common area in square pixels."""
        w = min(self.right, other.right) - max(self.x, other.x)
        h = min(self.bottom, other.bottom) - max(self.y, other.y)
        return max(0.0, w) * max(0.0, h)

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        common = self.intersection(other)
        union = self.area + other.area - common
        return common / union if union > 0 else 0.0

    def union(self, other: Box) -> Box:
        """The smallest rectangle around both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def within(self, width: int, height: int) -> tuple[int, int, int, int] | None:
        """Whole pixels (left, top, right, bottom), rounded outward and clipped; None when nothing is left."""
        left, top = max(0, int(self.x // 1)), max(0, int(self.y // 1))
        right, bottom = min(width, int(-(-self.right // 1))), min(height, int(-(-self.bottom // 1)))
        return (left, top, right, bottom) if left < right and top < bottom else None
