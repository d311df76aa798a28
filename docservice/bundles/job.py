"""The task "bundles.render" as the job runner knows it."""

from __future__ import annotations

from dataclasses import dataclass

from docservice.bundles.service import BundleService
from docservice.db.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class RenderBundle:
    """Renders the bundle whose id the job carries."""

    bundles: BundleService

    def perform(self, subject_id: str) -> None:
        self.bundles.render(subject_id)

    def abandon(self, tx: Transaction, subject_id: str, code: str, detail: str) -> None:
        self.bundles.abandon(tx, subject_id, code, detail)
