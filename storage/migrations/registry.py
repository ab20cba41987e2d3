"""The list that every migration enters itself into."""

from sqlite_utils import Migrations

migrations = Migrations("kinogram")
