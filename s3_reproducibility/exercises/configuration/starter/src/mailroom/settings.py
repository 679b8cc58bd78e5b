"""Secrets, from the environment or the file .env; never part of the settings in conf/."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Secrets(BaseSettings):
    """What only this machine may know: `MAILROOM_OFFICE_TOKEN`."""

    # TODO (keep-secrets-out): where the values come from, and office_token


def office_header(secrets: Secrets) -> dict[str, str]:
    """The header with which the sorting office lets us report a result."""
    # TODO (keep-secrets-out): {"Authorization": "Bearer ..."} with the token
    raise NotImplementedError
