"""The settings of the training. Hydra finds them in an installed package because this is one, too."""
