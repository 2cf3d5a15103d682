"""What a hostile server does: the table of behaviours."""

from __future__ import annotations

import gzip
import json
import random
import struct
from socket import SO_LINGER, SOL_SOCKET
from typing import TYPE_CHECKING, Any

import httpx
from hostile import BEHAVIOURS, Handler, behaviour, everywhere, rewriting
from people import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BEHAVIOURS"]
_CHUNK = b"x" * 65536
_BOMB = gzip.compress(bytes(64 * 2**20), 1)

# --- connections ------------------------------------------------------------------------------------------------------


@behaviour("does not answer in time", wherever=True)
def never_answers(handler: Handler) -> None:
    handler.server.stopped.wait(60)


@behaviour("no answer within")
def never_answers_about_people(handler: Handler) -> None:
    handler.server.stopped.wait(60)


@behaviour("does not answer in time", wherever=True)
def headers_a_byte_a_second(handler: Handler) -> None:
    handler.raw(b"HTTP/1.1 200 OK\r\nX: ")
    handler.endlessly(b"x", 0.3)


@behaviour("not complete in time")
def body_a_byte_a_second(handler: Handler) -> None:
    handler.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    handler.endlessly(b" ", 0.3)


@behaviour("does not speak HTTP", wherever=True)
def hangs_up(handler: Handler) -> None:
    handler.close_connection = True


@behaviour()
def hangs_up_now_and_then(handler: Handler) -> None:
    if random.random() < 0.4:
        handler.close_connection = True
    else:
        handler.answer()


@behaviour("got no answer")
def resets_in_the_middle(handler: Handler) -> None:
    handler.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    handler.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


@behaviour("got no answer")
def promises_more_than_it_sends(handler: Handler) -> None:
    handler.answer(length=str(len(handler.honest.content) + 100))
    handler.close_connection = True


@behaviour()
def sends_more_than_it_promises(handler: Handler) -> None:
    handler.answer(length=str(max(len(handler.honest.content) - 10, 0)))


@behaviour("got no answer")
def nonsense_length(handler: Handler) -> None:
    handler.answer(length="-many")


@behaviour("larger than 8 MB")
def endless_chunks(handler: Handler) -> None:
    handler.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    handler.endlessly(b"10000\r\n" + _CHUNK + b"\r\n")


@behaviour("larger than 8 MB")
def ten_gigabytes(handler: Handler) -> None:
    handler.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10737418240\r\n\r\n")
    handler.endlessly(_CHUNK)


@behaviour("does not answer in time", wherever=True)
def endless_provisional_answers(handler: Handler) -> None:
    handler.endlessly(b"HTTP/1.1 103 Early Hints\r\n\r\n")


@behaviour(code=(0, 1), wherever=True)
def provisional_answers_first(handler: Handler) -> None:
    handler.raw(b"HTTP/1.1 100 Continue\r\n\r\n" + b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3)
    handler.answer()


@behaviour(wherever=True)
def endless_headers(handler: Handler) -> None:
    handler.raw(b"HTTP/1.1 200 OK\r\n")
    handler.endlessly(b"X: " + b"x" * 60000 + b"\r\n")


@behaviour("does not speak HTTP", wherever=True)
def another_protocol(handler: Handler) -> None:
    handler.raw(b"SSH-2.0-OpenSSH_9.6\r\n")
    handler.close_connection = True


@behaviour("got no answer")
def status_that_is_none(handler: Handler) -> None:
    handler.raw(b"HTTP/1.1 2000 OK\r\n\r\n")
    handler.close_connection = True


@behaviour(code=(0, 1))
def http_1_0(handler: Handler) -> None:
    handler.raw(b"HTTP/1.0 %d OK\r\nContent-Type: application/scim+json\r\n\r\n" % handler.honest.status_code)
    handler.raw(handler.honest.content)
    handler.close_connection = True


@behaviour()
def no_content_with_content(handler: Handler) -> None:
    handler.answer(status=204)


# --- encodings --------------------------------------------------------------------------------------------------------


@behaviour("larger than 8 MB")
def gzip_bomb(handler: Handler) -> None:
    handler.answer(_BOMB, 200, Content_Encoding="gzip")


@behaviour("Content-Encoding")
def gzip_in_gzip(handler: Handler) -> None:
    handler.answer(gzip.compress(gzip.compress(b" " * 10**7)), 200, Content_Encoding="gzip, gzip")


@behaviour("Content-Encoding")
def brotli_that_nobody_asked_for(handler: Handler) -> None:
    handler.answer(b"\x8b\x00\x80" * 1000, 200, Content_Encoding="br")


@behaviour("Content-Encoding is broken")
def broken_gzip(handler: Handler) -> None:
    handler.answer(gzip.compress(handler.honest.content)[:-9], Content_Encoding="gzip")


@behaviour("not UTF-8")
def invalid_utf_8(handler: Handler) -> None:
    handler.answer(b'{"id": "\xff\xfe"}')


@behaviour()
def utf_16(handler: Handler) -> None:
    handler.answer(handler.honest.content.decode().encode("utf-16"))


# --- JSON -------------------------------------------------------------------------------------------------------------


@behaviour()
def lone_surrogates(handler: Handler) -> None:
    handler.answer(handler.honest.content.replace(b'":"', b'":"\\ud800'))


@behaviour(code=(0, 1))
def duplicate_keys(handler: Handler) -> None:
    handler.answer(handler.honest.content.replace(b"{", b'{"id":[],"id":7,', 1))


@behaviour("not JSON")
def not_a_number(handler: Handler) -> None:
    handler.answer(b'{"totalResults": NaN, "Resources": [Infinity]}')


@behaviour("not JSON")
def very_deep(handler: Handler) -> None:
    handler.answer(b'{"a":' * 100_000)


@behaviour("not an object")
def deep_but_closed(handler: Handler) -> None:
    handler.answer(b"[" * 900 + b"]" * 900)


@behaviour()
def one_long_string(handler: Handler) -> None:
    handler.answer(b'{"id": "' + b"x" * 7_000_000 + b'"}')


@behaviour("values")
def millions_of_values(handler: Handler) -> None:
    handler.answer(b'{"Resources": [' + b"{}," * 2_000_000 + b"{}]}")


@behaviour(code=(0, 1))
def as_many_values_as_there_may_be(handler: Handler) -> None:
    handler.answer(b'{"id": "1", "a": [' + b"{}," * 199_000 + b"{}]}")


@behaviour("larger than 8 MB")
def a_text_of_a_gigabyte(handler: Handler) -> None:
    handler.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n")
    handler.raw(b'{"id": "')
    handler.endlessly(_CHUNK)


@behaviour("larger than 8 MB")
def long_texts_in_the_widest_letters(handler: Handler) -> None:
    handler.answer(b'{"id": "' + b"x" * 7_000_000 + '\U0001f600"}'.encode())


@behaviour()
def texts_in_the_widest_letters_as_long_as_they_may_be(handler: Handler) -> None:
    handler.answer(b'{"id": "' + b"x" * 2_090_000 + '\U0001f600"}'.encode())


@behaviour()
def a_number_without_end(handler: Handler) -> None:
    handler.answer(b'{"totalResults": ' + b"9" * 100_000 + b"}")


@behaviour("is empty")
def nothing(handler: Handler) -> None:
    handler.answer(b"")


@behaviour("not an object")
def null(handler: Handler) -> None:
    handler.answer(b"null")


@behaviour()
def html(handler: Handler) -> None:
    handler.answer(b"<html><body>Please wait</body></html>", 200, Content_Type="text/html")


@behaviour("web page", wherever=True)
def a_login_page(handler: Handler) -> None:
    handler.answer(b"<form action=/login><input name=password></form>", 200, Content_Type="text/html")


_OTHER = {str: [7], int: "7", bool: {"a": 1}, float: None, type(None): True}
_HOSTILE_TEXT = "\x1b[2J\x1b]0;owned\x07\u202e</script><script>alert(1)</script>${7*7}\x00"
_ELSEWHERE = "http://169.254.169.254/latest/meta-data"


@rewriting()
def wrong_types_everywhere(document: Any) -> Any:
    return everywhere(document, lambda _, value: _OTHER[type(value)])


@rewriting(in_discovery=True, code=(0, 1, 3))
def wrong_types_in_discovery(document: Any) -> Any:
    return everywhere(document, lambda _, value: _OTHER[type(value)])


@rewriting()
def hostile_texts(document: Any) -> Any:
    return everywhere(document, lambda name, v: v + _HOSTILE_TEXT if isinstance(v, str) and name != "id" else v)


@rewriting(in_discovery=True, code=(0, 1, 3))
def hostile_texts_in_discovery(document: Any) -> Any:
    return everywhere(document, lambda name, v: v + _HOSTILE_TEXT if isinstance(v, str) and "id" not in name else v)


# --- where it leads ---------------------------------------------------------------------------------------------------


@behaviour("redirects to", wherever=True)
def redirects_in_a_circle(handler: Handler) -> None:
    handler.answer(b"", 302, Location=handler.path)


@behaviour("redirects to", wherever=True)
def redirects_to_another_origin(handler: Handler) -> None:
    handler.answer(b"", 307, Location=f"{handler.server.trap}{handler.path}")


@behaviour()
def redirects_people_to_another_origin(handler: Handler) -> None:
    handler.answer(b"", 308, Location=f"{handler.server.trap}{handler.path}")


@behaviour()
def redirects_to_a_file(handler: Handler) -> None:
    handler.answer(b"", 301, Location="file:///etc/passwd")


@behaviour()
def redirects_to_the_metadata_service(handler: Handler) -> None:
    handler.answer(b"", 303, Location=_ELSEWHERE)


@behaviour()
def redirects_nowhere(handler: Handler) -> None:
    handler.answer(b"", 302, Location="http://[::1/%zz\x01 \xff")


@behaviour()
def locations_lead_elsewhere(handler: Handler) -> None:
    document = everywhere(
        json.loads(handler.honest.content or b"null"),
        lambda name, v: f"{handler.server.trap}/Users/1" if name in {"location", "$ref"} else v,
    )
    handler.answer(json.dumps(document).encode(), Location=f"{handler.server.trap}/scim/v2/Users/1")


@behaviour()
def locations_that_cannot_be_read(handler: Handler) -> None:
    document = everywhere(
        json.loads(handler.honest.content or b"null"),
        lambda name, v: "http://[::1" if name in {"location", "$ref"} else v,
    )
    handler.answer(json.dumps(document).encode(), Location="//[\xff")


@rewriting(in_discovery=True, code=(0, 1, 3))
def endpoints_lead_elsewhere(document: Any) -> Any:
    return everywhere(document, lambda name, v: "@169.254.169.254/../Me" if name == "endpoint" else v)


@rewriting(in_discovery=True, code=(0, 1, 3))
def endpoints_that_cannot_be_read(document: Any) -> Any:
    return everywhere(document, lambda name, v: "http://[::1" if name == "endpoint" else v)


@behaviour(code=(0, 1), effort="standard")
def cursors_that_lead_elsewhere(handler: Handler) -> None:
    content = handler.honest.content
    if b'"totalResults"' in content:
        content = json.dumps(json.loads(content) | {"nextCursor": f"{handler.server.trap}/?count=1&cursor=x"}).encode()
    handler.answer(content)


@behaviour()
def errors_that_point_elsewhere(handler: Handler) -> None:
    detail = f"Please authenticate at {handler.server.trap}/login {_HOSTILE_TEXT}"
    handler.answer(json.dumps({"schemas": [], "status": 400, "detail": detail}).encode(), 400)


# --- lists ------------------------------------------------------------------------------------------------------------


def listing(told: str = "", **members: Any) -> Callable[[Any], Any]:
    def change(document: Any) -> Any:
        return document | members if isinstance(document, dict) and "totalResults" in document else document

    return change


for _name, _members in {
    "endless_pages": {"totalResults": 10**15, "nextCursor": "again"},
    "negative_totals": {"totalResults": -1, "itemsPerPage": -5, "startIndex": -7},
    "totals_in_words": {"totalResults": "many", "itemsPerPage": None},
    "no_resources": {"Resources": None},
    "resources_that_are_none": {"Resources": [None, 7, "x", []]},
    "the_same_cursor": {"nextCursor": "same", "previousCursor": "same"},
}.items():
    _change = listing(**_members)
    _change.__name__ = _name
    rewriting(effort="standard" if "cursor" in _name or "pages" in _name else "quick", code=(0, 1))(_change)


# --- discovery --------------------------------------------------------------------------------------------------------


def in_schemas(change: Callable[[dict[str, Any]], Any]) -> Callable[[Any], Any]:
    def changed(document: Any) -> Any:
        for schema in document.get("Resources", []) if isinstance(document, dict) else []:
            if "attributes" in schema:
                change(schema)
        return document

    changed.__name__ = change.__name__
    rewriting(in_discovery=True, code=(0, 1, 3))(changed)
    return changed


def _text(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "string", "multiValued": False, "mutability": "readWrite"} | more


@in_schemas
def a_hundred_thousand_attributes(schema: dict[str, Any]) -> None:
    schema["attributes"] += [_text(f"a{n}") for n in range(100_000)]


@in_schemas
def thousands_of_attributes(schema: dict[str, Any]) -> None:
    schema["attributes"] += [_text(f"a{n}") for n in range(5_000)]


@in_schemas
def attributes_within_attributes(schema: dict[str, Any]) -> None:
    inner = _text("leaf")
    for depth in range(300):
        inner = _text(f"d{depth}", type="complex", subAttributes=[inner])
    schema["attributes"].append(inner)


@in_schemas
def values_that_are_hard_on_patterns(schema: dict[str, Any]) -> None:
    schema["attributes"].append(
        _text("hard", canonicalValues=["(a+)+$", "a" * 5000 + "!", "[", "\\", "(?P<x", ".*" * 999])
    )


@in_schemas
def names_that_are_none(schema: dict[str, Any]) -> None:
    schema["attributes"] += [
        _text(name) for name in ("", " ", "a b", "../x", "$(id)", "[a eq 1]", "é", "x" * 9000, "a.b")
    ]


@rewriting(in_discovery=True, code=(0, 1, 3))
def absurd_limits(document: Any) -> Any:
    return everywhere(document, lambda name, v: 10**18 if name.startswith("max") else v)


@rewriting(in_discovery=True, code=(0, 1, 3))
def negative_limits(document: Any) -> Any:
    return everywhere(document, lambda name, v: -1 if name.startswith("max") else v)


# --- overload and errors ----------------------------------------------------------------------------------------------


@behaviour("429")
def later_in_years(handler: Handler) -> None:
    handler.answer(b"", 429, Retry_After="99999999999999")


@behaviour("429")
def later_at_no_time(handler: Handler) -> None:
    handler.answer(b"", 429, Retry_After=random.choice(["-5", "soon", "Mon, 99 Foo 2099", "١٢", "1e9"]))


@behaviour("503")
def overloaded_for_ever(handler: Handler) -> None:
    handler.answer(b"", 503, Retry_After="0")


@behaviour("answers 503", wherever=True)
def out_of_order(handler: Handler) -> None:
    handler.answer(b"", 503)


@behaviour("answers 500", wherever=True)
def fails_at_everything(handler: Handler) -> None:
    handler.answer(b"Traceback (most recent call last):\n  KeyError", 500)


@behaviour("answered 500")
def fails_about_people(handler: Handler) -> None:
    handler.answer(b"{}", 500)


@behaviour(code=(0, 1))
def a_clock_years_off(handler: Handler) -> None:
    document = everywhere(
        json.loads(handler.honest.content or b"null"),
        lambda name, v: "9999-99-99T99:99:99Z" if name in {"created", "lastModified"} else v,
    )
    handler.answer(json.dumps(document).encode(), Date="Thu, 01 Jan 1970 00:00:00 GMT")


# --- ids --------------------------------------------------------------------------------------------------------------


def _identified(name: str, change: Callable[[str], Any]) -> None:
    def changed(document: Any) -> Any:
        return everywhere(
            document, lambda key, v: change(v) if key == "id" and isinstance(v, str) and "urn" not in v else v
        )

    changed.__name__ = name
    rewriting(code=(0, 1))(changed)


for _name, _id in {
    "ids_with_slashes": lambda v: f"a/{v}/b",
    "ids_with_dots": lambda _: "..",
    "ids_that_are_me": lambda _: "Me",
    "ids_with_queries": lambda v: f"{v}?x=1&filter=y#z",
    "ids_with_unicode": lambda v: f"{v}é\u202e\U0001f600 %00%2e",
    "ids_with_controls": lambda v: f"{v}\r\nX-Evil: 1\x00",
    "ids_with_surrogates": lambda v: f"{v}\ud800",
    "ids_that_are_long": lambda v: v * 3000,
    "ids_that_are_reused": lambda _: "1",
    "ids_that_change_their_case": lambda v: "".join(random.choice((c.lower(), c.upper())) for c in v),
    "ids_that_are_numbers": lambda _: 7,
    "ids_that_are_empty": lambda _: "",
}.items():
    _identified(_name, _id)


@behaviour(code=(0, 1))
def creates_answer_with_somebody_else(handler: Handler) -> None:
    if handler.command != "POST" or handler.honest.status_code != 201:
        handler.answer()
        return
    listed = handler.server.tenant.handle_request(
        httpx.Request("GET", f"{handler.server.url}/Users?count=1", headers={"Authorization": f"Bearer {TOKEN}"})
    )
    handler.answer(json.dumps(listed.json()["Resources"][0]).encode())
