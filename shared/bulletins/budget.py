"""The amount of searching that one table may cost, counted in steps, so that the same file gives the same answer."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Budget:
    """Steps left, and in words what was not searched for want of them."""

    left: int = 6_000_000
    skipped: list[str] = field(default_factory=list)

    def take(self, steps: int, zh: str, en: str) -> bool:
        """Whether `steps` may be spent; if not, the words are kept for the report."""
        if steps > self.left:
            self.skip(zh, en)
            return False
        self.left -= steps
        return True

    def skip(self, zh: str, en: str) -> None:
        """Note, once, what is not searched."""
        words = f"{zh} / {en}"
        if words not in self.skipped:
            self.skipped.append(words)
