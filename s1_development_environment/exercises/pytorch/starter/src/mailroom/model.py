"""Networks that read a scan: images of shape (N, 1, 8, 8) in, ten scores a scan out."""

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
        # TODO (mlp-by-hand): flatten each scan, first layer, ReLU, second layer.
        raise NotImplementedError

    def step(self, loss: Tensor, lr: float) -> None:
        """One step of gradient descent: every parameter goes `lr` times its gradient downhill."""
        # TODO (mlp-by-hand): find the gradients, move the parameters in place, forget the gradients.
        raise NotImplementedError


class DigitMLP(nn.Module):
    """The same network as a module: layers `first` (64 → 64) and `second` (64 → 10)."""

    def __init__(self) -> None:
        super().__init__()
        # TODO (same-as-module): make the two layers.

    def forward(self, images: Tensor) -> Tensor:
        """Ten scores for each scan."""
        # TODO (same-as-module): the same calculation as in HandMLP.
        raise NotImplementedError


class DigitCNN(nn.Module):
    """Two convolutions with 16 and 32 channels, each halving the picture, and a linear layer: 6,090 parameters."""

    def __init__(self) -> None:
        super().__init__()
        # TODO (small-cnn): self.layers is the whole network, an nn.Sequential.

    def forward(self, images: Tensor) -> Tensor:
        """Ten scores for each scan."""
        # TODO (small-cnn): one line.
        raise NotImplementedError


def save_model(model: DigitCNN, path: Path) -> None:
    """Write the parameters of a model to a file."""
    # TODO (save-and-load): write the state dict, not the model.
    raise NotImplementedError


def load_model(path: Path) -> DigitCNN:
    """A model with the parameters from a file, on the CPU and in evaluation mode."""
    # TODO (save-and-load): make a model, then give it the parameters.
    raise NotImplementedError
