# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Discussion, conclusions and policy of paper B
#
# :::{simulated}
# What the paper concludes, in our words, beside what this part of the book could and could not show
# with generated series for 283 real cities.
# :::
#
# ## What the paper concludes
#
# The paper finds that co-agglomeration raises carbon efficiency, that part of the effect runs
# through innovation, that neighbours gain as well, and that the east and cities without a
# resource base gain most. Its discussion places this beside work on manufacturing and
# service clusters; its policy part asks for demonstration parks where both sectors settle together, for
# an energy mix with less coal, for joint planning across city borders, for support of research in
# firms, and for different measures in different regions: deeper integration in the east, taking over
# of industry with strict standards in the centre, groundwork in the west, and new industries where
# resources run out.
#
# {numref}`tab-cities283-conclusions` has the numbers behind the conclusions, in print and here,
# {numref}`tab-cities283-open` the chapter that takes each up and what the paper's running text leaves open.

# %% tags=["parameters"]
raw: str = ""  # the study's real files; empty for the simulated data: folder
seed: int = 283  # seed of the simulated data: 0..
dropped: str = "zhongwei"  # the city that the 283 leave out of the 284
first_raw_year: int = 2009  # first raw year; the index begins a year later: 2009..2010

# %%
from dataclasses import replace

import pandas as pd
from myst_nb import glue

from analysis.book import heavy as validate, parameters, tables
from analysis.book import published
from analysis.spatial.gmm import GmmSpecification, fit_gmm
from analysis.papers.cities283 import study
from analysis.study import open_study

parameters.check()
sample = open_study(study.STUDY, globals())
text = published.rows().query("paper == 'B'").set_index("row")["text"]
pairs = validate.load("cities283_groups").frame
here = {}
for name, label in sample.outcomes.items():
    spec = replace(study.DURBIN, outcome=name)
    fit = study.estimate(sample.panel, spec, sample.weights)
    terms = {
        term: f"{tables.number(float(fit.params[term]), '.3f')} ({fit.std_errors[term]:.3f})"
        for term in ("INA", "W.INA")
    }
    share = study.mediate(sample.panel, spec, sample.weights).share
    gmm = fit_gmm(
        sample.panel,
        GmmSpecification(name, study.DURBIN.regressors, study.DURBIN.regressors),
        sample.weights,
    )
    slopes = {
        group: study.estimate(
            sample.panel.sub(units=cities), spec, sample.weights.sub(list(cities))
        ).params["INA"]
        for by in ("region", "resource")
        for group, cities in sample.places.groupby(sample.group(by)).groups.items()
    }
    tested = pairs[pairs["outcome"] == name]["p_value"]
    mean = sample.panel.frame[name].groupby(level="year").mean()
    here[label] = {
        "mean index": f"{sample.panel.frame[name].mean():.4f}",
        "years above one": ", ".join(str(year) for year in mean.index[mean > 1]) or "none",
        "INA (H1)": terms["INA"],
        "W × INA (H3)": terms["W.INA"],
        "mediated share (H2)": f"{100 * share:.0f} %",
        "INA by GMM": f"{tables.number(float(gmm.params['INA']), '.3f')} "
        f"({gmm.std_errors['INA']:.3f})",
        "ρ by GMM": f"{gmm.params['rho']:.2f} ({gmm.std_errors['rho']:.2f})",
        **{
            f"INA, {group}": tables.number(float(slopes[group]), ".3f")
            for group in (*study.REGIONS, *study.RESOURCE.values())
        },
        "differences with p below 0.1": f"{int((tested < 0.1).sum())} of {len(tested)}",
    }
numbers = pd.DataFrame(here)
numbers["printed"] = pd.Series(
    {
        "mean index": text["mean SML index"],
        "years above one": ", ".join(
            row.removeprefix("mean SML ")
            for row in text.index
            if row in ("mean SML 2011", "mean SML 2018") and float(text[row]) > 1
        ),
        "INA (H1)": text["INA, SDM two-way FE"],
        "W × INA (H3)": text["W x INA, SDM two-way FE"],
        "mediated share (H2)": text["mediated share (conclusion)"],
        "INA by GMM": text["robustness 2: spatial system GMM"],
        **{f"INA, {group}": "significant" for group in ("east", "central")},
        "INA, west": "not significant",
        "INA, other": text["resource endowment"],
        "differences with p below 0.1": "all",
    }
).reindex(numbers.index)
tables.show(
    numbers.fillna("–"),
    "tab-cities283-conclusions",
    "The numbers behind the paper's conclusions: those found here, and what is printed.",
    stub="quantity",
    notes="Standard errors in parentheses. Differences: by permuting whole cities, as run on the default "
    "data. On latent efficiency the mean index and the years above one are targeted; coefficients, mediated "
    "share and groups estimate parameters of the generator and are recovered; GMM and the differences are "
    "free, and so is every number on the scores.",
    code=[study.load, study.estimate, study.mediate, fit_gmm],
    data={"panel": sample.panel},
    parameters=sample.parameters,
)

# %%
chapters = pd.DataFrame(
    [
        (
            "Efficiency fell on average, and rose in 2011 and 2018",
            "[](efficiency.py)",
            "what broke in the data of 2018",
        ),
        (
            "H1: co-agglomeration raises efficiency",
            "[](durbin.py)",
            "the estimator and its correction",
        ),
        (
            "H3: neighbours gain",
            "[](durbin.py)",
            "how much of ρ comes from measurement, such as energy known only by province",
        ),
        (
            "H2: through innovation",
            "[](mediation.py)",
            "an interval for the share, and whether something else moves both",
        ),
        (
            "The result is robust",
            "[](robustness.py)",
            "the ρ of the GMM, its instruments and tests",
        ),
        (
            "East above centre, west not significant; other above resource-based",
            "[](heterogeneity.py)",
            "what was permuted, and how many tails were counted",
        ),
    ],
    columns=["conclusion", "chapter", "not in the running text"],
).set_index("conclusion")
tables.show(
    chapters,
    "tab-cities283-open",
    "The paper's conclusions, where the book takes them up, and what stays open.",
    stub="conclusion",
)

# %%
boot = validate.load("cities283_mediation").frame.set_index(["outcome", "quantity"])
interval = boot.loc[("TCE", "share")]
glue("cities283_boot_low", 100 * float(interval["lower"]), display=False)
glue("cities283_boot_high", 100 * float(interval["upper"]), display=False)
glue("cities283_coefficient", study.printed_number("headline"), display=False)
scores = pairs[pairs["outcome"] == "TCE"]["p_value"]
glue("cities283_told_apart", int((scores < 0.1).sum()), display=False)
glue("cities283_differences", len(scores), display=False)
moved = sample.panel.within(["INA"], "two-way").frame["INA"]
glue("cities283_unit_over_movement", float(1 / moved.std()), display=False)
glue("cities283_cities_per_region", int(sample.group("region").value_counts().min()), display=False)
glue("cities283_others", sample.panel.n_units - 1, display=False)
seeds = validate.load("cities283_seeds").frame["seed"].nunique()
glue("cities283_seeds_run", int(seeds), display=False)

# %% [markdown]
# ## Does the policy follow?
#
# * **"One unit of co-agglomeration raises efficiency by {glue:text}`cities283_coefficient`."** In the simulated
#   data one unit is {glue:text}`cities283_unit_over_movement:.1f` times the standard deviation of what
#   co-agglomeration moves within cities and years; the paper's own figure is not in its text. The outcome is a yearly *factor*: the sentence
#   is about growth, and reads as if it were about a level. And the number is a coefficient of a
#   Durbin model, not an effect; the direct effect differs from it by what comes back over neighbours.
# * **Joint planning across borders** rests on the indirect effect. With this matrix it adds up the small
#   responses of {glue:text}`cities283_others` cities that are all "neighbours"; {numref}`tab-cities283-more` shows how
#   the coefficient behind it changes with matrices under which a neighbour is a neighbour.
# * **Support for innovation** rests on the mediated share. Its interval on the scores runs from
#   {glue:text}`cities283_boot_low:.0f` % to {glue:text}`cities283_boot_high:.0f` %
#   ({numref}`tab-cities283-bootstrap`), and no regression here tells innovation as a cause from innovation as a companion.
# * **Different measures by region** rest on differences between groups. The smallest region has
#   {glue:text}`cities283_cities_per_region` cities. On the scores {glue:text}`cities283_told_apart` of
#   {glue:text}`cities283_differences` differences can be told from chance at 10 % ({numref}`tab-cities283-permutation`),
#   where all are real in the generator.
# * **Less coal** may be right on other grounds; the model has no coal in it. Energy enters efficiency
#   as output times a provincial intensity, so a city cannot save energy in these data at all.
# * **Policy needs causes.** Two-way effects take out what is fixed in a city and common to a
#   year. They do not take out that efficient cities attract industry. The GMM was meant to deal with
#   endogeneity; its own $\rho$ is not to be trusted on this matrix ({numref}`tab-gmm-rho`).
#
# ## What the simulated data showed, and what they cannot
#
# They showed that on latent efficiency the likelihood estimators return, over
# {glue:text}`cities283_seeds_run:d` seeds, the coefficients in {numref}`tab-cities283-seeds`; GMM on this draw does not
# ({numref}`tab-cities283-gmm`). And they showed what measurement by scores adds over the chain from raw tables:
# smaller slopes, a larger $\rho$, a narrower jump in 2018 ({numref}`tab-cities283-index-beside`). They cannot show whether co-agglomeration does any of this in
# China. With the real files in `data/raw/cities283` every page of this part can be run again, and
# the comparisons with the print, now free, would become a reproduction.
