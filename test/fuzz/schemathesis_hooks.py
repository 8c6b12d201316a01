"""What Schemathesis must know about the registry and can't read in its contract."""

import os
import re
import uuid

import schemathesis

OWN_IDS = os.environ["HOLOTYPE_FUZZ_OWN_IDS"].split(",")


@schemathesis.hook
def filter_body(context, body):
    """Valid bodies without what no schema can forbid, and src/http/json-body.ts does: see there for each."""
    return is_keepable(body)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Its own key and its own user must outlive the run, all others may be deleted; and no cursor can be made up."""
    parameters = case.path_parameters or {}
    if case.method == "DELETE" and parameters.get("id") in OWN_IDS:
        parameters["id"] = "none"
    # A cursor is sealed: what only looks like one is refused, so nothing that is made up can be valid.
    if looks_like_cursor((case.query or {}).get("after")):
        del case.query["after"]
        kwargs.get("params", {}).pop("after", None)
    # A key that comes twice is answered with what it made before, which may have been deleted since.
    for headers in (case.headers, kwargs.get("headers")):
        name = find_name(headers, "idempotency-key")
        if name is not None and re.fullmatch(r"[!-~]{1,255}", str(headers[name])):
            headers[name] = str(uuid.uuid4())


def find_name(headers, wanted):
    return next((name for name in headers or {} if name.lower() == wanted), None)


def looks_like_cursor(value):
    return isinstance(value, str) and re.fullmatch(r"c[A-Za-z0-9_-]{20,4000}", value) is not None


def is_keepable(value):
    if isinstance(value, dict):
        return not is_poisonous(value) and all(is_keepable(item) for item in value.values())
    if isinstance(value, list):
        return all(is_keepable(item) for item in value)
    if isinstance(value, int) and abs(value) > 2**53:
        return abs(value) < 10**308 and int(float(value)) == value
    return True


def is_poisonous(value):
    inner = value.get("constructor")
    return "__proto__" in value or (isinstance(inner, dict) and "prototype" in inner)
