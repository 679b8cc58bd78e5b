"""The settings of a run, written down so that it can be run again."""

from pathlib import Path

from omegaconf import DictConfig, OmegaConf


def save_settings(cfg: DictConfig, choices: dict[str, str], path: Path) -> None:
    """Write all settings of a run, with interpolations filled in, as a configuration that can be run again.

    Args:
        cfg: The settings.
        choices: The option that was taken from each group; it brings the types.
        path: Where to.
    """
    # TODO (repeat-a-run): a defaults list with the types and the options, then the settings
