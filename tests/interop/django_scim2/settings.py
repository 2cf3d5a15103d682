"""A Django site with nothing but django-scim2 on SQLite."""

import os

SECRET_KEY = "interop"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "people", "django_scim"]
AUTH_USER_MODEL = "people.User"
MIGRATION_MODULES = {"people": None}
MIDDLEWARE = ["people.middleware.bearer_token", "django_scim.middleware.SCIMAuthCheckMiddleware"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["DATABASE"],
        # A transaction that turns from reading to writing would now and then find the database locked and answer 500.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=wal; PRAGMA synchronous=off"},
    }
}
SCIM_SERVICE_PROVIDER = {
    "SCHEME": "http",
    "NETLOC": f"127.0.0.1:{os.environ['PORT']}",
    "GROUP_MODEL": "people.models.Group",
    "WWW_AUTHENTICATE_HEADER": "Bearer",
    "AUTHENTICATION_SCHEMES": [
        {"type": "oauthbearertoken", "name": "OAuth Bearer Token", "description": "A static bearer token"}
    ],
}
