"""Where the demo keeps its API keys, since the database knows only their hashes."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

from config.settings import Settings, default_database_url

READ_BY_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """A demo tenant that was made whole: its keys by role, the number of its first card, and its people's passwords."""

    tenant_id: int
    keys: dict[str, str]
    card_number: str
    passwords: dict[str, str] = field(default_factory=dict)
    """By login; empty in a file of a version that had no people."""


def data_folder(settings: Settings) -> Path:
    """Name the folder of the demo's files: as set, else that of the SQLite file or where it would be."""
    if settings.data_dir is not None:
        return Path(settings.data_dir).absolute()
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        url = make_url(default_database_url())
    return Path(url.database or "").absolute().parent


def keys_path(settings: Settings) -> Path:
    """Name the file, one for each database."""
    url = make_url(settings.database_url)
    name = url.database or "memory"
    if url.get_backend_name() == "sqlite":
        return data_folder(settings) / f"{Path(name).stem}.demo-keys.json"
    return data_folder(settings) / f"{url.host}-{url.port or 3306}-{name}.demo-keys.json"


def load(path: Path) -> DemoKeys | None:
    """Read the file, None if there is none or it is not ours."""
    try:
        return DemoKeys(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def save(path: Path, keys: DemoKeys) -> None:
    """Write the file so that only its owner can read it, from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, READ_BY_OWNER_ONLY)
    with os.fdopen(file, "w", encoding="utf-8") as stream:
        json.dump(asdict(keys), stream)
