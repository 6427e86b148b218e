"""What a county's words for a category mean: its own mappings, then the taxonomy's names; unknown words wait (§1.4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.funds.domain.library import text_key

_TAILS = ("项目", "类", "工程")
_SEPARATOR = "/"


@dataclass(frozen=True, slots=True)
class Labelled:
    """The category that labels mean, with a note where it is not their own name; no category: somebody has to map."""

    label: str
    category: str | None
    note: str = ""


def label_key(label: str) -> str:
    """A label as mappings are kept by."""
    return _SEPARATOR.join(text_key(part) for part in label.split(_SEPARATOR))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Names of the taxonomy and mappings of the county, by their keys."""

    names: Mapping[str, tuple[str, ...]]
    mapped: Mapping[str, str]

    @classmethod
    def of(cls, taxonomy: Iterable[tuple[str, str]], mapped: Mapping[str, str]) -> "Lexicon":
        """From pairs of code and name, and from label keys with their categories."""
        names: dict[str, list[str]] = {}
        for code, name in taxonomy:
            names.setdefault(text_key(name), []).append(code)
        by_length = {name: tuple(sorted(codes, key=lambda code: (len(code), code))) for name, codes in names.items()}
        return cls(by_length, mapped)

    def resolve(self, labels: Sequence[str]) -> Labelled:
        """The most precise meaning of labels that go from large to small."""
        given = [label.strip() for label in labels if label.strip()]
        whole = _SEPARATOR.join(given)
        if (code := self.mapped.get(label_key(whole))) is not None:
            return Labelled(whole, code, f"“{whole}”按县映射归入 {code}")
        code, note, precise = "", "", True
        for label in given:
            below = self._meaning(label, code)
            if below is None:
                precise = False
                continue
            code, mapped = below
            note, precise = (f"“{label}”按县映射归入 {code}" if mapped else note), True
        if not code:
            return Labelled(whole, None)
        return Labelled(whole, code, note or ("" if precise else f"“{whole}”按上级类别归入 {code}"))

    def _meaning(self, label: str, above: str) -> tuple[str, bool] | None:
        """The code of one label below the code `above`, and whether the county's mapping says so."""
        key = text_key(label)
        if (mapped := self.mapped.get(key)) is not None and mapped.startswith(above):
            return mapped, True
        for name in (key, *(key.removesuffix(tail) for tail in _TAILS), *(key + tail for tail in _TAILS)):
            codes = [code for code in self.names.get(name, ()) if code.startswith(above)]
            if codes and (len(codes) == 1 or len(codes[0]) < len(codes[1])):
                return codes[0], False
        return None
