"""A study: its declaration, one way to open it, and what every study can be asked.

>>> from analysis.study import find_study, open_study
>>> sample = open_study(find_study("cigarettes"), weights="both-orders")
>>> sample.panel.n_units
46
"""

from analysis.study.declaration import Choice, Data, Group, Study, Variable
from analysis.study.sample import (
    Banner,
    Sample,
    find_study,
    known_studies,
    open_page,
    open_study,
)  # fmt: skip

__all__ = ["Banner", "Choice", "Data", "Group", "Sample", "Study", "Variable", "find_study",
           "known_studies", "open_page", "open_study"]  # fmt: skip
