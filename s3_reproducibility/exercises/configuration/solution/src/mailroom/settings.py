"""Secrets, from the environment or the file .env; never part of the settings in conf/."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Secrets(BaseSettings):
    """What only this machine may know: `MAILROOM_OFFICE_TOKEN`."""

    model_config = SettingsConfigDict(env_prefix="MAILROOM_", env_file=".env", extra="ignore")

    office_token: SecretStr


def office_header(secrets: Secrets) -> dict[str, str]:
    """The header with which the sorting office lets us report a result."""
    return {"Authorization": f"Bearer {secrets.office_token.get_secret_value()}"}
