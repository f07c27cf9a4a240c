"""Write the committed simulated data again: ``python -m analysis.simulate``."""

from analysis.simulate import cities283, ne34

for file in [*ne34.regenerate(), *cities283.regenerate()]:
    print(file)
