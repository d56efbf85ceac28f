"""Settings, all from the environment (or `.env`); `.env.example` explains each.

Closed by default: no secret has a default, `DEBUG` is off, and nothing but the
health checks answers without a login or a key.
"""

import sys
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import environ

from vendors.destinations import networks

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Where shops send people back to after a login; without it none can be connected.
PUBLIC_URL = env.str("PUBLIC_URL", default="")
# What people call this installation; it stands in the head and foot of every page.
INSTALLATION_NAME = env.str("INSTALLATION_NAME", default="") or "Procurement"

# --- data ---------------------------------------------------------------------

_sqlite = f"sqlite:///{BASE_DIR / 'var' / 'db.sqlite3'}"
DATABASES = {
    "default": env.db_url_config(env.str("DATABASE_URL", default="") or _sqlite)
}
_database = DATABASES["default"]
# A connection for each task costs django-q2 most of its throughput on PostgreSQL;
# Django's own psycopg pool must not be used, since the queue's workers are forked.
_database["CONN_MAX_AGE"] = 60
_database["CONN_HEALTH_CHECKS"] = True
IS_SQLITE = _database["ENGINE"] == "django.db.backends.sqlite3"
if IS_SQLITE:
    Path(_database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    # IMMEDIATE takes the write lock at the start of a transaction: what was read
    # in it is still true when it writes, and nobody fails half-way with "locked".
    _database["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            "PRAGMA cache_size=-20000;"
        ),
    }
if _database["ENGINE"] == "django.db.backends.postgresql":
    # A server that vanished without a word must not hold a worker for hours.
    _database["OPTIONS"] = {
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
        **_database.get("OPTIONS", {}),
    }
# So long a migration waits for a table that is in use; 0: as long as it takes.
MIGRATION_LOCK_SECONDS = env.int("MIGRATION_LOCK_SECONDS", default=5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
# Keys of installations that share one Redis are kept apart by this.
REDIS_PREFIX = env.str("REDIS_PREFIX", default="procurement")
CACHES = {
    "default": (
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": REDIS_PREFIX,
        }
        if REDIS_URL
        else {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache",
        }
    )
}

# --- secrets ------------------------------------------------------------------

# Newest first: the first one encrypts, all of them decrypt.
CREDENTIAL_KEYS = env.list("CREDENTIAL_KEYS", default=[])
ALLOW_INSECURE_LOOPBACK = env.bool("ALLOW_INSECURE_LOOPBACK", default=False)
# Networks of the company's own that may be called; all others have to be public.
VENDOR_ALLOWED_NETWORKS = networks(env.list("VENDOR_ALLOWED_NETWORKS", default=[]))
WEBHOOK_ALLOWED_NETWORKS = networks(env.list("WEBHOOK_ALLOWED_NETWORKS", default=[]))

# --- the business -------------------------------------------------------------

# The head of printed orders. The address has a line for each part.
COMPANY_NAME = env.str("COMPANY_NAME", default="")
COMPANY_ADDRESS = [
    line.strip() for line in env.str("COMPANY_ADDRESS", default="").split(";")
]
COMPANY_VAT = env.str("COMPANY_VAT", default="")
ALLOW_SELF_APPROVAL = env.bool("ALLOW_SELF_APPROVAL", default=False)
# Whether an order goes out with its last approval; a rule may say otherwise.
SEND_ON_APPROVAL = env.bool("SEND_ON_APPROVAL", default=False)
# Addresses that let one person decide about one order, without a login unless asked.
APPROVAL_LINK_HOURS = env.int("APPROVAL_LINK_HOURS", default=72)
APPROVAL_LINKS_NEED_LOGIN = env.bool("APPROVAL_LINKS_NEED_LOGIN", default=False)
# By how many percent what is invoiced may differ before a person has to look at it.
INVOICE_TOLERANCE_PERCENT = Decimal(env.str("INVOICE_TOLERANCE_PERCENT", default="0"))
# What the approval screen warns of.
APPROVAL_DUPLICATE_DAYS = env.int("APPROVAL_DUPLICATE_DAYS", default=14)
APPROVAL_PRICE_MOVED_PERCENT = Decimal(
    env.str("APPROVAL_PRICE_MOVED_PERCENT", default="5")
)
APPROVAL_OFFER_DIFFERS_PERCENT = Decimal(
    env.str("APPROVAL_OFFER_DIFFERS_PERCENT", default="0")
)

# A claim that nobody has renewed for so long counts as unknown. A carrier renews those
# it is at work on three times as often, so it is the time until a dead one is noticed.
SEND_LEASE_SECONDS = env.int("SEND_LEASE_SECONDS", default=120)
# Seconds before each further try of what was proven not to have been sent.
RETRY_WAITS = env.list("RETRY_WAITS", cast=int, default=[5, 15, 60, 300, 900, 3600])
MAX_ATTEMPTS = env.int("MAX_ATTEMPTS", default=12)
# So many failures in a row of a supplier's own pause it by itself.
BREAKER_FAILURES = env.int("BREAKER_FAILURES", default=5)
# Seconds before each look-up of an unknown outcome.
LOOK_UP_WAITS = env.list("LOOK_UP_WAITS", cast=int, default=[60, 300, 900])
POLL_INTERVAL_SECONDS = env.int("POLL_INTERVAL_SECONDS", default=900)
CATALOGUE_INTERVAL_SECONDS = env.int("CATALOGUE_INTERVAL_SECONDS", default=3600)
# Slugs of suppliers whose whole range is followed, not only what we hold or ordered.
CATALOGUE_FOLLOW_ALL = env.list("CATALOGUE_FOLLOW_ALL", default=[])
PRICE_FILE_MAX_BYTES = env.int("PRICE_FILE_MAX_BYTES", default=200_000_000)
# A price file is held back for a person if it lacks too much of the last one, or
# too many of the known prices fall below a part of what they were.
PRICE_FILE_LEAST_KEPT_PERCENT = env.int("PRICE_FILE_LEAST_KEPT_PERCENT", default=80)
PRICE_FILE_MOST_CHEAPER_PERCENT = env.int("PRICE_FILE_MOST_CHEAPER_PERCENT", default=5)
PRICE_FILE_CHEAPER_BELOW_PERCENT = env.int(
    "PRICE_FILE_CHEAPER_BELOW_PERCENT", default=50
)
EXCHANGE_RETENTION_DAYS = env.int("EXCHANGE_RETENTION_DAYS", default=400)
# So long after a customer's last order ended its personal data may not be erased.
PERSONAL_DATA_KEEP_DAYS = env.int("PERSONAL_DATA_KEEP_DAYS", default=0)
RUN_RETENTION_DAYS = env.int("RUN_RETENTION_DAYS", default=180)
RUN_FILE_RETENTION_DAYS = env.int("RUN_FILE_RETENTION_DAYS", default=14)
# Readers of the event feed that may wait for an event at a time in one web process,
# each in a thread of it.
EVENT_WAITERS = env.int("EVENT_WAITERS", default=2)
HOOK_MAX_BYTES = env.int("HOOK_MAX_BYTES", default=1_000_000)

# --- other systems ------------------------------------------------------------

# A key may have a limit of its own; 0 is none.
API_CALLS_PER_MINUTE = env.int("API_CALLS_PER_MINUTE", default=600)
API_WRONG_KEYS_PER_MINUTE = env.int("API_WRONG_KEYS_PER_MINUTE", default=30)

# --- outgoing webhooks --------------------------------------------------------

# Seconds before each further try, up to a fifth longer; after the last it has failed.
WEBHOOK_RETRY_WAITS = env.list(
    "WEBHOOK_RETRY_WAITS",
    cast=int,
    default=[5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400],
)
# An endpoint that has taken nothing for so long is disabled.
WEBHOOK_DISABLE_AFTER_DAYS = env.int("WEBHOOK_DISABLE_AFTER_DAYS", default=5)
WEBHOOK_RETENTION_DAYS = env.int("WEBHOOK_RETENTION_DAYS", default=30)
# Endpoints that are called at once.
WEBHOOK_THREADS = env.int("WEBHOOK_THREADS", default=16)

# --- alarms -------------------------------------------------------------------

# How long each thing may be silent; a rule in the admin overrides it for a supplier.
ALARM_NOT_GONE_OUT_MINUTES = env.int("ALARM_NOT_GONE_OUT_MINUTES", default=30)
ALARM_NOBODY_SENDS_DAYS = env.int("ALARM_NOBODY_SENDS_DAYS", default=3)
ALARM_UNCONFIRMED_HOURS = env.int("ALARM_UNCONFIRMED_HOURS", default=48)
ALARM_UNCONFIRMED_BY_HAND_DAYS = env.int("ALARM_UNCONFIRMED_BY_HAND_DAYS", default=7)
ALARM_PROMISE_PASSED_DAYS = env.int("ALARM_PROMISE_PASSED_DAYS", default=1)
ALARM_REQUEST_PASSED_DAYS = env.int("ALARM_REQUEST_PASSED_DAYS", default=1)
ALARM_UNKNOWN_MINUTES = env.int("ALARM_UNKNOWN_MINUTES", default=60)
ALARM_POLL_INTERVALS = env.int("ALARM_POLL_INTERVALS", default=4)
ALARM_SUPPLIER_HELD_MINUTES = env.int("ALARM_SUPPLIER_HELD_MINUTES", default=120)
ALARM_QUEUE_MINUTES = env.int("ALARM_QUEUE_MINUTES", default=5)
ALARM_MESSAGES_MINUTES = env.int("ALARM_MESSAGES_MINUTES", default=10)
ALARM_JOB_LATE_MINUTES = env.int("ALARM_JOB_LATE_MINUTES", default=10)
ALARM_EMAILS = env.list("ALARM_EMAILS", default=[])
ALARM_REPEAT_HOURS = env.int("ALARM_REPEAT_HOURS", default=24)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# --- mail ---------------------------------------------------------------------

vars().update(env.email_url_config(env.str("EMAIL_URL", default="") or "consolemail:"))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="") or "procurement@localhost"

# Without a server mails are written to the output, where links to decide have no place.
NOTICE_MAILS = env.bool("NOTICE_MAILS", default=True) and bool(
    env.str("EMAIL_URL", default="")
)
NOTICE_REMIND_HOURS = env.int("NOTICE_REMIND_HOURS", default=24)
NOTICE_RETENTION_DAYS = env.int("NOTICE_RETENTION_DAYS", default=180)

# --- the queue ----------------------------------------------------------------

QUEUE_BROKER = env.str("QUEUE_BROKER", default="orm")
WORKER_PROCESSES = env.int("WORKER_PROCESSES", default=2)
# Carriers call vendors: few processes, each with many calls open at a time.
CARRIER_PROCESSES = env.int("CARRIER_PROCESSES", default=2)
CARRIER_THREADS = env.int("CARRIER_THREADS", default=32)
# A worker whose heartbeat is older is taken for frozen and replaced.
HEARTBEAT_LIMIT_SECONDS = env.int("HEARTBEAT_LIMIT_SECONDS", default=180)
# A worker with a process that holds more is replaced, once its tasks are done.
WORKER_MEMORY_MB = env.int("WORKER_MEMORY_MB", default=500)

CARRY_SECONDS = env.int("CARRY_SECONDS", default=120)
# A carrier finishes what it began, which may be several calls of a minute or two.
TASK_TIMEOUT_SECONDS = CARRY_SECONDS + 480
# In one Redis the queues of several installations are told apart by their names.
CARRIERS = f"{REDIS_PREFIX}-carriers"
COURIERS = f"{REDIS_PREFIX}-couriers"
Q_CLUSTER = {
    "name": REDIS_PREFIX,
    "workers": WORKER_PROCESSES,
    "queue_limit": WORKER_PROCESSES,
    "timeout": TASK_TIMEOUT_SECONDS,
    # A message is used up when its task begins, so this is only about messages that
    # were fetched and never begun; each may have to wait for the tasks before it.
    "retry": TASK_TIMEOUT_SECONDS * 3 + 60,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": -1,
    "poll": 0.2,
    # Off: to the watchdog a process that ends is one that died. A cluster that has
    # grown large is replaced as a whole.
    "recycle": 0,
    # The worker fires the schedules itself.
    "scheduler": False,
    "label": "Queue",
    "log_level": env.str("LOG_LEVEL", default="INFO"),
    **(
        {
            "redis": REDIS_URL,
            "broker_class": "procurement.coordination.brokers.RedisBroker",
        }
        if QUEUE_BROKER == "redis" and REDIS_URL
        else {
            "orm": "default",
            "broker_class": "procurement.coordination.brokers.OrmBroker",
        }
    ),
    # The worker starts them with these values; to django-q2's own commands they have
    # to be known as well.
    "ALT_CLUSTERS": {
        CARRIERS: {"workers": CARRIER_PROCESSES, "queue_limit": CARRIER_PROCESSES},
        # One: it waits on threads, and webhooks must not take orders' processes.
        COURIERS: {"workers": 1, "queue_limit": 1},
    },
}

# --- Django -------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_q",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procurement",
    "procurement.coordination",
    "procurement.access",
    "procurement.preferences",
    "procurement.runs",
    "procurement.lists",
    "procurement.suppliers",
    "procurement.transmissions",
    "procurement.customers",
    "procurement.shops",
    "procurement.logins",
    "procurement.reach",
    "procurement.orders",
    "procurement.approvals",
    "procurement.fulfilment",
    "procurement.inbound",
    "procurement.catalogue",
    "procurement.imports",
    "procurement.events",
    "procurement.webhooks",
    "procurement.documents",
    "procurement.approving",
    "procurement.alarms",
    "procurement.notices",
    "procurement.troubles",
    "procurement.cockpit",
    "procurement.retention",
    "procurement.persons",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "procurement.preferences.middleware.activate_preferences",
    "procurement.access.middleware.add_headers_of_key",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "procurement.urls"
WSGI_APPLICATION = "procurement.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTHENTICATION_BACKENDS = ["procurement.access.backends.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("sv", "Svenska"),
    ("nb", "Norsk bokmål"),
    ("da", "Dansk"),
]
LOCALE_PATHS = [BASE_DIR / "procurement" / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Without a collected manifest (`collectstatic` never ran) files are served from
# the packages themselves, so that `migrate` is all the set-up there is.
if not (STATIC_ROOT / "staticfiles.json").exists():
    with suppress(OSError):
        STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    WHITENOISE_USE_FINDERS = True
    STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )

# Cookies and redirects are for https unless the installation says that it is
# reached by plain http (the demo, on the machine itself).
HTTPS_ONLY = env.bool("HTTPS_ONLY", default=not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_SSL_REDIRECT = HTTPS_ONLY and env.bool("REDIRECT_TO_HTTPS", default=False)
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=0)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
# How many of the last entries of X-Forwarded-For our own proxies wrote.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1) if BEHIND_PROXY else 0
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "procurement.access.authentication.ApiKeyAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["procurement.access.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["procurement.access.parsers.ExactJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "procurement.access.pagination.StablePagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "procurement.access.openapi.ApiSchema",
    "EXCEPTION_HANDLER": "procurement.access.problems.problem_response",
    "COERCE_DECIMAL_TO_STRING": True,
    # Answers are of one kind, so `format` is a parameter nobody knows.
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
    "PAGE_SIZE": 50,
}

API_DOCS_PUBLIC = env.bool("API_DOCS_PUBLIC", default=True)

SPECTACULAR_SETTINGS = {
    "TITLE": "Procurement",
    "VERSION": None,
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Said once for each word, by `procurement.describing.meanings`.
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "SettledOutcomeEnum": "procurement.transmissions.party_api.OUTCOMES",
        "OrderStatus": "procurement.orders.states.Status",
        "ApprovalState": "procurement.orders.states.Approval",
        "SendingState": "procurement.orders.states.Sending",
        "FulfilmentState": "procurement.orders.states.Fulfilment",
        "PushState": "procurement.shops.models.PushState",
        "OfferSource": "procurement.catalogue.models.Source",
        "StepState": "procurement.orders.serializers.STEP_STATES",
        "SettingKind": "procurement.suppliers.serializers.SETTING_KINDS",
        "VendorCode": "procurement.suppliers.serializers.VENDOR_CODES",
        "FoundOut": "procurement.orders.actions.FOUND_OUT",
        "EventType": "procurement.events.types.CHOICES",
        "EventSubject": "procurement.events.api.SUBJECTS",
        "WebhookHealthState": "procurement.webhooks.serializers.HEALTH",
        "WebhookDeliveryState": "procurement.webhooks.models.DeliveryState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "procurement.describing.document.complete",
    ],
}

UNFOLD = {
    "SITE_TITLE": INSTALLATION_NAME,
    "SITE_HEADER": INSTALLATION_NAME,
    "SITE_SYMBOL": "shopping_cart",
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": "procurement.adminshow.icon",
        }
    ],
    "STYLES": ["procurement.adminshow.stylesheet"],
    "SCRIPTS": ["procurement.adminshow.keys", "procurement.adminshow.accessible"],
    "ENVIRONMENT": "procurement.suppliers.admin.environment",
    "SIDEBAR": {"navigation": "procurement.adminshow.navigation"},
    "ACCOUNT": {"navigation": "procurement.adminshow.account_links"},
    "GLOBAL_CALLBACK": "procurement.adminshow.every_page",
    "DASHBOARD_CALLBACK": "procurement.home.fill",
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        }
    },
}

# --- logs ---------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "filters": {"secrets": {"()": "procurement.masking.MaskSecrets"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["secrets"],
            "stream": sys.stderr,
            "formatter": "line",
        }
    },
    "root": {
        "handlers": ["stderr"],
        "level": env.str("LOG_LEVEL", default="INFO"),
    },
}
