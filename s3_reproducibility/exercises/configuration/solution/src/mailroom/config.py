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
        require(self.lr > 0, f"optimiser.lr is {self.lr}, and must be above 0")


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
    held_out: float = MISSING
    epochs: int = MISSING
    batch_size: int = MISSING
    seed: int = MISSING
    threads: int = MISSING

    def __post_init__(self) -> None:
        """Refuse values with which no training is possible."""
        require(0 < self.held_out < 1, f"held_out is {self.held_out}, and must be a share between 0 and 1")
        for name in ("epochs", "batch_size", "threads"):
            value = getattr(self, name)
            require(value >= 1, f"{name} is {value}, and must be 1 or more")


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
    config = OmegaConf.to_object(cfg)
    if not isinstance(config, TrainConfig):
        raise TypeError("these settings have no types: their defaults list must begin with base_config")
    if OmegaConf.structured(config) != cfg:  # what the classes do not know has got lost on the way
        raise ValueError("a setting was added (+) that the training does not know, or one was removed (~)")
    return config


def register() -> None:
    """Make the types known to Hydra, under the names that defaults lists use, and `${parent:…}` for folders."""
    OmegaConf.register_new_resolver("parent", lambda path: Path(path).parent.as_posix(), replace=True)
    store = ConfigStore.instance()
    store.store(name="base_config", node=TrainConfig)
    store.store(group="model", name="base_cnn", node=CNNConfig)
    store.store(group="model", name="base_mlp", node=MLPConfig)
    store.store(group="optimiser", name="base_adam", node=AdamConfig)
    store.store(group="optimiser", name="base_sgd", node=SGDConfig)
