"""What the server declares not to do as python-caldav's list of features has it: `differences.json`.

Every feature that is not named there has full support.
"""

import json
from pathlib import Path

DIFFERENCES = json.loads((Path(__file__).parent / "differences.json").read_text(encoding="utf-8"))


def support(feature):
    """The declared level of a feature: its own, else that of the feature it is a part of, else `full`."""
    while feature not in DIFFERENCES and "." in feature:
        feature = feature.rpartition(".")[0]
    return DIFFERENCES.get(feature, {"support": "full"})["support"]


def as_features(all_features):
    """For python-caldav, which takes some features for unsupported unless told otherwise."""
    modest = [name for name, about in all_features.items()
              if about.get("default", {}).get("support", "full") != "full"]
    return {name: support(name) for name in [*modest, *DIFFERENCES] if support(name) != "unknown"}
