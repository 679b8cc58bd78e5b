"""Networks that read a scan: images of shape (N, 1, 8, 8) in, ten scores a scan out."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn


class HandMLP:
    """Two layers made of nothing but tensors: 64 → 64 → 10, with 4,810 parameters."""

    def __init__(self, seed: int = 0) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.w1 = torch.randn(64, 64, generator=generator).mul_(0.15).requires_grad_()
        self.b1 = torch.zeros(64, requires_grad=True)
        self.w2 = torch.randn(64, 10, generator=generator).mul_(0.15).requires_grad_()
        self.b2 = torch.zeros(10, requires_grad=True)

    def parameters(self) -> list[Tensor]:
        """What is to be learned."""
        return [self.w1, self.b1, self.w2, self.b2]

    def __call__(self, images: Tensor) -> Tensor:
        """Ten scores for each scan."""
        hidden = torch.relu(images.flatten(1) @ self.w1 + self.b1)
        return hidden @ self.w2 + self.b2

    def step(self, loss: Tensor, lr: float) -> None:
        """One step of gradient descent: every parameter goes `lr` times its gradient downhill."""
        loss.backward()
        with torch.no_grad():
            for parameter in self.parameters():
                assert parameter.grad is not None
                parameter -= lr * parameter.grad
                parameter.grad = None


class DigitMLP(nn.Module):
    """The same network as a module: layers `first` (64 → `hidden`) and `second` (`hidden` → 10)."""

    def __init__(self, hidden: int = 64) -> None:
        super().__init__()
        self.first = nn.Linear(64, hidden)
        self.second = nn.Linear(hidden, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Ten scores for each scan."""
        scores: Tensor = self.second(torch.relu(self.first(images.flatten(1))))
        return scores


class DigitCNN(nn.Module):
    """Two convolutions, each halving the picture, and a linear layer; with 16 and 32 channels 6,090 parameters."""

    def __init__(self, channels: Sequence[int] = (16, 32)) -> None:
        super().__init__()
        first, second = channels
        self.layers = nn.Sequential(
            nn.Conv2d(1, first, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(first, second, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(second * 2 * 2, 10),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Ten scores for each scan."""
        scores: Tensor = self.layers(images)
        return scores


def save_model(model: nn.Module, path: Path) -> None:
    """Write the parameters of a model to a file."""
    torch.save(model.state_dict(), path)


def load_model(path: Path) -> DigitCNN | DigitMLP:
    """A model with the parameters from a file, on the CPU and in evaluation mode.

    Which network it is, and how wide, follows from the names and shapes of its parameters.
    """
    state = torch.load(path, map_location="cpu", weights_only=True)
    model: DigitCNN | DigitMLP
    if "first.weight" in state:
        model = DigitMLP(hidden=len(state["first.weight"]))
    elif {"layers.0.weight", "layers.3.weight"} <= set(state):
        model = DigitCNN(channels=(len(state["layers.0.weight"]), len(state["layers.3.weight"])))
    else:
        model = DigitCNN()
    model.load_state_dict(state)
    return model.eval()
