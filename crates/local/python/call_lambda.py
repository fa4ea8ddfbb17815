"""Calls a function of a Python file as Lambda does.

    python call_lambda.py FILE FUNCTION ARN < CONTEXT-AND-EVENT > RESULT

Standard input is one JSON object `{"id": …, "event": …}`. What the function prints goes to standard error, its result as JSON to
standard output. An exception is told as Lambda tells it, and ends with status 1.
"""

import importlib.util
import json
import os
import sys
import time
import traceback
from pathlib import Path

LIMIT = 600  # seconds: what a Lambda step may take


class Context:
    """What a function may ask about its call."""

    def __init__(self, name, arn, request):
        self.function_name = name
        self.function_version = "$LATEST"
        self.invoked_function_arn = arn
        self.memory_limit_in_mb = "128"
        self.aws_request_id = request
        self.log_group_name = f"/aws/lambda/{name}"
        self.log_stream_name = request
        self.identity = None
        self.client_context = None
        self._end = time.monotonic() + LIMIT

    def get_remaining_time_in_millis(self):
        return max(0, int((self._end - time.monotonic()) * 1000))


def main():
    path, function, arn = sys.argv[1:4]
    # The result has standard output for itself: whatever else is written goes to the log, also by programs started here.
    result = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    call = json.load(sys.stdin)
    path = Path(path)
    try:
        sys.path.insert(0, str(path.parent))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        handler = getattr(module, function, None)
        if not callable(handler):
            sys.exit(f"{path.name} has no function {function}")
        answer = handler(call["event"], Context(arn.rsplit(":", 1)[-1] or function, arn, call["id"]))
        text = json.dumps(answer)
    except Exception as error:
        traceback.print_exc()
        sys.exit(f"{type(error).__name__}: {error}")
    sys.stdout.flush()
    with result:
        result.write(text)


if __name__ == "__main__":
    main()
