"""One settings file; the environment (see environment.py) is the only switch."""

from __future__ import annotations

from pathlib import Path

import django_htmx

from config import environment, logs

ROOT = environment.ROOT
DATA = environment.data_dir()
DEBUG = environment.flag("DEBUG")
SECRETS = environment.installation_secrets()
SECRET_KEY = SECRETS["secret_key"]
VERSION = next(
    line.split("[")[1].split("]")[0]
    for line in (ROOT / "CHANGELOG.md").read_text().splitlines()
    if line.startswith("## [")
)

# Which host belongs to whom is decided by the Domain table: an unknown host is 404 in tenants.middleware, before
# anything trusts it.
ALLOWED_HOSTS = ["*"]
USE_X_FORWARDED_HOST = False
BASE_DOMAIN = environment.text("BASE_DOMAIN", "localhost")
PORT = environment.text("PORT", "8000")
# Own domains: who is asked in the DNS (addresses, maybe with @port; nobody named: the machine's own resolvers), and
# where operators are to point their names (empty: each to the address it was given).
DNS_RESOLVERS = environment.text("DNS_RESOLVERS").split()
CUSTOM_DOMAIN_TARGET = environment.text("CUSTOM_DOMAIN_TARGET")
RESERVED_DOMAINS = environment.text("RESERVED_DOMAINS").split()
CERTIFICATE_KEY = SECRETS["certificate_key"]
CERTIFICATE_QUESTIONS_PER_SECOND, CERTIFICATE_QUESTIONS_AT_ONCE = 10, 100

# -- Apps: a table lives in exactly one place --------------------------------
SHARED_APPS = [
    # Before django_tenants: `migrate` is ours.
    "tenants",
    "django_tenants",
    "django.contrib.contenttypes",
    "payments",
    "ledger",
    "calls",
    "fleet",
    "plans",
    "exchange",
    "procrastinate.contrib.django",
]
TENANT_APPS = [
    "django.contrib.auth",
    "django.contrib.sessions",
    "portal.people",
    "portal.tariffs",
    "portal.routing",
    "portal.numbers",
    "portal.devices",
    "portal.signup",
    "cms",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.users",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.snippets",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "modelsearch",
]
# Apps without tables of their own.
PLAIN_APPS = [
    "opening",
    "theme",
    "portal.billing",
    "portal.branding",
    "portal.history",
    "portal.tracing",
    "portal.home",
    "portal.live",
    "portal.resellers",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_recaptcha",
    "channels",
]
INSTALLED_APPS = [*SHARED_APPS, *PLAIN_APPS, *TENANT_APPS]

TENANT_MODEL = "tenants.Operator"
TENANT_DOMAIN_MODEL = "tenants.Domain"
TENANT_LIMIT_SET_CALLS = True
PUBLIC_SCHEMA_NAME = "public"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]

# -- Database: one role per process --------------------------------
ROLE = environment.text("TANDEM_ROLE", "web")


def _database(role: str) -> dict:
    place = environment.database(role)
    return {
        "ENGINE": "tenants.backend",
        "HOST": place["host"],
        "PORT": place["port"],
        "NAME": place["dbname"],
        "USER": place["user"],
        "PASSWORD": place["password"],
        "CONN_MAX_AGE": 0,
        # It turns on the pool's own check: without it the first requests after a database restart fail.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "application_name": f"tandem {role}",
            **({"pool": {"min_size": 1, "max_size": 10, "timeout": 5}} if environment.flag("TANDEM_POOL") else {}),
        },
        "TEST": {"NAME": place["dbname"]},
    }


DATABASES = {"default": _database(ROLE)}
# The worker and the command line open and migrate operators; the web has no such connection.
if environment.flag("TANDEM_OPENS_OPERATORS"):
    DATABASES["owner"] = _database("owner")
# Opening an operator replays a dump, so migrating takes one. The embedded server brings its own.
PG_DUMP = environment.text("PG_DUMP", "pg_dump")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "REVERSE_KEY_FUNCTION": "django_tenants.cache.reverse_key",
    }
}

# -- Web --------------------------------
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tenants.certificates.CertificateQuestionMiddleware",
    "tenants.middleware.OperatorMiddleware",
    "csp.middleware.CSPMiddleware",
    "cms.middleware.EditorPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.people.middleware.OneOperatorMiddleware",
    "portal.people.middleware.ViewersZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "tenants.areas.AreasMiddleware",
    "portal.signup.agreements.AgreementMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "tenants.brand.brand",
                "portal.home.navigation.navigation",
                "portal.signup.offer.sign_up_link",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'self'"],
        "form-action": ["'self'"],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_PROXY = environment.flag("BEHIND_PROXY")
# HSTS is the middleware's: it is for active domains only. The proxy sends plain HTTP over to HTTPS.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_PROXY
if BEHIND_PROXY:
    # A browser takes these names only by TLS, for the whole host and for no other host.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
# htmx comes in a package of Django's; its own address would name the framework on every page.
HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx"
STATICFILES_DIRS = [ROOT / "static", ("htmx", HTMX)]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA / "media"
MULTITENANT_RELATIVE_MEDIA_ROOT = "%s"
STORAGES = {
    "default": {"BACKEND": "django_tenants.files.storage.TenantFileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

CHANNEL_LAYERS = {"default": {"BACKEND": "portal.live.layer.PostgresLayer"}}

# -- People --------------------------------
AUTH_USER_MODEL = "people.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "people:sign_in"
LOGIN_REDIRECT_URL = "home:dashboard"
LOGOUT_REDIRECT_URL = "people:sign_in"
PASSWORD_RESET_TIMEOUT = 3600
EMAIL_BACKEND = environment.text("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = DATA / "mail"
EMAIL_HOST = environment.text("EMAIL_HOST", "localhost")

# Robots are told from people by the operators' own keys (portal.people.captcha); there are none of the platform.
RECAPTCHA_DOMAIN = environment.text("RECAPTCHA_DOMAIN", "www.google.com")
RECAPTCHA_VERIFY_REQUEST_TIMEOUT = 4
SILENCED_SYSTEM_CHECKS = ["django_recaptcha.recaptcha_test_key_error"]

# -- Languages and time --------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# -- Websites (Wagtail) --------------------------------
WAGTAIL_SITE_NAME = "Website"
WAGTAILADMIN_BASE_URL = f"http://{BASE_DOMAIN}"
# Wagtail would call out to third parties for these.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
# Passwords and people are the people room's; Wagtail's own pages would be further doors beside ours.
WAGTAIL_PASSWORD_RESET_ENABLED = WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILADMIN_LOGIN_URL = "/sign-in/"
WAGTAIL_FRONTEND_LOGIN_URL = "/sign-in/"

# -- The call engine --------------------------------
EXCHANGE_URL = environment.text("EXCHANGE_URL", "http://127.0.0.1:8010")
EXCHANGE_KEY = SECRETS["exchange_key"]
FIELD_KEY = bytes.fromhex(SECRETS["field_key"])
SIP_REALM = "sip"
# What nodes do by themselves when no exchange answers: these numbers, over this provider (p<number>).
EMERGENCY_NUMBERS = environment.text("EMERGENCY_NUMBERS").split()
EMERGENCY_ENDPOINT = environment.text("EMERGENCY_ENDPOINT")

# -- Payments: keys of the owner's own Stripe account; without a key nothing is sold by card --------------------------
STRIPE_KEY = environment.text("STRIPE_KEY")
STRIPE_WEBHOOK_SECRET = environment.text("STRIPE_WEBHOOK_SECRET")
# Empty is Stripe itself; a stand-in's address (payments.standin) in trials and tests.
STRIPE_API_BASE = environment.text("STRIPE_API_BASE")

# The blueprint's name must not occur in any data: opening an operator replaces it in the text of a dump.
BLUEPRINT_SCHEMA = "zq_blueprint_qz"

# Our own events go through structlog (logs.py); Django's warnings and errors to standard error.
logs.configure()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
