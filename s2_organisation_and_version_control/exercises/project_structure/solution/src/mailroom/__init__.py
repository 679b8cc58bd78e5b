"""Read the handwritten digits of postcodes from 8×8 scans."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("mailroom")
except PackageNotFoundError:  # the folder is on Python's path, but nothing is installed
    __version__ = "0+unknown"
