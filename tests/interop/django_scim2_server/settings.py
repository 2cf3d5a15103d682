"""A Django site with nothing but django-scim2-server on SQLite."""

import os

SECRET_KEY = "interop"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django_scim2_server"]
SCIM2_SERVER_AUTH_CHECK = "authentication.bears_the_token"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["DATABASE"],
        # A transaction that turns from reading to writing would now and then find the database locked and answer 500.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=wal; PRAGMA synchronous=off"},
    }
}
