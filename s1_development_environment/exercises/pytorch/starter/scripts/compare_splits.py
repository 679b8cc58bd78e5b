"""Compare a random split with one in file order, over eight seeds: `python scripts/compare_splits.py nearest`."""

import statistics
import sys

import torch
from sklearn.neighbors import KNeighborsClassifier
from torch.utils.data import TensorDataset

from mailroom.data import load_scans, split_at_random, split_in_order
from mailroom.evaluate import accuracy
from mailroom.model import DigitCNN
from mailroom.train import train

SEEDS = range(8)
HELD_OUT = 599  # a third of 1,797 scans


def nearest(train_set: TensorDataset, test_set: TensorDataset, seed: int) -> float:
    """The accuracy of answering with the label of the most similar training scan; nothing random in it."""
    (images, labels), (test_images, test_labels) = train_set.tensors, test_set.tensors
    classifier = KNeighborsClassifier(n_neighbors=1).fit(images.flatten(1).numpy(), labels.numpy())
    return float(classifier.score(test_images.flatten(1).numpy(), test_labels.numpy()))


def cnn(train_set: TensorDataset, test_set: TensorDataset, seed: int) -> float:
    """The accuracy of a network that starts from random weights."""
    torch.manual_seed(seed)
    model = DigitCNN()
    train(model, train_set, test_set, seed=seed)
    return accuracy(model, test_set)


def main() -> None:
    """Print the mean and the standard deviation for both splits."""
    torch.set_num_threads(1)
    judge = {"nearest": nearest, "cnn": cnn}[sys.argv[1]]
    images, labels = load_scans()
    at_random = [judge(*split_at_random(images, labels, HELD_OUT, seed), seed) for seed in SEEDS]
    in_order = [judge(*split_in_order(images, labels, HELD_OUT), seed) for seed in SEEDS]
    for name, results in (("at random", at_random), ("in order", in_order)):
        print(f"{name:9}  {statistics.mean(results):.3f} ± {statistics.stdev(results):.3f}")


if __name__ == "__main__":
    main()
