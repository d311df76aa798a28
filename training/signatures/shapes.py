"""The network that judges the shape of a zone's ink."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from training.signatures import banks
from training.signatures.zones import Seen

EPOCHS, BATCH, RATE, DECAY = 22, 64, 6e-3, 1e-3
_SEED = 4


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


def network(zones: Sequence[Seen], minutes: float) -> tuple[Shapes, int]:
    """A network fitted to the zones in EPOCHS rounds, or as many as the time allows; and how many they were."""
    torch.manual_seed(_SEED)
    rng = np.random.default_rng(_SEED)
    likenesses = np.stack([zone.likeness for zone in zones])
    signed = np.array([zone.signed for zone in zones], np.float32)
    marks = banks.stamps(1600), banks.crosses(500), banks.dots(600)
    fitted, steps = Shapes().to(memory_format=torch.channels_last), len(zones) // BATCH
    optimiser = torch.optim.AdamW(fitted.parameters(), RATE / 2, weight_decay=DECAY)
    start = time.monotonic()
    done, epoch = 0.0, 0
    while done < 1:
        losses = []
        order = rng.permutation(len(zones))
        for first in range(0, steps * BATCH, BATCH):
            done = max(epoch / EPOCHS + first / BATCH / steps / EPOCHS, (time.monotonic() - start) / 60 / minutes)
            for group in optimiser.param_groups:
                group["lr"] = RATE * _pace(done)
            chosen = order[first : first + BATCH]
            wanted = torch.from_numpy(signed[chosen])
            seen = _varied(torch.from_numpy(likenesses[chosen]).float(), wanted, marks, rng)
            seen = seen.contiguous(memory_format=torch.channels_last)
            loss = functional.binary_cross_entropy_with_logits(fitted(seen)[:, 0], wanted * 0.98 + 0.01)
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


def _pace(done: float) -> float:
    """The share of the full rate: rising over a quarter of the time, then falling along a cosine."""
    if done < 0.25:
        return 0.06 + 0.94 * done / 0.25
    return max(0.002, 0.5 + 0.5 * float(np.cos(np.pi * min(1.0, (done - 0.25) / 0.75))))


def _varied(
    seen: torch.Tensor,
    signed: torch.Tensor,
    marks: tuple[NDArray[np.uint8], ...],
    rng: np.random.Generator,
) -> torch.Tensor:
    """Stamps and dots over some, crosses over some unsigned ones; then turned, stretched, darker, bolder, noisier."""
    count, dice = len(seen), torch.rand(len(seen))
    for chosen, bank in (
        ((signed == 1) & (dice < 0.20), marks[0]),
        ((signed == 0) & (dice < 0.28), marks[0]),
        ((signed == 0) & (dice > 0.85), marks[1]),
        ((dice > 0.28) & (dice < 0.38), marks[2]),
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
