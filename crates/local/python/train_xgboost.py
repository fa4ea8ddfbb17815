"""Trains as SageMaker's built-in XGBoost does: hyperparameters and channels say it all.

    python train_xgboost.py /opt/ml

Reads `input/config/hyperparameters.json`, `input/config/inputdataconfig.json` and the channels `train` and `validation`;
writes `model/xgboost-model`, or `output/failure` with the reason.
"""

import json
import sys
import traceback
from pathlib import Path

from tables import Refused, csv_rows, libsvm_rows, media_type, sparse

# Hyperparameters of the container, not of XGBoost.
OF_THE_CONTAINER = {
    "num_round",
    "early_stopping_rounds",
    "csv_weights",
    "save_model_on_termination",
    "deterministic_histogram",
    "use_dask_gpu_training",
    "silent",
}

# XGBoost keeps these as texts.
TEXTS = {"monotone_constraints", "interaction_constraints", "process_type", "updater", "objective", "booster"}


def value(text):
    """A hyperparameter is a text; XGBoost wants to know what it means."""
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


def whole(parameters, name, least):
    text = parameters.get(name)
    if text is None:
        return None
    try:
        number = int(str(text).strip())
    except ValueError:
        raise Refused(f"hyperparameter {name} must be a whole number, not {text!r}") from None
    if number < least:
        raise Refused(f"hyperparameter {name} must be at least {least}, not {number}")
    return number


def settings(parameters):
    """What XGBoost is told, of all hyperparameters."""
    told = {}
    for name, text in parameters.items():
        if name in ["_kfold", "_num_cv_round"]:
            raise Refused(f"hyperparameter {name}: cross-validation is not there in runs on this machine")
        if name in OF_THE_CONTAINER or name.startswith(("sagemaker_", "_")):
            continue
        told[name] = text if name in TEXTS else value(text)
    if told.get("objective") == "reg:linear":
        told["objective"] = "reg:squarederror"  # its name since XGBoost 1.0
    metric = parameters.get("eval_metric")
    if not metric and ":" in parameters.get("_tuning_objective_metric", ""):
        # `validation:auc`: a tuning job reads this one out of the log.
        metric = parameters["_tuning_objective_metric"].split(":")[1]
    if metric:
        # More than one are separated by commas, or are a JSON list.
        metrics = value(metric)
        told["eval_metric"] = metrics if isinstance(metrics, list) else [name.strip() for name in str(metric).split(",")]
    return told


def files(folder):
    """The data of a channel, in the order of names."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith((".", "_"))]
    if not found:
        raise Refused(f"channel {folder.name} has no files")
    return found


def matrix(folder, content_type, weights):
    """A channel as XGBoost wants it."""
    import numpy
    import xgboost

    kind = media_type(content_type) or "text/libsvm"
    if kind == "text/libsvm":
        labels, rows = [], []
        for path in files(folder):
            more_labels, more_rows = libsvm_rows(path.read_text(), path.name)
            labels += more_labels
            rows += more_rows
        label = numpy.asarray(labels)
        if not len(rows) or numpy.isnan(label).any():
            raise Refused(f"channel {folder.name}: every line of libsvm needs a label, and there must be one line; is the channel's ContentType right?")
        return xgboost.DMatrix(sparse(rows), label)
    if kind == "text/csv":
        parts = [csv_part(path) for path in files(folder)]
    elif kind == "application/x-parquet":
        try:
            import pandas

            parts = [pandas.read_parquet(path).to_numpy(dtype=float) for path in files(folder)]
        except ImportError as error:
            raise Refused(f"Parquet needs pandas and pyarrow: add them to local/requirements.txt ({error})") from None
    else:
        raise Refused(f"channel {folder.name}: ContentType {content_type!r} is not text/csv, text/libsvm or application/x-parquet")
    parts = [part for part in parts if part.size]
    columns = {part.shape[1] for part in parts}
    if len(columns) != 1:
        raise Refused(f"channel {folder.name}: files with {sorted(columns)} columns" if columns else f"channel {folder.name} is empty")
    table = numpy.concatenate(parts)
    first = 2 if weights else 1
    if table.shape[1] <= first:
        raise Refused(f"channel {folder.name}: {table.shape[1]} columns; the label{' and the weight' if weights else ''} come first, then features")
    return xgboost.DMatrix(table[:, first:], table[:, 0], weight=table[:, 1] if weights else None)


def csv_part(path):
    import numpy

    try:
        # By far the quickest, but it knows no missing values and says little about mistakes.
        return numpy.loadtxt(path, delimiter=",", ndmin=2, comments=None)
    except ValueError:
        return numpy.asarray(csv_rows(path.read_text(), path.name))


def train(root):
    import xgboost

    class Log(xgboost.callback.TrainingCallback):
        """One line a round, as the container's log has it: its metrics are read out of these."""

        def after_iteration(self, model, epoch, evals_log):
            metrics = [
                f"#011{data}-{metric}:{values[-1]:.5f}"
                for data, log in evals_log.items()
                for metric, values in log.items()
            ]
            print(f"[{epoch}]{''.join(metrics)}", flush=True)
            return False

    config = root / "input" / "config"
    parameters = json.loads((config / "hyperparameters.json").read_text())
    channels = json.loads((config / "inputdataconfig.json").read_text())
    rounds = whole(parameters, "num_round", 1)
    if rounds is None:
        raise Refused("hyperparameter num_round is missing")
    patience = whole(parameters, "early_stopping_rounds", 1)
    told = settings(parameters)
    if "train" not in channels:
        raise Refused(f"there is no channel train, only {sorted(channels)}")

    weights = str(parameters.get("csv_weights", "0")).strip() == "1"
    data = {}
    for name in ["train", "validation"]:
        if name in channels:
            data[name] = matrix(root / "input" / "data" / name, channels[name].get("ContentType"), weights)
            print(f"{name}: {data[name].num_row()} lines, {data[name].num_col()} features", flush=True)
    if patience and "validation" not in data:
        raise Refused("hyperparameter early_stopping_rounds needs the channel validation")
    booster = xgboost.train(
        told,
        data["train"],
        rounds,
        evals=[(matrix, name) for name, matrix in data.items()],
        early_stopping_rounds=patience,
        verbose_eval=False,
        callbacks=[Log()],
    )
    path = root / "model" / "xgboost-model"
    path.write_bytes(booster.save_raw("ubj"))
    print(f"{path.name}: {path.stat().st_size} bytes, XGBoost {xgboost.__version__}", flush=True)


def main():
    root = Path(sys.argv[1])
    try:
        train(root)
    except Exception as error:
        if isinstance(error, ImportError):
            reason = f"{error}: add xgboost-cpu to local/requirements.txt"
        else:
            reason = str(error) or type(error).__name__
            if not isinstance(error, Refused):
                traceback.print_exc()
        (root / "output" / "failure").write_text(f"{reason}\n")
        sys.exit(reason)


if __name__ == "__main__":
    main()
