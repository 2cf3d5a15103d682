"""Scrubbing: personal data of a tenant's own people is replaced in whatever a run leaves behind (``--scrub``).

Verdicts rest on what came; only what is told of it is scrubbed. In a resource that is not the suite's own every text
and number is replaced, its structure, ``schemas``, ``meta`` and the usual types (``work``) aside. What was seen there
is then replaced wherever else it stands: in addresses, headers, errors, and sentences of checks. The same value has
the same pseudonym throughout a run, and no one can compute it back: its key is forgotten with the run.
"""

from __future__ import annotations

import hmac
import html
import json
import re
import secrets
import threading
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from conformance.probes.evidence import Evidence
from conformance.reporting.strangers import TAG, Ours, about_itself, answer, place, shown
from conformance.spec.values import instant
from conformance.tenant.exchange import Exchange
from conformance.tenant.redaction import spelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.reporting.model import Report
    from conformance.reporting.result import Result

# In resources all are replaced. Elsewhere shorter ones are ordinary words or figures, longer ones never stand whole.
_SHORTEST, _SHORTEST_NUMBER, _LONGEST = 3, 5, 1000
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ESCAPES = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[nrt\"'\\/])")
_WORD = re.compile(r"\w+")
_ALONE = (
    r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4})|(?<=\\[nrt]))",
    r"(?![A-Za-z0-9])",
)
_LINKS = {"$ref", "location"}
_CURSORS = {"nextCursor", "previousCursor"}
_KEPT = {"schemas", "resourceType", "created", "lastModified", "version"}
# Canonical values of RFC 7643 §4, which tell nothing of anybody.
_USUAL = {"work", "home", "other", "mobile", "fax", "pager", "photo", "thumbnail", "direct", "indirect"}
# Words of the protocol, which some resource may have for a name.
_PROTOCOL = {"user", "users", "group", "groups", "true", "false", "null", "get", "post", "put", "patch", "delete"}


class Scrubber:
    """Learns from exchanges what is personal, and replaces it. Safe to use from several threads.

    ``key`` makes the pseudonyms; processes that share one agree on them.
    """

    def __init__(self, key: str = "") -> None:
        self.key = key or secrets.token_hex()
        self._ours = Ours()
        self._known: set[str] = set()
        self._by_word: defaultdict[str, set[str]] = defaultdict(set)
        self._ids: set[str] = set()
        self._spoken = set(_PROTOCOL)  # names of attributes, and what the suite itself has written
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._texts: dict[str, str] = {}
        self._done: dict[str, Exchange] = {}
        self._lock = threading.Lock()

    def learn(self, exchanges: Iterable[Exchange]) -> None:
        """Take in what exchanges show; those that are known already are passed over."""
        with self._lock:
            fresh = [(each, answer(each)) for each in exchanges if each.id not in self._known]
            if not fresh:
                return
            self._texts.clear()
            self._done.clear()
            for exchange, document in fresh:
                self._known.add(exchange.id)
                self._ours.learn(exchange, document)
                if exchange.request.method in {"POST", "PUT", "PATCH"} and "/.search" not in exchange.request.url:
                    self._spoken |= {str(value).casefold() for _, value in _leaves(exchange.request.json)}
            for exchange, document in fresh:
                self._spoken |= _names(document)
                for resource in shown(exchange, document):
                    if not self._ours.has(resource, exchange):
                        self._learn(resource)
                for name, value in _leaves(document):
                    if name in _CURSORS and isinstance(value, str):
                        self._take(value)

    def _learn(self, resource: dict[str, Any]) -> None:
        self._ids.add(str(resource.get("id")).casefold())
        for name, value in _leaves(resource):
            if not self._harmless(name, value) and name not in _LINKS:
                self._take(str(value))

    def _take(self, value: str) -> None:
        words = _WORD.findall(value.lower())
        if words and (_SHORTEST_NUMBER if value.isdecimal() else _SHORTEST) <= len(value) <= _LONGEST:
            self._by_word[max(words, key=len)].add(value)

    def text(self, text: str) -> str:
        """Return a text without what is known to be personal, however it is encoded, and without mail addresses."""
        if text not in self._texts:
            words = set(_WORD.findall(text.lower())) | set(_WORD.findall(_decoded(text).lower()))
            found = {value for word in words & self._by_word.keys() for value in self._by_word[word]}
            scrubbed = text
            for value in sorted(found, key=lambda value: (-len(value), value)):
                if value.casefold() not in self._spoken and value.casefold() not in self._ours.ids:
                    scrubbed = self._pattern(value).sub(self._pseudonym(value), scrubbed)
            self._texts[text] = _ADDRESS.sub(lambda match: self._mail(match[0]), scrubbed)
        return self._texts[text]

    def exchange(self, exchange: Exchange) -> Exchange:
        """Return an exchange without what is personal."""
        if exchange.id not in self._done:
            request, response = exchange.request, exchange.response
            self._done[exchange.id] = Exchange(
                exchange.id,
                exchange.name,
                replace(request, url=self._link(request.url), body=request.body and self.text(request.body)),
                response
                and replace(
                    response,
                    headers=tuple((name, self._header(name, value)) for name, value in response.headers),
                    body=self._answered(exchange, response.body),
                ),
                exchange.error and self.text(exchange.error),
                exchange.started,
                exchange.elapsed,
            )
        return self._done[exchange.id]

    def report(self, report: Report) -> Report:
        """Return a report without what is personal; its verdicts stay."""
        self.learn(report.exchanges)
        exchanges = {each.id: self.exchange(each) for each in report.exchanges}
        return replace(
            report,
            results=tuple(map(self.result, report.results)),
            exchanges=tuple(exchanges.values()),
            evidence=tuple(self._evidence(each, exchanges) for each in report.evidence),
        )

    def result(self, result: Result) -> Result:
        """Return a result without what is personal.

        What pytest says of a comparison, with values cut in the middle, is left out: both sides are told beside it.
        """
        bare = result.message.startswith("assert ") and (result.expected or "..." in result.message)
        return replace(
            result,
            message="" if bare else self.text(result.message),
            expected=self.text(result.expected),
            came=self.text(result.came),
            remarks=tuple(map(self.text, result.remarks)),
        )

    def _evidence(self, evidence: Evidence, exchanges: dict[str, Exchange]) -> Evidence:
        told = evidence.to_dict()
        if told["stopped"]:
            told["stopped"]["reason"] = self.text(told["stopped"]["reason"])
        return Evidence.from_dict(told, exchanges)

    # --- exchanges ------------------------------------------------------------------------------------------------

    def _answered(self, exchange: Exchange, body: str) -> str:
        document = answer(exchange)
        if about_itself(exchange):
            return body
        if document is None:
            return self._unread(exchange, body)
        strangers = {id(each) for each in shown(exchange, document) if not self._ours.has(each, exchange)}
        scrubbed = self._part(document, strangers)
        return body if scrubbed == document else json.dumps(scrubbed, ensure_ascii=False)

    def _unread(self, exchange: Exchange, body: str) -> str:
        """Return a page or another text; where JSON is broken, or cut, nobody knows what in it is personal."""
        if exchange.answered.problem or body.lstrip().startswith(("{", "[")):
            return f"[{len(body)} characters left out: they cannot be read, nor be scrubbed]"
        return self.text(body)

    def _header(self, name: str, value: str) -> str:
        return self._link(value) if name.lower().endswith("location") else self.text(value)

    def _link(self, url: str) -> str:
        """Return a URL whose last segment, where it is the id of a stranger, is a pseudonym: even an id such as 7."""
        path, mark, query = url.partition("?")
        identifier = place(path)[1]
        if identifier.casefold() in self._ids and not self._ours.leads(path):
            path = f"{path.rpartition('/')[0]}/{self._pseudonym(identifier)}"
        return path + mark + self.text(query)

    def _part(self, value: Any, strangers: set[int], name: str = "") -> Any:
        """Return a part of an answer: strangers, and what refers to them, scrubbed; of the rest, what is known."""
        if isinstance(value, dict):
            link = value.get("$ref")
            if id(value) in strangers or (isinstance(link, str) and "value" in value and not self._ours.leads(link)):
                return self._foreign(value)
            return {key: self._part(each, strangers, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self._part(each, strangers, name) for each in value]
        if not isinstance(value, str) or name in _KEPT:
            return value
        return self._link(value) if name in _LINKS else self.text(value)

    def _foreign(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._foreign(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self._foreign(each, name) for each in value]
        if self._harmless(name, value):
            return value
        if isinstance(value, int | float):
            return int(self._mark(str(value))[:6], 16)
        if name in _LINKS:
            head, slash, last = value.rpartition("/")
            return value if self._ours.leads(value) else f"{head}{slash}{self._pseudonym(unquote(last))}"
        return self._pseudonym(value)

    def _harmless(self, name: str, value: Any) -> bool:
        if not isinstance(value, str):
            return value is None or isinstance(value, bool)
        return not value or name in _KEPT or value.lower() in _USUAL or bool(TAG.search(value))

    # --- pseudonyms -----------------------------------------------------------------------------------------------

    def _pseudonym(self, value: str) -> str:
        """Return what stands for a value in any letter case: of the same format, where that is one of the usual."""
        mark = self._mark(value)
        if _ADDRESS.fullmatch(value):
            return f"scrubbed-{mark}@scrubbed.invalid"
        if "://" in value:
            return f"https://scrubbed.invalid/{mark}"
        if instant(value):
            return datetime.fromtimestamp(int(mark[:7], 16), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"scrubbed-{mark}"

    def _mark(self, value: str) -> str:
        return hmac.digest(self.key.encode(), value.casefold().encode("utf-8", "surrogatepass"), "sha256").hex()[:10]

    def _mail(self, address: str) -> str:
        known = TAG.search(address) or address.casefold() in self._spoken or address.endswith("@scrubbed.invalid")
        return address if known else self._pseudonym(address)

    def _pattern(self, value: str) -> re.Pattern[str]:
        if value not in self._patterns:
            before, after = _ALONE
            self._patterns[value] = re.compile(before + "".join(map(spelt, value)) + after, re.IGNORECASE)
        return self._patterns[value]


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what is neither object nor array in a document, with the name it stands under."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, name)
    else:
        yield name, value


def _names(value: Any) -> set[str]:
    """Return the names of all members in a document, in lower case."""
    if isinstance(value, dict):
        return {key.casefold() for key in value}.union(*map(_names, value.values()))
    return set().union(*map(_names, value)) if isinstance(value, list) else set()


def _decoded(text: str) -> str:
    """Return a text as it was before it went into a URL, a JSON string or HTML."""
    plain = _ESCAPES.sub(lambda match: chr(int(match[1], 16)) if match[1] else " ", text)
    return html.unescape(unquote(unquote(plain)))
