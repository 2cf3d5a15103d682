"""scim2-flask over the in-memory storage of scim2-server, behind a bearer token."""

import os

from flask import Flask, Response, request
from scim2_flask import ScimServer
from scim2_models import ScimProvider
from scim2_server.memory import InMemoryStorage
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME
from scim2_server.utils import (
    load_default_resource_types,
    load_default_schemas,
    load_default_service_provider_config,
)

config = load_default_service_provider_config()
config.authentication_schemes = [BEARER_TOKEN_SCHEME]
provider = ScimProvider.from_discovery(
    load_default_schemas().values(), load_default_resource_types().values(), config=config
)
app = Flask(__name__)
ScimServer(InMemoryStorage(), provider, app)


@app.before_request
def demand_token() -> Response | None:
    """Refuse a request without the token, as the library leaves it to the application."""
    if request.headers.get("Authorization") != f"Bearer {os.environ['TOKEN']}":
        return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
    return None


app.run(host="127.0.0.1", port=int(os.environ["PORT"]), threaded=True)
