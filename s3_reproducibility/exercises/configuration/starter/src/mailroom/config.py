"""The types and limits of the settings in conf/, checked before a training starts."""

from dataclasses import dataclass
from pathlib import Path

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, OmegaConf


@dataclass
class ModelConfig:
    """What every model needs: the class to make."""

    _target_: str = MISSING


@dataclass
class CNNConfig(ModelConfig):
    """Settings of `DigitCNN`."""

    channels: list[int] = MISSING


@dataclass
class MLPConfig(ModelConfig):
    """Settings of `DigitMLP`."""

    hidden: int = MISSING


@dataclass
class OptimiserConfig:
    """What every optimiser needs: the class, and a learning rate."""

    _target_: str = MISSING
    _partial_: bool = True
    lr: float = MISSING

    def __post_init__(self) -> None:
        """Refuse values that no optimiser can use."""
        # TODO (stop-before-training): lr must be above 0


@dataclass
class AdamConfig(OptimiserConfig):
    """Settings of `torch.optim.Adam`."""


@dataclass
class SGDConfig(OptimiserConfig):
    """Settings of `torch.optim.SGD`."""

    momentum: float = MISSING


@dataclass
class TrainConfig:
    """All settings of a training run."""

    model: ModelConfig = MISSING
    optimiser: OptimiserConfig = MISSING
    data: str = MISSING
    output: str = MISSING
    # TODO (stop-before-training): the other settings and their types

    def __post_init__(self) -> None:
        """Refuse values with which no training is possible."""
        # TODO (stop-before-training): held_out is a share between 0 and 1; epochs, batch_size and threads are 1 or more


def require(holds: bool, message: str) -> None:
    """Refuse settings of which something does not hold."""
    if not holds:
        raise ValueError(message)


def checked(cfg: DictConfig) -> TrainConfig:
    """The settings as an object, with interpolations filled in.

    Raises:
        MissingMandatoryValue: A setting has no value.
        TypeError: The settings were not composed with the schema `base_config`.
        ValueError: A setting is outside its limits, or is none that the training knows.
    """
    # TODO (stop-before-training): the object in place of what Hydra gives, and a look at what got lost
    return cfg  # type: ignore[return-value]


def register() -> None:
    """Make the types known to Hydra, under the names that defaults lists use, and `${parent:…}` for folders."""
    OmegaConf.register_new_resolver("parent", lambda path: Path(path).parent.as_posix(), replace=True)
    store = ConfigStore.instance()
    store.store(name="base_config", node=TrainConfig)
    store.store(group="model", name="base_cnn", node=CNNConfig)
    store.store(group="model", name="base_mlp", node=MLPConfig)
    store.store(group="optimiser", name="base_adam", node=AdamConfig)
    store.store(group="optimiser", name="base_sgd", node=SGDConfig)
