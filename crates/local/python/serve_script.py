"""Serves a model by an inference script, as the containers of scikit-learn, XGBoost, PyTorch and the like do.

    python serve_script.py /opt/ml

The script is `SAGEMAKER_PROGRAM` in `SAGEMAKER_SUBMIT_DIRECTORY`. It has `model_fn(model_dir)`, and any of `input_fn(body,
content_type)`, `predict_fn(data, model)`, `output_fn(prediction, accept)`, or `transform_fn(model, body, content_type, accept)`
for these three.
"""

import importlib.util
import inspect
import io
import json
import os
import sys
from pathlib import Path

from server import Unsupported, serve
from tables import Refused, media_type


def script():
    """The inference script as a module."""
    folder = Path(os.environ["SAGEMAKER_SUBMIT_DIRECTORY"])
    path = folder / os.environ["SAGEMAKER_PROGRAM"]
    if not path.is_file():
        sys.exit(f"the inference script {os.environ['SAGEMAKER_PROGRAM']} is not in {folder}")
    if (folder / "requirements.txt").is_file():
        print("the script's requirements.txt is not installed here: local/requirements.txt is", file=sys.stderr)
    sys.path.insert(0, str(path.parent))
    sys.path.insert(0, str(folder))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def model(folder):
    """The model of a script without `model_fn`; only TorchScript can be loaded without knowing more."""
    paths = [path for path in sorted(Path(folder).glob("*.pt*")) if path.suffix in [".pt", ".pth"]]
    if len(paths) != 1:
        sys.exit("the inference script has no model_fn(model_dir)")
    import torch

    return torch.jit.load(str(paths[0]))


def read(body, content_type):
    import numpy

    kind = media_type(content_type)
    try:
        if kind in ["", "text/csv"]:
            return numpy.loadtxt(io.StringIO(body.decode()), delimiter=",", ndmin=2, comments=None)
        if kind == "application/json":
            return numpy.asarray(json.loads(body))
        if kind == "application/x-npy":
            return numpy.load(io.BytesIO(body), allow_pickle=False)
    except ValueError as error:
        raise Refused(f"the request is no {kind}: {error}") from None
    raise Unsupported(f"content type {kind} is not text/csv, application/json or application/x-npy; the script has no input_fn")


def predict(data, model):
    if hasattr(model, "predict"):
        if type(model).__module__.startswith("xgboost") and type(model).__name__ == "Booster":
            import xgboost

            data = data if isinstance(data, xgboost.DMatrix) else xgboost.DMatrix(data)
        return model.predict(data)
    import torch

    model.eval()
    with torch.no_grad():
        return model(torch.as_tensor(data, dtype=torch.float32))


def write(prediction, accept):
    import numpy

    kind = media_type((accept or "").split(",")[0])
    values = numpy.asarray(prediction)
    if kind in ["", "*/*", "application/json"]:
        return json.dumps(values.tolist()), "application/json"
    if kind == "text/csv":
        rows = values.reshape(len(values), -1) if values.ndim else values.reshape(1, 1)
        return "".join(",".join(map(str, row)) + "\n" for row in rows.tolist()), kind
    if kind == "application/x-npy":
        content = io.BytesIO()
        numpy.save(content, values)
        return content.getvalue(), kind
    raise Unsupported(f"{kind} is not application/json, text/csv or application/x-npy; the script has no output_fn")


def call(function, *arguments):
    """Scripts may leave out what they don't need: the last arguments, such as `context`."""
    try:
        takes = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return function(*arguments)
    if any(parameter.kind == parameter.VAR_POSITIONAL for parameter in takes):
        return function(*arguments)
    places = [parameter for parameter in takes if parameter.kind in [parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD]]
    return function(*arguments[: len(places)])


def main():
    root = Path(sys.argv[1])
    module = script()
    load = getattr(module, "model_fn", model)
    loaded = call(load, str(root / "model"))
    transform = getattr(module, "transform_fn", None)
    steps = [getattr(module, name, default) for name, default in [("input_fn", read), ("predict_fn", predict), ("output_fn", write)]]

    def answer(body, content_type, accept):
        kind = media_type(content_type)
        # A script gets text where the type says so, as in the containers.
        own = transform or getattr(module, "input_fn", None)
        data = body.decode() if own and kind.startswith(("text/", "application/json")) else body
        accept = accept if accept and accept != "*/*" else os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", accept)
        if transform:
            result = call(transform, loaded, data, content_type, accept)
        else:
            result = call(steps[2], call(steps[1], call(steps[0], data, content_type), loaded), accept)
        content, kind = result if isinstance(result, tuple) else (result, accept or "application/json")
        if isinstance(content, str):
            content = content.encode()
        if not isinstance(content, (bytes, bytearray)):
            content = bytes(content)
        return content, kind

    serve(answer)


if __name__ == "__main__":
    main()
