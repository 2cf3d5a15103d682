"""An application of the user's own as the target: imported, served on a loopback port, judged like any tenant."""

from __future__ import annotations

import inspect
import pkgutil
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.config import InvalidConfiguration, Settings
from conformance.serving import NotServed, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What tells the interfaces apart: how many arguments have to be given.
_FACTORY, _WSGI, _ASGI = 0, 2, 3


@contextmanager
def running(settings: Settings) -> Iterator[Settings]:
    """Serve the application that the settings name; yield them with its Tenant URL instead.

    Raises InvalidConfiguration where it cannot be imported or does not start.
    """
    app = load_application(settings.app)
    try:
        with serving(app, lifespan="auto") as served:
            yield replace(settings, app="", tenant_url=f"{served.origin}/{settings.base_path.lstrip('/')}")
    except NotServed:
        raise InvalidConfiguration(f"the app {settings.app} fails when it is started") from None


def load_application(name: str) -> Callable[..., Any]:
    """Import ``package.module:app``, where the current folder counts, too, and return it as an ASGI application.

    What is named may be an ASGI application, a WSGI application, or a function without arguments that makes one.
    Raises InvalidConfiguration.
    """
    module, _, attribute = name.partition(":")
    if not (module and attribute):
        raise InvalidConfiguration(f"an app is named as package.module:app, not “{name}”")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    app = _made(name, lambda: pkgutil.resolve_name(name))
    if _arguments(app) == _FACTORY:
        app = _made(name, app)
    given = _arguments(app)
    if given == _ASGI:
        return app  # type: ignore[no-any-return]
    if given == _WSGI:
        from a2wsgi import WSGIMiddleware  # noqa: PLC0415 - few targets need it

        return WSGIMiddleware(app)
    raise InvalidConfiguration(f"the app {name} is no ASGI or WSGI application, nor a function that makes one")


def _made(name: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it is the user's code
        told = f"{type(error).__name__}: {error}"
        raise InvalidConfiguration(f"the app {name} cannot be imported: {told}") from None


def _arguments(app: Any) -> int:
    """Return how many arguments a callable has to be given; -1 for what is no callable."""
    try:
        parameters = inspect.signature(app).parameters.values()
    except (TypeError, ValueError):
        return -1
    positional = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    return sum(p.kind in positional and p.default is p.empty for p in parameters)
