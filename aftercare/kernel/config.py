"""What the environment says, read once into one typed value."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from aftercare.kernel.errors import Refused
from aftercare.kernel.outbound import AddressError, parse
from aftercare.kernel.sockets import reachable_socket_folder


@dataclass(frozen=True)
class Config:
    """Every setting of the system; docs/configuration.md tells each variable's meaning."""

    data_dir: Path
    base_url: str
    allowed_hosts: list[str]
    trusted_origins: list[str]
    secret_key: str
    database_url: str | None
    clickhouse_url: str | None
    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password: str
    smtp_tls: bool
    mail_from: str
    smtp_listen: tuple[str, int] | None
    private_mail: bool
    log_level: str
    is_demo: bool
    geoip_city: Path | None
    geoip_asn: Path | None
    trusted_proxies: int
    private_scrapes: str
    file_max_mb: int
    close_after_days: int
    deadman_url: str
    status_dir: Path
    oidc_providers: dict[str, Any] = field(default_factory=dict)


def data_dir_of(environ: Mapping[str, str]) -> Path:
    """The data folder that the environment names, else the default one."""
    return Path(environ.get("AFTERCARE_DATA") or default_data_dir(environ)).absolute()


def default_data_dir(environ: Mapping[str, str]) -> Path:
    """The user's data home (XDG), then `aftercare`."""
    home = environ.get("XDG_DATA_HOME") or str(Path(environ.get("HOME", "/")) / ".local" / "share")
    return Path(home) / "aftercare"


def read_config(environ: Mapping[str, str]) -> Config:
    """The settings of this process. Raises Refused with the variable's name when one cannot be read."""
    data_dir = data_dir_of(environ)
    base_url = environ.get("AFTERCARE_BASE_URL", "http://127.0.0.1:8400").rstrip("/")
    host = urlsplit(base_url).hostname
    if host is None:
        raise Refused(f"AFTERCARE_BASE_URL is {base_url!r}: it must be an address like https://care.example.com")
    hosts = [h.strip() for h in environ.get("AFTERCARE_ALLOWED_HOSTS", "").split(",") if h.strip()]
    return Config(
        data_dir=data_dir,
        base_url=base_url,
        allowed_hosts=[host, "127.0.0.1", "localhost", "[::1]", *hosts],
        trusted_origins=[base_url],
        secret_key=environ.get("AFTERCARE_SECRET_KEY") or kept_secret(data_dir / "secret"),
        database_url=environ.get("AFTERCARE_DATABASE_URL") or None,
        clickhouse_url=environ.get("AFTERCARE_CLICKHOUSE_URL") or None,
        smtp_host=environ.get("AFTERCARE_SMTP_HOST", ""),
        smtp_port=whole_number(environ, "AFTERCARE_SMTP_PORT", 25),
        smtp_user=environ.get("AFTERCARE_SMTP_USER", ""),
        smtp_password=environ.get("AFTERCARE_SMTP_PASSWORD", ""),
        smtp_tls=environ.get("AFTERCARE_SMTP_TLS", "0") == "1",
        mail_from=environ.get("AFTERCARE_MAIL_FROM", "Aftercare <aftercare@localhost>"),
        smtp_listen=listening(environ, "AFTERCARE_SMTP_LISTEN"),
        private_mail=environ.get("AFTERCARE_ALLOW_PRIVATE_MAIL", "0") == "1",
        log_level=environ.get("AFTERCARE_LOG_LEVEL", "INFO"),
        geoip_city=named_file(environ, "AFTERCARE_GEOIP_CITY"),
        geoip_asn=named_file(environ, "AFTERCARE_GEOIP_ASN"),
        trusted_proxies=whole_number(environ, "AFTERCARE_TRUSTED_PROXIES", 0),
        private_scrapes=one_of(environ, "AFTERCARE_ALLOW_PRIVATE_SCRAPES", ("", "resources", "all")),
        file_max_mb=whole_number(environ, "AFTERCARE_FILE_MAX_MB", 25),
        close_after_days=whole_number(environ, "AFTERCARE_CLOSE_AFTER_DAYS", 7),
        deadman_url=web_address(environ, "AFTERCARE_DEADMAN_URL"),
        status_dir=Path(environ.get("AFTERCARE_STATUS_DIR") or data_dir / "status").absolute(),
        is_demo=environ.get("AFTERCARE_DEMO", "0") == "1",
        oidc_providers=oidc_providers(environ),
    )


def whole_number(environ: Mapping[str, str], name: str, default: int) -> int:
    """The variable as an int. Raises Refused naming it when it is not one."""
    text = environ.get(name, str(default))
    try:
        return int(text)
    except ValueError:
        raise Refused(f"{name} is {text!r}: it must be a whole number") from None


def listening(environ: Mapping[str, str], name: str) -> tuple[str, int] | None:
    """The variable as host and port, None without one. Raises Refused naming it when it is not `host:port`."""
    text = environ.get(name, "")
    host, _colon, port = text.rpartition(":")
    if not text:
        return None
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise Refused(f"{name} is {text!r}: it must be an address and a port, like 0.0.0.0:25")
    return host.strip("[]"), int(port)


def one_of(environ: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    """The variable, one of these words; the first without one. Raises Refused naming it when it is another."""
    text = environ.get(name, words[0])
    if text not in words:
        raise Refused(f"{name} is {text!r}: it must be {' or '.join(filter(None, words))}, or empty")
    return text


def web_address(environ: Mapping[str, str], name: str) -> str:
    """The variable, an address that can be called, empty without one. Raises Refused naming it when it is another."""
    text = environ.get(name, "").strip()
    try:
        if text:
            parse(text)
    except AddressError:
        raise Refused(f"{name} is {text!r}: it must be an address like https://hc.example.com/ping/KEY") from None
    return text


def named_file(environ: Mapping[str, str], name: str) -> Path | None:
    """The file that the variable names, None without one. Raises Refused when there is no such file."""
    path = Path(environ[name]) if environ.get(name) else None
    if path is not None and not path.is_file():
        raise Refused(f"{name} is {str(path)!r}: there is no such file")
    return path


def kept_secret(path: Path) -> str:
    """The secret in this file, made (0600) on first use. Raises Refused where the folder does not let us."""
    try:
        if not path.exists():
            make_secret(path)
        return path.read_text().strip()
    except OSError as error:
        raise Refused(
            f"the data folder {path.parent} cannot be used ({error.strerror}): give another with --data"
        ) from None


def make_secret(path: Path) -> None:
    """Write a new secret into this file, whole or not at all: an empty one would lock its owner out for good."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    draft.rename(path)


def oidc_providers(environ: Mapping[str, str]) -> dict[str, Any]:
    """allauth's provider setting for one OpenID Connect issuer, empty without `AFTERCARE_OIDC_ISSUER`."""
    issuer = environ.get("AFTERCARE_OIDC_ISSUER")
    if not issuer:
        return {}
    app = {
        "provider_id": "oidc",
        "name": environ.get("AFTERCARE_OIDC_NAME", "Single sign-on"),
        "client_id": environ.get("AFTERCARE_OIDC_CLIENT_ID", ""),
        "secret": environ.get("AFTERCARE_OIDC_SECRET", ""),
        "settings": {"server_url": issuer},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def database_options(config: Config) -> dict[str, Any]:
    """Django's DATABASES entry: the given URL, else the embedded PostgreSQL's socket under the data folder."""
    # The pool's own pause between attempts doubles up to this many seconds: it bounds how late we see a database come
    # back. Past it, the next request tries at once.
    pool = {"min_size": 2, "max_size": 20, "timeout": 10, "reconnect_timeout": 4}
    options: dict[str, Any] = {"pool": pool, "connect_timeout": 5}
    entry: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql", "CONN_HEALTH_CHECKS": True, "OPTIONS": options}
    if config.database_url:
        url = urlsplit(config.database_url)
        if url.scheme not in ("postgres", "postgresql"):
            raise Refused("AFTERCARE_DATABASE_URL must begin with postgresql://")
        options.update(parse_qsl(url.query))
        return entry | {
            "NAME": url.path.lstrip("/"),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": options.pop("host", None) or url.hostname or "",
            "PORT": str(url.port or ""),
        }
    folder = config.data_dir / "postgresql"
    return entry | {
        "NAME": "aftercare",
        "USER": "aftercare",
        "PASSWORD": kept_secret(config.data_dir / "postgresql.password"),
        "HOST": str(reachable_socket_folder(folder)),
    }
