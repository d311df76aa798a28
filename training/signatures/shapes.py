"""The network that judges the shape of a zone's ink."""

from __future__ import annotations

import time
from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from training.signatures import banks
from training.signatures.zones import Seen, worth

EPOCHS, BATCH, RATE, DECAY = 40, 64, 6e-3, 1e-3
_SEED = 4
_STAMPED, _LITTERED, _SIGNED = 0.15, 0.2, 0.25  # shares of the zones over which these are laid


class Shapes(nn.Module):
    """Four halvings; what is there on average and at most decides."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after, stride in (
            (3, 12, 2), (12, 24, 2), (24, 24, 1), (24, 48, 2), (48, 48, 1), (48, 96, 2), (96, 96, 1),
        ):  # fmt: skip
            layers += [nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        self.features = nn.Sequential(*layers)
        self.decide = nn.Sequential(nn.Linear(192, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))

    def forward(self, zones: torch.Tensor) -> torch.Tensor:
        seen = self.features(zones / 255.0)
        decided: torch.Tensor = self.decide(torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1))
        return decided


def network(zones: Sequence[Seen], minutes: float) -> tuple[Shapes, int]:
    """A network fitted to the zones in EPOCHS rounds, or as many as the time allows; and how many they were."""
    torch.manual_seed(_SEED)
    fitted = Shapes().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(fitted.parameters(), RATE / 2, weight_decay=DECAY)
    batches = DataLoader(
        _Varied(zones), BATCH, shuffle=True, drop_last=True, num_workers=1, prefetch_factor=8, persistent_workers=True
    )
    start = time.monotonic()
    done, epoch = 0.0, 0
    while done < 1:
        losses = []
        for step, (seen, wanted, weight) in enumerate(batches):
            done = max((epoch + step / len(batches)) / EPOCHS, (time.monotonic() - start) / 60 / minutes)
            for group in optimiser.param_groups:
                group["lr"] = RATE * _pace(done)
            judged = fitted(seen.permute(0, 3, 1, 2).float())[:, 0]
            loss = functional.binary_cross_entropy_with_logits(judged, wanted * 0.98 + 0.01, weight)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            if done >= 1:
                break
        epoch += 1
        done = max(done, epoch / EPOCHS)
        print(f"epoch {epoch}: loss {np.mean(losses):.3f} after {(time.monotonic() - start) / 60:.1f} min", flush=True)
    return fitted.eval(), epoch


class _Varied(Dataset[tuple[NDArray[np.uint8], np.float32, np.float32]]):
    """The zones, each time otherwise; whether each is signed, and how much it counts."""

    def __init__(self, zones: Sequence[Seen]) -> None:
        self._likenesses = [np.ascontiguousarray(zone.likeness.transpose(1, 2, 0)) for zone in zones]
        self._signed, self._worth = [zone.signed for zone in zones], worth(zones)
        self._variety = _Variety(np.random.default_rng(_SEED))

    def __len__(self) -> int:
        return len(self._likenesses)

    def __getitem__(self, number: int) -> tuple[NDArray[np.uint8], np.float32, np.float32]:
        was = self._signed[number]
        seen, signed = self._variety.of(self._likenesses[number], signed=was)
        return seen, np.float32(signed), np.float32(1 if signed and not was else self._worth[number])


def _pace(done: float) -> float:
    """The share of the full rate: rising over a quarter of the time, then falling along a cosine."""
    if done < 0.25:
        return 0.06 + 0.94 * done / 0.25
    return max(0.002, 0.5 + 0.5 * float(np.cos(np.pi * min(1.0, (done - 0.25) / 0.75))))


class _Variety:
    """The same zone never twice: names, stamps and litter over some; then mirrored, turned, stretched, darker, bolder,
    noisier. Zones are (88, 256, 3), as OpenCV has them."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._names, self._stamps, self._litter = banks.names(4000), banks.stamps(2000), banks.litter(4000)
        noise = rng.normal(0, 16, (512, 512, 3)) * (1, 1, 0)
        self._lighter, self._darker = np.clip(-noise, 0, 255).astype(np.uint8), np.clip(noise, 0, 255).astype(np.uint8)

    def of(self, zone: NDArray[np.uint8], *, signed: bool) -> tuple[NDArray[np.uint8], bool]:
        """The zone otherwise, and whether it is signed now."""
        lot = self._rng.random()
        if lot < _STAMPED:
            zone = self._laid(zone, self._stamps)
        elif lot < _STAMPED + _LITTERED:
            zone = self._laid(zone, self._litter)
        if not signed and self._rng.random() < _SIGNED:
            zone, signed = self._laid(zone, self._names), True
        return self._noisy(self._inked(self._moved(zone))), signed

    def _laid(self, zone: NDArray[np.uint8], bank: NDArray[np.uint8]) -> NDArray[np.uint8]:
        rng = self._rng
        mark = bank[rng.integers(len(bank))] * rng.uniform(0.45, 1.2)
        mark = np.where(zone[:, :, 2] > 128, 0, np.minimum(mark, 255))
        far = np.minimum(255, mark / rng.uniform(12, 32) * 64)
        over = np.stack([mark, far, np.zeros_like(mark)], 2).astype(np.uint8)
        return np.maximum(zone, over)

    def _moved(self, zone: NDArray[np.uint8]) -> NDArray[np.uint8]:
        rng = self._rng
        high, wide = zone.shape[:2]
        slant = rng.uniform(-0.08, 0.08)
        turn = np.array([
            [rng.choice([-1, 1]) * rng.uniform(0.88, 1.12), slant * wide / high],
            [0.3 * slant * high / wide, rng.uniform(0.88, 1.12)],
        ])  # fmt: skip
        middle = np.array([wide, high]) / 2
        shift = middle - turn @ middle + rng.uniform(-1, 1, 2) * (0.025 * wide, 0.04 * high)
        return np.asarray(cv2.warpAffine(zone, np.column_stack([turn, shift]), (wide, high)), np.uint8)

    def _inked(self, zone: NDArray[np.uint8]) -> NDArray[np.uint8]:
        rng = self._rng
        levels = np.arange(256)
        bend, scale = np.exp(0.5 * np.clip(rng.normal(), -2, 2)), np.exp(0.3 * rng.normal())
        table = np.stack([255 * (levels / 255) ** bend, np.minimum(255, levels * scale), levels], 1)
        zone = np.asarray(cv2.LUT(zone, table[None].astype(np.uint8)), np.uint8)
        lot = rng.random()
        if lot < 0.25:
            other = (cv2.dilate if lot < 0.15 else cv2.erode)(zone[:, :, :2], np.ones((3, 3) if lot < 0.15 else (2, 2)))
            zone[:, :, :2] = other if lot < 0.15 else cv2.addWeighted(zone[:, :, :2], 0.5, other, 0.5, 0)
        return zone

    def _noisy(self, zone: NDArray[np.uint8]) -> NDArray[np.uint8]:
        high, wide = zone.shape[:2]
        y, x, share = self._rng.integers(0, 512 - high), self._rng.integers(0, 512 - wide), self._rng.uniform(0, 6 / 16)
        part = np.s_[y : y + high, x : x + wide]
        zone = np.asarray(cv2.addWeighted(zone, 1, self._darker[part], share, 0), np.uint8)
        return np.asarray(cv2.addWeighted(zone, 1, self._lighter[part], -share, 0), np.uint8)
