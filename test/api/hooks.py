"""What schemathesis has to know of the hub's API that its document can't say."""

import zlib

import schemathesis

# Instances that were started before: ids made up at random would nearly always be unknown.
KNOWN = ["known-echo", "known-failing", "known-waiter"]


@schemathesis.hook
def before_call(context, case, kwargs):
    """Half of the requests are about known instances, and none waits longer than a second."""
    instance = (case.path_parameters or {}).get("instanceId")
    if isinstance(instance, str) and case.operation.path.startswith("/instances/"):
        number = zlib.crc32(instance.encode("utf-8", "replace"))
        if number % 2 == 0:
            case.path_parameters["instanceId"] = KNOWN[number // 2 % len(KNOWN)]
    query = case.query or {}
    if str(query.get("waitForCompletion", "")) in {str(seconds) for seconds in range(2, 26)}:
        query["waitForCompletion"] = 1


@schemathesis.check
def fails_only_when_asked_to(ctx, response, case):
    """The one documented 5xx: 500 with the instance, when it has failed and the request asked for a 500 then."""
    if response.status_code < 500:
        return
    asked = str((case.query or {}).get("returnInternalServerErrorOnFailure", "")).lower() == "true"
    failed = response.status_code == 500 and response.json().get("runtimeStatus") == "Failed"
    assert asked and failed, f"{response.status_code}: {response.text}"
