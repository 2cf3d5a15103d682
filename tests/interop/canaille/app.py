"""canaille over SQLite, with a client whose token may do everything."""

import os
from datetime import UTC, datetime

from canaille import create_app
from canaille.app import models

_YEAR = 365 * 24 * 60 * 60

app = create_app(
    {
        "SECRET_KEY": "interop",
        "SERVER_NAME": f"127.0.0.1:{os.environ['PORT']}",
        "PREFERRED_URL_SCHEME": "http",
        "CANAILLE": {"DATABASE": "sql", "LOGGING": {"version": 1}},
        "CANAILLE_SQL": {
            "DATABASE_URI": f"sqlite:///{os.environ['DATABASE']}",
            "PASSWORD_HASH_PARAMS": {"pbkdf2_sha512__rounds": 1},
        },
        "CANAILLE_OIDC": {"ENABLE_OIDC": True},
        "CANAILLE_SCIM": {"ENABLE_SERVER": True},
    },
    init_backend=True,
)
with app.app_context(), app.backend.session():
    now = datetime.now(UTC)
    client = models.Client(client_id="interop", client_id_issued_at=now)
    app.backend.save(client)
    token = models.Token(token_id="interop", access_token=os.environ["TOKEN"], scope=[], issue_date=now, lifetime=_YEAR)
    token.client, token.audience = client, [client]
    app.backend.save(token)
