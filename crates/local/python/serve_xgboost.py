"""Serves a model of the built-in XGBoost as its container does.

    python serve_xgboost.py /opt/ml
"""

import json
import os
import pickle
import sys
from pathlib import Path

import numpy
import xgboost

from server import Unsupported, serve
from tables import Refused, csv_rows, libsvm_rows, media_type, sparse

# The first byte of every pickle since protocol 2.
PICKLE = b"\x80"


def load(folder):
    """The booster of a model folder: `xgboost-model`, or the only file there is."""
    paths = [folder / "xgboost-model"]
    if not paths[0].is_file():
        paths = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
    if len(paths) != 1:
        sys.exit(f"no xgboost-model in the model, and {len(paths)} other files")
    content = paths[0].read_bytes()
    if content.startswith(PICKLE):
        # What the algorithm wrote before XGBoost 1.3. Its container trusts the model in the same way.
        return pickle.loads(content)
    booster = xgboost.Booster()
    booster.load_model(bytearray(content))
    return booster


def features(text, kind, columns):
    """The matrix that a request holds."""
    if kind == "":
        # Where a transform job says nothing, its requests carry no content type.
        kind = "text/libsvm" if ":" in text.split("\n", 1)[0] else "text/csv"
    if kind == "text/csv":
        rows = csv_rows(text, "request")
        if rows and columns and len(rows[0]) != columns:
            raise Refused(f"the model takes {columns} features, and the request has {len(rows[0])} columns; there is no label in it")
        return numpy.asarray(rows) if rows else None
    if kind == "text/libsvm":
        rows = libsvm_rows(text, "request")[1]
        return sparse(rows, columns) if rows else None
    raise Unsupported(f"content type {kind} is not text/csv or text/libsvm")


def written(scores, accept):
    """The scores in the form that is asked for."""
    kind = media_type((accept or "").split(",")[0])
    if kind in ["", "*/*", "text/csv"]:
        # Transform jobs get one prediction a line, endpoints all in one.
        if os.environ.get("SAGEMAKER_BATCH"):
            return "".join(f"{score}\n" for score in scores), "text/csv"
        return ",".join(map(str, scores)), "text/csv"
    if kind == "application/json":
        return json.dumps({"predictions": [{"score": score} for score in scores]}), kind
    if kind == "application/jsonlines":
        return "".join(json.dumps({"score": score}) + "\n" for score in scores), kind
    raise Unsupported(f"{kind} is not text/csv, application/json or application/jsonlines")


def main():
    booster = load(Path(sys.argv[1]) / "model")
    columns = booster.num_features()
    best = booster.attr("best_iteration")
    rounds = (0, int(best) + 1) if best is not None else (0, 0)

    def answer(body, content_type, accept):
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise Refused("the request is not UTF-8 text") from None
        table = features(text, media_type(content_type), columns)
        if table is None:
            scores = []
        else:
            scores = booster.predict(xgboost.DMatrix(table), iteration_range=rounds, validate_features=False).tolist()
        content, kind = written(scores, accept)
        return content.encode(), kind

    serve(answer)


if __name__ == "__main__":
    main()
