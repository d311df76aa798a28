"""The forest that judges the figures of a zone's ink, and how it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier

from training.signatures.zones import Seen, worth


def forest(zones: Sequence[Seen]) -> tuple[Any, list[str]]:
    names = list(zones[0].figures)
    signed = np.array([zone.signed for zone in zones])
    trees = GradientBoostingClassifier(
        n_estimators=400, max_depth=5, learning_rate=0.05, subsample=0.6, min_samples_leaf=12, max_features=0.4,
        random_state=1,
    )  # fmt: skip
    return trees.fit(figures(zones, names), signed, sample_weight=worth(zones)), names


def figures(zones: Sequence[Seen], names: Sequence[str]) -> NDArray[np.float64]:
    return np.array([[zone.figures[name] for name in names] for zone in zones])


def as_table(forest: Any, names: Sequence[str]) -> dict[str, object]:
    prior = float(forest.init_.class_prior_[1])
    trees = []
    for tree in (estimator.tree_ for estimator in forest.estimators_[:, 0]):
        leaf = tree.children_left < 0
        trees.append({
            "figure": [-1 if end else int(figure) for end, figure in zip(leaf, tree.feature, strict=True)],
            "limit": [0 if end else float(f"{limit:.5g}") for end, limit in zip(leaf, tree.threshold, strict=True)],
            "low": [max(0, int(child)) for child in tree.children_left],
            "high": [max(0, int(child)) for child in tree.children_right],
            "value": [
                float(f"{forest.learning_rate * value:.4g}") if end else 0
                for end, value in zip(leaf, tree.value[:, 0, 0], strict=True)
            ],
        })  # fmt: skip
    start = round(float(np.log(prior / (1 - prior))), 5)
    return {"figures": names, "start": start, "trees": trees}
