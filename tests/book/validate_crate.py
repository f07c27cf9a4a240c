"""Holds a crate's metadata against its profile without the network.

The validator fetches the context that the metadata name; here it gets the copy that comes with the
package which wrote them. Run in an environment that has both (see test_provenance_of_results.py).
"""

import json
import sys
from pathlib import Path

import rdflib.plugins.shared.jsonld.context as context
import rdflib.plugins.shared.jsonld.util as util
import rocrate

HELD = Path(rocrate.__file__).with_name("data") / "ro-crate.jsonld"
fetch = util.source_to_json


def read(source, *args, **options):
    """Take the context of the specification from the package."""
    if "w3id.org/ro/crate" in str(source):
        return json.loads(HELD.read_text(encoding="utf-8")), None
    return fetch(source, *args, **options)


util.source_to_json = context.source_to_json = read


def main(folder):
    """Print what is wrong, or "valid"."""
    from rocrate_validator import models, services  # after the change above, which it takes over

    settings = {
        "rocrate_uri": folder,
        "profile_identifier": "ro-crate-1.3",
        "metadata_only": True,
        "requirement_severity": models.Severity.REQUIRED,
    }
    result = services.validate(models.ValidationSettings.parse(settings))
    issues = {f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()}
    sys.stdout.write("valid" if result.passed() else "\n".join(sorted(issues)))


main(sys.argv[1])
