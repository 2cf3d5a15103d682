"""scim2-flask over the in-memory storage of scim2-server, behind a bearer token."""

import json
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


REFUSAL = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
    "status": "401",
    "detail": "The bearer token is missing or wrong",
}


@app.before_request
def demand_token() -> Response | None:
    """Refuse a request without the token, which the library leaves to the application."""
    public = request.path.endswith("/ServiceProviderConfig")
    if public or request.headers.get("Authorization") == f"Bearer {os.environ['TOKEN']}":
        return None
    headers = {"WWW-Authenticate": "Bearer", "Content-Type": "application/scim+json"}
    return Response(json.dumps(REFUSAL), 401, headers)


app.run(host="127.0.0.1", port=int(os.environ["PORT"]), threaded=True)
