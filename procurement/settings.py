"""Settings, all from the environment (or `.env`); `.env.example` explains each.

Closed by default: no secret has a default, `DEBUG` is off, and nothing but the
health checks answers without a login or a key.
"""

import socket
import sys
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from procurement import VERSION, keys
from procurement.environment import ROOT, read_environment
from procurement.logs.reports import start as report_errors
from procurement.masking import keep_out
from vendors.destinations import networks

BASE_DIR = ROOT
env = read_environment()

SECRET_KEY = env.str("SECRET_KEY")
# Earlier ones, which still open sessions and links but sign nothing any more.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
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
CREDENTIAL_KEYS = keys.checked(env.list("CREDENTIAL_KEYS", default=[]))
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

# --- accounts -----------------------------------------------------------------

# Asked of new passwords; those there are go on.
PASSWORD_MIN_LENGTH = env.int("PASSWORD_MIN_LENGTH", default=12)
_validation = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_validation}.UserAttributeSimilarityValidator"},
    {
        "NAME": f"{_validation}.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH},
    },
    {"NAME": f"{_validation}.CommonPasswordValidator"},
    {"NAME": f"{_validation}.NumericPasswordValidator"},
    {"NAME": "procurement.accounts.passwords.EndSessions"},
]
# Roles whose people must have a second factor; superusers count as administrators.
SECOND_FACTOR_ROLES = [
    name.strip() for name in env.list("SECOND_FACTOR_ROLES", default=[])
]
LOGIN_FAILURES_PER_ACCOUNT = env.int("LOGIN_FAILURES_PER_ACCOUNT", default=10)
LOGIN_FAILURES_PER_ADDRESS = env.int("LOGIN_FAILURES_PER_ADDRESS", default=50)
LOGIN_LOCK_MINUTES = env.int("LOGIN_LOCK_MINUTES", default=15)
# A session ends so long after its last page, and so long after the login; 0 is never.
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=720)
SESSION_HOURS = env.int("SESSION_HOURS", default=336)
SESSION_COOKIE_AGE = (SESSION_HOURS or 24 * 365) * 3600

# --- single sign-on -----------------------------------------------------------

OIDC_ISSUER = env.str("OIDC_ISSUER", default="").strip()
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
# What people call it; it stands on the button.
OIDC_NAME = env.str("OIDC_NAME", default="") or "single sign-on"
OIDC_SCOPES = env.list("OIDC_SCOPES", default=["openid", "profile", "email"])
# The claim that holds our user name; without one people are known by verified e-mail.
OIDC_USERNAME_CLAIM = env.str("OIDC_USERNAME_CLAIM", default="")
OIDC_CREATE_USERS = env.bool("OIDC_CREATE_USERS", default=False)
OIDC_ROLES_CLAIM = env.str("OIDC_ROLES_CLAIM", default="")
OIDC_ROLES = env.list("OIDC_ROLES", default=[])
# Whether a login there is as good as one with a second factor here.
OIDC_SECOND_FACTOR = env.bool("OIDC_SECOND_FACTOR", default=False)
SSO_REQUIRED = env.bool("SSO_REQUIRED", default=False)

# --- django-allauth -----------------------------------------------------------

ACCOUNT_ADAPTER = "procurement.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Logins are counted by `procurement.accounts.throttling`, in the database.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
# Before something grave people prove again who they are, if that is longer ago.
REAUTHENTICATION_SECONDS = ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
MFA_ADAPTER = "procurement.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "procurement.accounts.forms.CodeForm",
    "authenticate_webauthn": "procurement.accounts.forms.PasskeyForm",
    "reauthenticate": "procurement.accounts.forms.CodeAgainForm",
    "reauthenticate_webauthn": "procurement.accounts.forms.PasskeyAgainForm",
    "activate_totp": "procurement.accounts.forms.NewAppForm",
    "add_webauthn": "procurement.accounts.forms.NewPasskeyForm",
}
# A clock half a minute wrong is forgiven.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
SOCIALACCOUNT_ADAPTER = "procurement.accounts.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False

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

# --- the audit trail ----------------------------------------------------------

# Days after which entries are forgotten; 30 at least.
AUDIT_RETENTION_DAYS = env.int("AUDIT_RETENTION_DAYS", default=1100)

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
# Touched once a second by a worker that is well, for a container engine to look at.
WORKER_ALIVE_FILE = env.str("WORKER_ALIVE_FILE", default="")

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
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
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
    "procurement.audit",
    "procurement.accounts",
    "procurement.retention",
    "procurement.persons",
    "procurement.figures",
]

MIDDLEWARE = [
    "procurement.logs.requests.trace_requests",
    "django.middleware.security.SecurityMiddleware",
    "procurement.headers.ContentSecurityPolicy",
    "procurement.headers.add_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "procurement.headers.keep_out_of_caches",
    "procurement.headers.leave_by_a_page",
    "procurement.bodies.refuse_large_bodies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "procurement.accounts.middleware.keep_sessions",
    "procurement.preferences.middleware.activate_preferences",
    "procurement.access.middleware.add_headers_of_key",
    "procurement.audit.middleware.follow_requests",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "procurement.accounts.middleware.guard_pages",
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
_is_collected = (STATIC_ROOT / "staticfiles.json").exists()
if not (_is_collected or "collectstatic" in sys.argv):
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
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
# How many of the last entries of X-Forwarded-For our own proxies wrote.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1) if BEHIND_PROXY else 0
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# By default where it is known by which scheme people came: anywhere else an
# installation behind a proxy would send them round in circles.
_redirects = env.str("REDIRECT_TO_HTTPS", default="") or str(BEHIND_PROXY)
SECURE_SSL_REDIRECT = HTTPS_ONLY and env.parse_value(_redirects, bool)
# What machines of one's own ask from inside, past the proxy.
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^metrics$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=2_592_000) if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
# Both bind every host below the domain, of which this installation is one.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

# --- what pages may do ----------------------------------------------------------

# No page has script or style of its own in it, so none is run that somebody brought
# in; whatever is not named is not allowed. `procurement.headers` has the rest.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

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
}

# --- logs ---------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
# `line` is what people read without tools; who collects logs asks for `json`. It does
# not depend on where the output goes, so that a line looks the same wherever it is met.
LOG_FORMAT = env.str("LOG_FORMAT", default="line")
# Which requests are worth a line: those that may change something, all, or none.
LOG_REQUESTS = env.str("LOG_REQUESTS", default="changes")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "ours": {"()": "procurement.logs.formats.formatter", "wanted": LOG_FORMAT}
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": "ours",
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Two lines for each message, most of which find nothing to do.
        "django-q": {"level": "WARNING" if LOG_LEVEL == "INFO" else LOG_LEVEL},
    },
}

# --- error reports ------------------------------------------------------------

SENTRY_DSN = env.str("SENTRY_DSN", default="")

# --- what no log and no report may say ----------------------------------------

keep_out(
    SECRET_KEY,
    *CREDENTIAL_KEYS,
    METRICS_TOKEN,
    str(_database.get("PASSWORD") or ""),
    urlsplit(REDIS_URL).password or "",
    str(vars().get("EMAIL_HOST_PASSWORD") or ""),
    urlsplit(SENTRY_DSN).username or "",
)
if SENTRY_DSN:
    report_errors(
        SENTRY_DSN,
        environment=INSTALLATION_NAME,
        version=VERSION,
        machine=socket.gethostname(),
    )
