"""The settings that the environment or `.env` decides, grouped by topic; all others come from libraries.py.

docs/configuration.md is generated from the descriptions given here: `python manage.py configuration`.
"""

from pathlib import Path
from typing import Any

import dj_database_url

from backoffice import embedded, env
from backoffice.env import BASE_DIR, as_broker_url
from backoffice.libraries import *  # noqa: F403  Django finds them here

env.topic("Core")
DEBUG = env.boolean("DEBUG", False, "Development mode. `make setup` writes it into .env; never on in production.")
VAR_DIR = Path(env.text("VAR_DIR", "var", "Folder for everything that is written to disk.", kind="folder"))
VAR_DIR = VAR_DIR if VAR_DIR.is_absolute() else BASE_DIR / VAR_DIR
SECRET_KEY = env.secret("SECRET_KEY", "", "Signs sessions and forms; 50 characters or more.")
if not SECRET_KEY:
    raise env.SettingError(
        "SECRET_KEY is missing. `make setup` writes one into .env; else set it to a long random text."
    )
CREDENTIAL_KEYS = env.secret(
    "CREDENTIAL_KEYS",
    "",
    "Fernet keys for credentials at rest, comma-separated, newest first. To rotate: put a new key in front, run "
    "`manage.py rotate_credentials`, then drop the old one.",
).split(",")
if not any(CREDENTIAL_KEYS):
    raise env.SettingError(
        "CREDENTIAL_KEYS is missing: shop credentials could not be encrypted. `make setup` writes one into .env; else "
        "make one with `python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'`."
    )
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]", "Host names under which the pages are served.")
CSRF_TRUSTED_ORIGINS = env.names(
    "CSRF_TRUSTED_ORIGINS", "", "Origins (https://...) that may post forms behind a proxy."
)
OPERATOR_TIME_ZONE = env.time_zone(
    "OPERATOR_TIME_ZONE", "Asia/Ho_Chi_Minh", "Zone of schedules, their day borders, and the times on pages."
)
LOG_LEVEL = env.text(
    "LOG_LEVEL", "INFO", "Least level that is logged.", choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
)

env.topic("Servers")
DATABASE_URL = env.url(
    "DATABASE_URL",
    ("postgresql", "postgres"),
    "postgresql://user:password@host:5432/name. Required unless DEBUG is on (then: embedded PostgreSQL).",
)
REDIS_URL = env.url(
    "REDIS_URL",
    ("redis", "rediss", "unix"),
    "redis://host:6379/0 (Redis 6.2 or newer, or Valkey). Required unless DEBUG is on (then: embedded Valkey).",
)
if not DEBUG:
    for _name, _value in (("DATABASE_URL", DATABASE_URL), ("REDIS_URL", REDIS_URL)):
        if not _value:
            raise env.SettingError(
                f"{_name} is missing. Without DEBUG the real servers must be named; set {_name}, or DEBUG=true to use "
                "the embedded ones for development."
            )
CELERY_BROKER_URL = env.url(
    "CELERY_BROKER_URL",
    ("redis", "rediss", "redis+socket"),
    "Broker of background work, where it differs from REDIS_URL.",
)
CELERY_BROKER_URL = CELERY_BROKER_URL or as_broker_url(REDIS_URL) or embedded.broker_url(VAR_DIR)
DATABASES: dict[str, Any] = {
    "default": dict(dj_database_url.parse(DATABASE_URL)) if DATABASE_URL else embedded.database_settings(VAR_DIR)
}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = env.integer(
    "DATABASE_CONN_MAX_AGE", 300, "Age of a reused connection.", unit="seconds"
)
REDIS_URL = REDIS_URL or embedded.redis_url(VAR_DIR)

env.topic("Marketplaces")
ALLOW_SANDBOX = env.boolean("ALLOW_SANDBOX", False, "Whether an app's URL may point to this machine (the sandbox).")
MARKETPLACE_HOSTS = env.names(
    "MARKETPLACE_HOSTS",
    "open-api.tiktokglobalshop.com,auth.tiktok-shops.com,services.tiktokshop.com,services.us.tiktokshop.com,"
    "openapi-b-us.temu.com,openapi-b-eu.temu.com,openapi-b-global.temu.com,seller.temu.com,"
    "partner.shopeemobile.com,openplatform.shopee.cn,openplatform.shopee.com.br,open.shopee.com,"
    "api.lazada.sg,api.lazada.com.my,api.lazada.co.th,api.lazada.vn,api.lazada.com.ph,api.lazada.co.id,"
    "auth.lazada.com",
    "Hosts that credentials may be sent to; an app's URL elsewhere is refused.",
)
REQUEST_TIMEOUT = env.integer(
    "REQUEST_TIMEOUT", 120, "Longest wait for an answer.", unit="seconds", minimum=1, maximum=600
)
MAX_REQUEST_RETRIES = env.integer("MAX_REQUEST_RETRIES", 3, "Tries of one call after the first.", maximum=20)
REQUEST_BACKOFF_SECONDS = env.integer(
    "REQUEST_BACKOFF_SECONDS", 2, "First wait, doubling, with jitter.", unit="seconds"
)
PLATFORM_RATE_LIMIT_TIKTOK = env.integer(
    "PLATFORM_RATE_LIMIT_TIKTOK", 100, "Calls a minute and shop that a new TikTok app starts with; 0 = no limit."
)
PLATFORM_RATE_LIMIT_SHOPEE = env.integer(
    "PLATFORM_RATE_LIMIT_SHOPEE", 200, "Calls a minute and shop that a new Shopee app starts with; 0 = no limit."
)
RATE_LIMIT_HIGH_PERCENT = env.integer(
    "RATE_LIMIT_HIGH_PERCENT",
    95,
    "Up to how much of each limit high-priority work fills; the rest is kept for what a person waits for.",
    unit="percent",
    minimum=1,
    maximum=100,
)
RATE_LIMIT_INCREMENTAL_PERCENT = env.integer(
    "RATE_LIMIT_INCREMENTAL_PERCENT",
    90,
    "Up to how much of each limit the scheduled sync fills.",
    unit="percent",
    minimum=1,
    maximum=100,
)
RATE_LIMIT_BACKFILL_PERCENT = env.integer(
    "RATE_LIMIT_BACKFILL_PERCENT",
    80,
    "Up to how much of each limit backfills fill; they stand back where others need the calls.",
    unit="percent",
    minimum=1,
    maximum=100,
)
RATE_LIMIT_PROCESSES = env.integer(
    "RATE_LIMIT_PROCESSES",
    10,
    "Processes that call marketplaces, on all machines. Each keeps to its part of the limits while Redis is away.",
    unit="processes",
    minimum=1,
    maximum=10_000,
)

env.topic("Sync")
SYNC_CHUNK_DAYS = env.integer("SYNC_CHUNK_DAYS", 1, "Longest window of one chunk.", unit="days", minimum=1, maximum=365)
SYNC_MAX_PARALLEL_TASKS = env.integer("SYNC_MAX_PARALLEL_TASKS", 5, "Chunks of one run worked on at once.", minimum=1)
SYNC_CHUNK_TIMEOUT_SECONDS = env.integer(
    "SYNC_CHUNK_TIMEOUT_SECONDS", 9600, "Longest time for a whole chunk.", unit="seconds"
)
SYNC_JOB_SECONDS = env.integer(
    "SYNC_JOB_SECONDS",
    300,
    "Longest time that a chunk holds a worker; a longer one is set aside at a page and goes on later.",
    unit="seconds",
    minimum=1,
    maximum=3600,
)
SYNC_BATCH_SIZE_ORDERS = env.integer(
    "SYNC_BATCH_SIZE_ORDERS", 300, "Orders written in one transaction.", minimum=1, maximum=5000
)
SYNC_BATCH_SIZE_PRODUCTS = env.integer(
    "SYNC_BATCH_SIZE_PRODUCTS", 300, "Products written in one transaction.", minimum=1, maximum=5000
)
SYNC_BATCH_SIZE_SHIPMENTS = env.integer(
    "SYNC_BATCH_SIZE_SHIPMENTS", 300, "Parcels written in one transaction.", minimum=1, maximum=5000
)
SYNC_BATCH_SIZE_RETURNS = env.integer(
    "SYNC_BATCH_SIZE_RETURNS", 300, "Returns written in one transaction.", minimum=1, maximum=5000
)
SYNC_BATCH_SIZE_TRANSACTIONS = env.integer(
    "SYNC_BATCH_SIZE_TRANSACTIONS", 300, "Movements of money written in one transaction.", minimum=1, maximum=5000
)
SYNC_RETURNS_CHUNK_DAYS = env.integer(
    "SYNC_RETURNS_CHUNK_DAYS", 15, "Longest window of one chunk of returns.", unit="days", minimum=1, maximum=365
)
SYNC_TRANSACTIONS_CHUNK_DAYS = env.integer(
    "SYNC_TRANSACTIONS_CHUNK_DAYS",
    7,
    "Longest window of one chunk of transactions.",
    unit="days",
    minimum=1,
    maximum=365,
)
SYNC_OVERLAP_SECONDS = env.integer(
    "SYNC_OVERLAP_SECONDS", 300, "How far an incremental window looks back.", unit="seconds"
)
SYNC_END_GUARD_SECONDS = env.integer(
    "SYNC_END_GUARD_SECONDS",
    60,
    "How long before now a window ends: the newest moments are not yet complete.",
    unit="seconds",
)
SYNC_VERIFY_TOTALS = env.boolean(
    "SYNC_VERIFY_TOTALS", True, "Read a window again when fewer orders were seen than the marketplace counts."
)
SYNC_LEASE_SECONDS = env.integer(
    "SYNC_LEASE_SECONDS", 240, "A chunk without a heartbeat for so long is handed on.", unit="seconds", minimum=5
)
SYNC_MAX_ATTEMPTS = env.integer("SYNC_MAX_ATTEMPTS", 3, "Tries of a chunk before a person must look.", minimum=1)
SYNC_MAX_UNEXPECTED_ERRORS = env.integer(
    "SYNC_MAX_UNEXPECTED_ERRORS", 2, "Errors of a chunk that nobody foresaw before a person must look.", minimum=1
)
SYNC_RETRY_AFTER_SECONDS = env.integer(
    "SYNC_RETRY_AFTER_SECONDS", 30, "Wait of a chunk after its first failed try; doubled with each.", unit="seconds"
)
SYNC_NON_RETRYABLE_ERRORS = env.names(
    "SYNC_NON_RETRYABLE_ERRORS",
    "UnknownMarketplace,UnknownResource",
    "Names of error classes that fail a chunk at once, beside those that can never succeed anyway, e.g. ServerError.",
)
TIKTOK_ORDER_DETAILS_BATCH_SIZE = env.integer(
    "TIKTOK_ORDER_DETAILS_BATCH_SIZE", 50, "TikTok orders asked for by id in one call.", minimum=1, maximum=50
)
TIKTOK_TRACKING_STATUS_BATCH_SIZE = env.integer(
    "TIKTOK_TRACKING_STATUS_BATCH_SIZE",
    50,
    "TikTok parcels in one call for tracking, if its API takes several; at present it takes one.",
    minimum=1,
    maximum=50,
)
SHOPEE_ORDER_DETAILS_BATCH_SIZE = env.integer(
    "SHOPEE_ORDER_DETAILS_BATCH_SIZE", 50, "Shopee orders completed by one call.", minimum=1, maximum=50
)
SYNC_DISPATCH_SPACING_SECONDS = env.integer(
    "SYNC_DISPATCH_SPACING_SECONDS",
    2,
    "How long after one another the shops of a batch begin that `dispatch_sync_jobs` sends out.",
    unit="seconds",
)
FULL_SYNC_DAYS = env.integer(
    "FULL_SYNC_DAYS", 7, "Depth of a full sync and of a shop's first one.", unit="days", minimum=1
)
TEMU_FULL_SYNC_DAYS = env.integer(
    "TEMU_FULL_SYNC_DAYS", 365, "Depth of a full sync of a Temu shop.", unit="days", minimum=1, maximum=3660
)
SYNC_GAP_REPORT_DAYS = env.integer(
    "SYNC_GAP_REPORT_DAYS", 7, "Whole days that the nightly gap report compares.", unit="days", minimum=1, maximum=60
)
SYNC_GAP_REPORT_FETCH = env.boolean(
    "SYNC_GAP_REPORT_FETCH",
    True,
    "Whether the nightly gap report fetches what it finds missing; it is reported anyway.",
)

env.topic("Package numbers")
ENRICHMENT_MARKETPLACES = env.names(
    "ENRICHMENT_MARKETPLACES",
    "tiktok,temu,shopee,lazada",
    "Marketplaces whose orders are asked for package numbers that their lists left out; each shop has a switch too.",
)
ENRICHMENT_BATCH_SIZE = env.integer("ENRICHMENT_BATCH_SIZE", 50, "Orders in a batch.", minimum=1, maximum=500)
ENRICHMENT_POLL_SECONDS = env.integer(
    "ENRICHMENT_POLL_SECONDS", 5, "How often an idle worker looks for due orders.", unit="seconds", minimum=1
)
ENRICHMENT_LEASE_SECONDS = env.integer(
    "ENRICHMENT_LEASE_SECONDS", 300, "An order without a heartbeat for so long is handed on.", unit="seconds", minimum=5
)
ENRICHMENT_MAX_RETRIES = env.integer("ENRICHMENT_MAX_RETRIES", 5, "Errors before a person must look.", minimum=1)
ENRICHMENT_LOOK_AGAIN_SECONDS = env.integer(
    "ENRICHMENT_LOOK_AGAIN_SECONDS",
    300,
    "Wait after an answer without a package number; doubled with each, up to twelve hours.",
    unit="seconds",
    minimum=1,
)
ENRICHMENT_URGENT_HOURS = env.integer(
    "ENRICHMENT_URGENT_HOURS", 24, "Orders that are due within so many hours go first.", unit="hours", minimum=0
)

env.topic("Buffer")
SYNC_BUFFER_ENABLED = env.boolean(
    "SYNC_BUFFER_ENABLED", True, "Keep batches in files while the database cannot be written, and go on reading."
)
SYNC_BUFFER_REPLAY_ENABLED = env.boolean(
    "SYNC_BUFFER_REPLAY_ENABLED", True, "Store the kept batches by itself; off = only with `replay_buffer`."
)
SYNC_BUFFER_DIR = Path(
    env.text(
        "SYNC_BUFFER_DIR",
        "",
        "Folder of kept batches, each host's own; it must outlive restarts. Empty = buffer below VAR_DIR.",
        kind="folder",
    )
    or VAR_DIR / "buffer"
)
SYNC_BUFFER_DIR = SYNC_BUFFER_DIR if SYNC_BUFFER_DIR.is_absolute() else BASE_DIR / SYNC_BUFFER_DIR
SYNC_BUFFER_MAX_RETRIES = env.integer(
    "SYNC_BUFFER_MAX_RETRIES", 3, "Tries to store a kept batch before a person must look.", minimum=1, maximum=100
)
SYNC_BUFFER_MAX_MB = env.integer(
    "SYNC_BUFFER_MAX_MB", 4096, "Most that all kept batches of a host may take; 0 = no limit.", unit="megabytes"
)
SYNC_BUFFER_MIN_FREE_MB = env.integer(
    "SYNC_BUFFER_MIN_FREE_MB", 512, "What keeping batches must leave free on the disk.", unit="megabytes"
)

env.topic("Metrics")
METRICS_TOKEN = env.secret(
    "METRICS_TOKEN", "", "Opens /metrics to whoever sends it as a bearer token; without one only this machine may ask."
)

env.topic("Lists")
BULK_ACTION_LIMIT = env.integer(
    "BULK_ACTION_LIMIT", 50, "Rows up to which a bulk action is done at once; more go to the background.", unit="rows"
)
ADMIN_PRODUCT_IMAGES = env.boolean(
    "ADMIN_PRODUCT_IMAGES",
    False,
    "Whether pages show product images: browsers fetch them from the marketplaces' servers, which see who looks.",
)
EXPORT_DIR = Path(
    env.text(
        "EXPORT_DIR",
        "",
        "Folder of exported files, shared by web servers and workers; empty = exports below VAR_DIR.",
        kind="folder",
    )
    or VAR_DIR / "exports"
)
EXPORT_DIR = EXPORT_DIR if EXPORT_DIR.is_absolute() else BASE_DIR / EXPORT_DIR
EXPORT_KEEP_HOURS = env.integer(
    "EXPORT_KEEP_HOURS", 72, "How long an exported file may be fetched.", unit="hours", minimum=1, maximum=8760
)
EXPORT_MAX_ROWS = env.integer(
    "EXPORT_MAX_ROWS", 1_000_000, "Rows of the largest list that is exported; a larger one is refused.", unit="rows"
)

env.topic("Retention")
RETENTION_RUNS_DAYS = env.integer(
    "RETENTION_RUNS_DAYS",
    90,
    "How long ended runs, backfills, gap reports, sweeps of after-sales cases and keyed calls (what the API answered "
    "under an idempotency key) are kept; 0 = for ever.",
    unit="days",
)
RETENTION_PAYLOADS_DAYS = env.integer(
    "RETENTION_PAYLOADS_DAYS",
    180,
    "How long payloads are kept, of orders and all else that is synced; the newest of each always is. 0 = for ever.",
    unit="days",
)
RETENTION_FAILED_RECORDS_DAYS = env.integer(
    "RETENTION_FAILED_RECORDS_DAYS",
    30,
    "How long failed records are kept after they were fixed or discarded; open ones always are. 0 = for ever.",
    unit="days",
)
RETENTION_BUFFER_DAYS = env.integer(
    "RETENTION_BUFFER_DAYS",
    30,
    "How long buffered batches are listed after they were stored; 0 = for ever.",
    unit="days",
)
RETENTION_LISTS_DAYS = env.integer(
    "RETENTION_LISTS_DAYS", 30, "How long ended bulk actions and downloads are listed; 0 = for ever.", unit="days"
)

env.topic("API")
API_MAX_BODY_BYTES = env.integer(
    "API_MAX_BODY_BYTES",
    1024 * 1024,
    "Largest body of a call; a larger one is answered with 413.",
    unit="bytes",
    minimum=1,
)

STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = DEBUG  # a clone serves static files without a collectstatic step
WHITENOISE_AUTOREFRESH = DEBUG  # looked for when asked for, not all listed at each start

if not DEBUG:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # whoever probes from inside speaks plain HTTP
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
