"""Names of places to ids: by code, full and short name, province and name, old names.

A name is known or it is not: no substring is ever taken, since one city's name can stand inside
another's. What is not known is reported with the nearest name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.errors import StudyFileError, did_you_mean

_ENDINGS = re.compile(
    r"(?<=..)(?:省|市|地区|盟|(?:壮族|回族|维吾尔)?自治区|特别行政区|[^市]{0,8}?自治州)$"
)


def plain(label: object) -> str:
    """Spell a label as it is compared: full-width forms, blanks, dots and ``.0`` gone.

    Examples
    --------
    >>> plain(" 长　春 市 "), plain("２１０１００.0"), plain("Da Lian")
    ('长春市', '210100', 'dalian')
    """
    text = unicodedata.normalize("NFKC", str(label)).lower()
    return re.sub(r"[\s·.…*,，'’-]+", "", re.sub(r"\.0$", "", text.strip()))


def short(label: object) -> str:
    """Leave out the word for what kind of place it is.

    Examples
    --------
    >>> short("长春市"), short("广西壮族自治区"), short("沙市")
    ('长春', '广西', '沙市')
    """
    return _ENDINGS.sub("", plain(label))


@dataclass(frozen=True)
class Names:
    """What each place can be called.

    Attributes
    ----------
    meant : mapping of str to set
        Ids that a plain name can mean.
    inside : mapping
        Id to the spellings of its province.
    provinces : frozenset of str
        Full names of provinces that are no place of the list themselves.
    """

    meant: Mapping[str, set[object]]
    inside: Mapping[object, set[str]]
    provinces: frozenset[str]

    @classmethod
    def of(
        cls,
        places: pd.DataFrame,
        id: str,
        names: Sequence[str],
        provinces: Sequence[str] = (),
        old: Mapping[str, str] | None = None,
    ) -> Names:
        """Collect the names of a table of places.

        Parameters
        ----------
        places : DataFrame
        id : str
            Column of what a name becomes.
        names : sequence of str
            Columns of codes and names, full or short, in any language.
        provinces : sequence of str
            Columns of the province.
        old : mapping of str to str, optional
            Former or other name to any known name.

        Raises
        ------
        StudyFileError
            If a column is not there, or an old name stands for none.

        Examples
        --------
        >>> places = pd.DataFrame({"id": ["anshan", "maanshan"], "zh": ["鞍山市", "马鞍山市"],
        ...                        "province": ["辽宁省", "安徽省"]})
        >>> known = Names.of(places, "id", ["zh"], ["province"])
        >>> known.find("安徽马鞍山"), known.find("鞍山"), known.find("鞍山", "安徽省")
        ('maanshan', 'anshan', None)
        """
        for column in (id, *names, *provinces):
            if column not in places:
                raise StudyFileError(
                    f"the places have no column {column!r}{did_you_mean(column, places.columns)}"
                )
        meant: dict[str, set[object]] = {}
        inside: dict[object, set[str]] = {}
        for row in places.to_dict("records"):
            called = {plain(row[c]) for c in (id, *names)} | {short(row[c]) for c in (id, *names)}
            around = {f(row[c]) for c in provinces for f in (plain, short)}
            inside[row[id]] = around
            for name in called | {p + name for p in around for name in called}:
                meant.setdefault(name, set()).add(row[id])
        for former, now in (old or {}).items():
            if plain(now) not in meant:
                raise StudyFileError(
                    f"old name {former!r} stands for {now!r}, which is no place"
                    f"{did_you_mean(plain(now), meant)}"
                )
            meant.setdefault(plain(former), set()).update(meant[plain(now)])
            meant.setdefault(short(former), set()).update(meant[plain(now)])
        whole = {plain(row) for column in provinces for row in places[column]}
        return cls(meant, inside, frozenset(name for name in whole if name not in meant))

    @property
    def ids(self) -> list[object]:
        """Ids of the places, in their order."""
        return list(self.inside)

    def find(self, label: object, province: object = "") -> object | None:
        """Return the id that a label means, within a province where one is given, or None."""
        if plain(label) in self.provinces:
            return None
        found = self.meant.get(plain(label)) or self.meant.get(short(label)) or set()
        if short(province):
            found = {one for one in found if short(province) in self.inside[one]}
        return next(iter(found)) if len(found) == 1 else None

    def nearest(self, label: object) -> str:
        """Say which known name is nearest to a label."""
        return did_you_mean(plain(label), self.meant) or ", which is near no known name"
