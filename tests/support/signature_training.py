"""Trains the two judges of signature zones; needs scikit-learn, PyTorch and onnx besides (docs/decisions/0018).

    python -m tests.support.signature_training zones FILE COUNT SEED [held-out]
    python -m tests.support.signature_training fit FOLDER UNSEEN-FILE FILE...

The first makes zones with the simulator: hands, pens and stamps for tuning, or those that were held out. The second
fits the forest and the network to the zones of the FILEs, writes `signature_model.json` and `signature_shapes.onnx`
into FOLDER, and prints how they do on the unseen ones.
"""

from __future__ import annotations

import json
import pickle
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from sklearn.ensemble import GradientBoostingClassifier
from torch import nn
from torch.nn import functional

from docservice.scans.blank_pages import BlankPages, KnownDocument
from docservice.scans.identify import identify
from docservice.scans.register import register
from docservice.scans.working import WorkingPicture
from docservice.scans.zone_ink import zone_ink, zone_view
from docservice.scans.zones import ZoneView
from docservice.tools.codes import CodeReader
from tests.support.content import TEMPLATES
from tests.support.scan_simulator import PROFILES, SIGNED, SPOILS, STAMPED, Simulator, documents, family_names

SIGNED_FROM, UNSIGNED_TO = 0.55, 0.12
_STAMPED = 0.25  # of the signatures
_VISIBLE = 0.25  # share of a signature's path; what shows less teaches nothing
_EPOCHS, _BATCH = (24, 16), 64  # epochs of each network
_SIZE = (256, 88)
_CANVAS = (512, 176)  # what stamps and crosses are drawn on
_WORDS = (
    "Eingegangen", "STADT", "Amt für", "Bürgerservice", "Im Auftrag", "i. A.", "Sozialamt", "GmbH", "e. V.", "Verein",
    "Kopie", "ERLEDIGT", "geprüft", "Beratung", "Nord", "Praxis", "44135", "12. DEZ. 2026", "Schule", "BEZAHLT",
    "Notariat", "Posteingang", "Original", "Beglaubigt", "Zentrum", "Büro 4", "Entwurf", "gez.", "Leitung",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """A zone as it was scanned, and the truth."""

    view: ZoneView
    signed: bool
    what: str
    visible: float


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the judges see of a zone, and the truth."""

    figures: Mapping[str, float]
    likeness: NDArray[np.uint8]
    signed: bool
    what: str
    visible: float

    @classmethod
    def of(cls, zone: Zone) -> Seen:
        ink = zone_ink(zone.view)
        return cls(ink.figures, ink.likeness, zone.signed, zone.what, zone.visible)


def main() -> None:
    command, path, *rest = sys.argv[1:]
    if command == "zones":
        made = list(_zones(int(rest[0]), seed=int(rest[1]), held_out="held-out" in rest))
        Path(path).write_bytes(pickle.dumps(made))
    else:
        _fit(Path(path), _seen(rest[:1]), _seen(rest[1:]))


def _fit(folder: Path, unseen: Sequence[Seen], known: Sequence[Seen]) -> None:
    known = [zone for zone in known if not zone.signed or zone.visible > _VISIBLE]
    forest, names = _forest(known)
    (folder / "signature_model.json").write_text(json.dumps(_as_table(forest, names), separators=(",", ":")), "ascii")
    network = Both([_network(known, seed, epochs) for seed, epochs in enumerate(_EPOCHS, start=4)]).eval()
    example = (torch.zeros(1, 3, *reversed(_SIZE)),)
    torch.onnx.export(network, example, folder / "signature_shapes.onnx", opset_version=13, dynamo=False)
    _report(unseen, forest, names, network)


def _seen(files: Sequence[str]) -> list[Seen]:
    with ProcessPoolExecutor() as pool:
        each = (pool.map(Seen.of, pickle.loads(Path(file).read_bytes()), chunksize=64) for file in files)
        return [zone for zones in each for zone in zones]


def _zones(count: int, *, seed: int, held_out: bool) -> Iterator[Zone]:
    rng, simulator, codes = random.Random(seed), Simulator(seed, held_out=held_out), CodeReader()
    corpus = documents(seed, family_names()[:6])
    stored = {each.document_id: KnownDocument(each.document_id, each.pdf, each.pages, each.zones) for each in corpus}
    blank_pages = BlankPages(stored.get, codes)
    signing = [(each, page) for each in corpus for page in sorted({zone.page for zone in each.zones})]
    while count > 0:
        document, page = rng.choice(signing)
        plan = simulator.signatures(document, page, unsigned=0.5, distracted=0.8)
        for zone_id, order in plan.items():
            if order == SIGNED and rng.random() < _STAMPED:
                plan[zone_id] = STAMPED
        spoil = rng.choice(["", "", "", *SPOILS])
        scan = simulator.page(document, page, rng.choice(list(PROFILES)), spoil=spoil, signatures=plan)
        picture = WorkingPicture.of(scan.picture())
        identity = identify(picture, codes)
        blank = blank_pages.get(document.document_id, page)
        if blank is None or identity.code is None or identity.code.document_id != document.document_id:
            continue
        placed = register(picture.grey, [code.corners for code in identity.codes], blank)
        for zone in blank.zones if placed is not None else ():
            truth = scan.truth.zones[zone.zone_id]
            view = zone_view(picture, placed, blank, blank.pixel_rect(zone.rect))  # type: ignore[arg-type]
            yield Zone(view, truth.signed, truth.what, truth.visible)
            count -= 1


# -- the forest ------------------------------------------------------------------------------------------------------


def _forest(zones: Sequence[Seen]) -> tuple[Any, list[str]]:
    names = list(zones[0].figures)
    signed = np.array([zone.signed for zone in zones])
    forest = GradientBoostingClassifier(
        n_estimators=260, max_depth=4, learning_rate=0.06, subsample=0.6, min_samples_leaf=8, max_features=0.4,
        random_state=1,
    )  # fmt: skip
    # A signature that is overlooked is asked about; one that is imagined is not.
    return forest.fit(_figures(zones, names), signed, sample_weight=np.where(signed, 1.0, 1.6)), names


def _figures(zones: Sequence[Seen], names: Sequence[str]) -> NDArray[np.float64]:
    return np.array([[zone.figures[name] for name in names] for zone in zones])


def _as_table(forest: Any, names: Sequence[str]) -> dict[str, object]:
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
    return {"figures": names, "start": start, "signed_from": SIGNED_FROM, "unsigned_to": UNSIGNED_TO, "trees": trees}


# -- the network -----------------------------------------------------------------------------------------------------


class Shapes(nn.Module):
    """Four halvings; what is there on average and at most decides."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after, stride in (
            (3, 12, 2), (12, 24, 2), (24, 24, 1), (24, 48, 2), (48, 48, 1), (48, 64, 2), (64, 64, 1),
        ):  # fmt: skip
            layers += [nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        self.features = nn.Sequential(*layers)
        self.decide = nn.Sequential(nn.Linear(128, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))

    def forward(self, zones: torch.Tensor) -> torch.Tensor:
        seen = self.features(zones / 255.0)
        decided: torch.Tensor = self.decide(torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1))
        return decided


class Both(nn.Module):
    """The mean of several networks that were trained apart."""

    def __init__(self, networks: Sequence[Shapes]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, zones: torch.Tensor) -> torch.Tensor:
        return torch.stack([network(zones) for network in self.networks]).mean(0)


def _network(zones: Sequence[Seen], seed: int, epochs: int) -> Shapes:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    likenesses = np.stack([zone.likeness for zone in zones])
    signed = np.array([zone.signed for zone in zones], np.float32)
    banks = _stamps(1600), _crosses(500)
    network, steps = Shapes(), len(zones) // _BATCH
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=epochs * steps)
    for epoch in range(1, epochs + 1):
        losses = []
        order = rng.permutation(len(zones))
        for start in range(0, steps * _BATCH, _BATCH):
            chosen = order[start : start + _BATCH]
            wanted = torch.from_numpy(signed[chosen])
            seen = _varied(torch.from_numpy(likenesses[chosen]).float(), wanted, banks, rng)
            loss = functional.binary_cross_entropy_with_logits(network(seen)[:, 0], wanted * 0.98 + 0.01)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch} of {epochs}: loss {np.mean(losses):.3f}", flush=True)
    return network.eval()


def _varied(
    seen: torch.Tensor,
    signed: torch.Tensor,
    banks: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    rng: np.random.Generator,
) -> torch.Tensor:
    """Stamps over some, crosses over some unsigned ones; then turned, stretched, darker, fainter, bolder, noisier."""
    count, dice = len(seen), torch.rand(len(seen))
    for chosen, bank in (
        ((signed == 1) & (dice < 0.22), banks[0]),
        ((signed == 0) & (dice < 0.30), banks[0]),
        ((signed == 0) & (dice > 0.82), banks[1]),
    ):
        _lay_over(seen, torch.where(chosen)[0], bank, rng)
    turn = torch.zeros(count, 2, 3)
    turn[:, 0, 0] = (1 + _spread(count, 0.12)) * torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    turn[:, 0, 1] = slant = _spread(count, 0.08)
    turn[:, 1, 0], turn[:, 1, 1] = slant * 0.3, 1 + _spread(count, 0.12)
    turn[:, 0, 2], turn[:, 1, 2] = _spread(count, 0.05), _spread(count, 0.08)
    size = list(seen.shape)
    seen = functional.grid_sample(seen, functional.affine_grid(turn, size, align_corners=False), align_corners=False)
    bend = torch.exp(0.5 * torch.randn(count, 1, 1, 1).clamp(-2, 2))
    scale = torch.exp(0.3 * torch.randn(count, 1, 1, 1))
    ink = torch.cat([255 * (seen[:, :1] / 255) ** bend, (seen[:, 1:2] * scale).clamp(0, 255)], 1)
    bolder = functional.max_pool2d(ink, 3, 1, 1)
    thinner = -functional.max_pool2d(functional.pad(-ink, (0, 1, 0, 1), value=-255.0), 2, 1)
    dice = torch.rand(count, 1, 1, 1)
    ink = torch.where(dice < 0.15, bolder, torch.where(dice < 0.25, (thinner + ink) / 2, ink))
    ink = (ink + torch.randn_like(ink) * torch.rand(count, 1, 1, 1) * 6).clamp(0, 255)
    return torch.cat([ink, seen[:, 2:]], 1)


def _spread(count: int, most: float) -> torch.Tensor:
    return most * (torch.rand(count) * 2 - 1)


def _lay_over(seen: torch.Tensor, chosen: torch.Tensor, bank: NDArray[np.uint8], rng: np.random.Generator) -> None:
    if not len(chosen):
        return
    marks = torch.from_numpy(bank[rng.integers(0, len(bank), len(chosen))]).float()
    marks = marks * (0.25 + 0.75 * torch.rand(len(chosen), 1, 1))
    marks = torch.where(seen[chosen, 2] > 128, torch.zeros_like(marks), marks)
    noise = 12 + 20 * torch.rand(len(chosen), 1, 1)
    seen[chosen, 0] = torch.maximum(seen[chosen, 0], marks)
    seen[chosen, 1] = torch.maximum(seen[chosen, 1], (marks / noise * 64).clamp(0, 255))


def _stamps(count: int) -> NDArray[np.uint8]:
    """Stamps of random words in frames, rings or none, unevenly inked, partly outside."""
    rng, noise = random.Random(5), np.random.default_rng(5)
    fonts = sorted((TEMPLATES / "fonts").glob("NotoSans-*.ttf")) + sorted(Path("/usr/share/fonts").rglob("*.ttf"))
    found: list[NDArray[np.uint8]] = []
    while len(found) < count:
        stamp = _stamp(rng, fonts).rotate(rng.uniform(-18, 18), expand=True, resample=Image.Resampling.BICUBIC)
        sheet = Image.new("L", _CANVAS)
        sheet.paste(stamp, (rng.randint(-stamp.width // 2, 512 - stamp.width // 2), rng.randint(-40, 140)))
        ink = np.asarray(sheet.resize(_SIZE, Image.Resampling.BOX), np.float32)
        if rng.random() < 0.7:
            wear = Image.fromarray((noise.random((5, 9)) * 255).astype(np.uint8)).resize(
                _SIZE, Image.Resampling.BICUBIC
            )
            ink = ink * np.clip(np.asarray(wear, np.float32) / 255 * 2.2 - rng.uniform(-0.3, 0.5), 0, 1)
        if int((ink > 40).sum()) >= 120:
            found.append(np.clip(ink, 0, 255).astype(np.uint8))
    return np.stack(found)


def _stamp(rng: random.Random, fonts: Sequence[Path]) -> Image.Image:
    shape = rng.choice(["text", "text", "frame", "ring", "round"])
    width, height = rng.randint(140, 380), rng.randint(44, 132)
    if shape == "round":
        width = height = rng.randint(112, 220)
    stamp = Image.new("L", (width + 8, height + 8))
    pen, line = ImageDraw.Draw(stamp), rng.randint(1, 4)
    if shape == "frame":
        pen.rectangle((2, 2, width + 4, height + 4), outline=255, width=line)
    elif shape != "text":
        pen.ellipse((2, 2, width + 4, height + 4), outline=255, width=line)
    rows = rng.randint(1, 3) if height < 90 else rng.randint(2, 4)
    room = (height - 12) // rows
    for row in range(rows):
        font = ImageFont.truetype(str(rng.choice(fonts)), max(8, int(min(room * 0.8, rng.uniform(0.5, 0.9) * room))))
        words = " ".join(rng.choice(_WORDS) for _ in range(rng.randint(1, 2)))
        pen.text(((width - font.getlength(words)) / 2, 6 + row * room), words, fill=255, font=font)
    return stamp


def _crosses(count: int) -> NDArray[np.uint8]:
    """Crosses, ticks and dashes of a pen."""
    rng = random.Random(9)
    found = []
    for _ in range(count):
        sheet = Image.new("L", _CANVAS)
        pen, width = ImageDraw.Draw(sheet), max(2, int(rng.uniform(2.4, 8)))
        x, y, reach, kind = rng.uniform(48, 464), rng.uniform(32, 136), rng.uniform(10, 36), rng.random()
        if kind < 0.75:
            lean, other = rng.uniform(0.4, 1.1) * reach, rng.uniform(0.4, 1.1) * reach
            pen.line((x - lean, y - reach, x + lean, y + reach), fill=255, width=width)
            pen.line((x + other, y - reach, x - other, y + reach), fill=255, width=width)
        elif kind < 0.88:
            tick = [(x - reach / 2, y), (x, y + reach * 0.6), (x + reach, y - reach * 0.8)]
            pen.line(tick, fill=255, width=width, joint="curve")
        else:
            pen.line((x - 2 * reach, y, x + 2 * reach, y + rng.gauss(0, 3)), fill=255, width=width)
        found.append(np.asarray(sheet.resize(_SIZE, Image.Resampling.BOX), np.uint8))
    return np.stack(found)


# -- how they do -----------------------------------------------------------------------------------------------------


def _report(zones: Sequence[Seen], forest: Any, names: Sequence[str], network: Both) -> None:
    by_figures = np.asarray(forest.decision_function(_figures(zones, names)), np.float64)
    with torch.no_grad():
        by_shape = network(torch.from_numpy(np.stack([zone.likeness for zone in zones])).float())[:, 0].numpy()
    signed = np.array([zone.signed for zone in zones])
    visible = signed & np.array([zone.visible > _VISIBLE for zone in zones])
    for name, odds in (("forest", by_figures), ("network", by_shape), ("both", (by_figures + by_shape) / 2)):
        for share in (0.003, 0.01):
            limit = float(np.quantile(odds[~signed], 1 - share))
            recall = float((odds[visible] > limit).mean())
            print(
                f"{name}: {recall:.1%} of the visible signatures at {share:.1%} of the unsigned zones said to be signed"
            )


if __name__ == "__main__":
    main()
