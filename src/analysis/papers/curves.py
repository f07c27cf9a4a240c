"""Which studies have their specification curve among the heavy results."""

from analysis.papers.cities283.study import STUDY as CITIES283
from analysis.papers.ne34.study import STUDY as NE34
from analysis.study.curve.heavy import register

for study in (NE34, CITIES283):
    register(study)
