"""Train a classifier and save it."""

import torch


def train(epochs: int) -> torch.nn.Module:
    model = torch.nn.Linear(784, 10)
    optimiser = torch.optim.Adam(model.parameters())
    for _ in range(epochs):
        optimiser.zero_grad()
    return model


if __name__ == "__main__":
    torch.save(train(3).state_dict(), "model.pt")
