"""The one settings module. Every variable has its line in docs/configuration.md."""

import os
from pathlib import Path

from aftercare.kernel.config import database_options, read_config

CONFIG = read_config(os.environ)

DATA_DIR: Path = CONFIG.data_dir
SECRET_KEY = CONFIG.secret_key
DEBUG = False
ALLOWED_HOSTS = CONFIG.allowed_hosts
CSRF_TRUSTED_ORIGINS = CONFIG.trusted_origins
BASE_URL = CONFIG.base_url
IS_DEMO = CONFIG.is_demo
FILE_MAX_BYTES = CONFIG.file_max_mb * 1024 * 1024
CLOSE_AFTER_DAYS = CONFIG.close_after_days
DEADMAN_URL = CONFIG.deadman_url
STATUS_DIR: Path = CONFIG.status_dir
PRIVATE_SCRAPES = CONFIG.private_scrapes

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "aftercare.web",
    "aftercare.audit",
    "aftercare.accounts",
    "aftercare.notify",
    "aftercare.telemetry",
    "aftercare.clocks",
    "aftercare.watch",
    "aftercare.oncall",
    "aftercare.desk",
    "aftercare.incidents",
    "aftercare.serve",
    # After our rooms, so that their words and templates come before allauth's.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "aftercare.web.middleware.ReaderMiddleware",
]

ROOT_URLCONF = "aftercare.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "aftercare.web.context.frame",
            ],
        },
    }
]

DATABASES = {"default": database_options(CONFIG)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Sign-in is throttled by counts in this cache, so they must hold across processes and restarts.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "aftercare_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "aftercare.accounts.adapter.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = True
SOCIALACCOUNT_ADAPTER = "aftercare.accounts.adapter.SocialAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
# The proxy that ends TLS speaks plain HTTP with us: links and an issuer's return address go by the base address, and
# counts of failed sign-ins by the client behind our proxies, as the front door's places do.
ACCOUNT_DEFAULT_HTTP_PROTOCOL = CONFIG.base_url.partition(":")[0]
ALLAUTH_TRUSTED_PROXY_COUNT = CONFIG.trusted_proxies
MFA_TOTP_ISSUER = "Aftercare"
MFA_ADAPTER = "aftercare.accounts.adapter.MFAAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = CONFIG.base_url.startswith("http://")
SOCIALACCOUNT_PROVIDERS = CONFIG.oidc_providers

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "aftercare.web.static_files.VersionedStorage"},
}

SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIG.base_url.startswith("https://")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "aftercare.web.errors.csrf_failed"

EMAIL_HOST = CONFIG.smtp_host
EMAIL_PORT = CONFIG.smtp_port
EMAIL_HOST_USER = CONFIG.smtp_user
EMAIL_HOST_PASSWORD = CONFIG.smtp_password
EMAIL_USE_TLS = CONFIG.smtp_tls
EMAIL_TIMEOUT = 5
DEFAULT_FROM_EMAIL = CONFIG.mail_from
PRIVATE_MAIL = CONFIG.private_mail

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": CONFIG.log_level},
}
