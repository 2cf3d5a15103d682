"""A Django site with nothing but django-scim2, on PostgreSQL where libpq is told of one, else on SQLite."""

import os

SECRET_KEY = "interop"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "people", "django_scim"]
AUTH_USER_MODEL = "people.User"
MIGRATION_MODULES = {"people": None, "auth": None, "contenttypes": None}
MIDDLEWARE = ["people.middleware.bearer_token", "django_scim.middleware.SCIMAuthCheckMiddleware"]
_POSTGRESQL = {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "CONN_MAX_AGE": 60}
_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": os.environ["DATABASE"],
    # A transaction that turns from reading to writing would now and then find the database locked and answer 500.
    "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=wal; PRAGMA synchronous=off"},
}
DATABASES = {"default": _POSTGRESQL if "PGHOST" in os.environ else _SQLITE}
SCIM_SERVICE_PROVIDER = {
    "SCHEME": "http",
    "NETLOC": f"127.0.0.1:{os.environ['PORT']}",
    "GROUP_MODEL": "people.models.Group",
    "WWW_AUTHENTICATE_HEADER": "Bearer",
    "AUTHENTICATION_SCHEMES": [
        {"type": "oauthbearertoken", "name": "OAuth Bearer Token", "description": "A static bearer token"}
    ],
}
