"""Measures a trained XGBoost model on the test split and writes the report that the pipeline's condition reads.

Reads `model.tar.gz` as SageMaker's training job left it and `test.csv` as `preprocess.py` wrote it; writes
`evaluation.json`:

    {"regression_metrics": {"mse": {"value": 4.9, "standard_deviation": 2.2}}}

Runs in SageMaker's XGBoost image 1.7-1, and anywhere with pandas and XGBoost:

    python evaluate.py --model-dir model --test-dir out/test --output-dir out/evaluation
"""

import argparse
import json
import pickle
import sys
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import xgboost

# What SageMaker's training job calls the file in the archive.
MODEL_NAME = "xgboost-model"

# The first byte of every pickle since protocol 2. XGBoost's own formats begin with a letter or a brace.
PICKLE = b"\x80"


def load_model(archive):
    """Loads the booster out of a `model.tar.gz`."""
    # The one file is read in place. Unpacking the archive would let it write wherever its names point to.
    with tarfile.open(archive) as tar:
        members = [member for member in tar.getmembers() if Path(member.name).name == MODEL_NAME and member.isfile()]
        if not members:
            sys.exit(f"{archive}: no {MODEL_NAME} in it")
        content = tar.extractfile(members[0]).read()
    if content.startswith(PICKLE):
        # What the built-in algorithm wrote before XGBoost 1.3. Unpickling runs code from the file, so this
        # trusts the training job; it is an earlier step of the same pipeline.
        return pickle.loads(content)
    booster = xgboost.Booster()
    booster.load_model(bytearray(content))
    return booster


def evaluate(booster, test):
    """The mean squared error, and the standard deviation of the errors."""
    labels, features = test[:, 0], test[:, 1:]
    errors = labels - booster.predict(xgboost.DMatrix(features))
    return {
        "regression_metrics": {
            "mse": {"value": float(np.mean(errors**2)), "standard_deviation": float(np.std(errors))},
        }
    }


def main():
    parser = argparse.ArgumentParser(description="Measures the model on data it has not seen.")
    parser.add_argument("--model-dir", default="/opt/ml/processing/model", help="Folder with model.tar.gz.")
    parser.add_argument("--test-dir", default="/opt/ml/processing/test", help="Folder with test.csv.")
    parser.add_argument("--output-dir", default="/opt/ml/processing/evaluation", help="Folder that gets evaluation.json.")
    arguments = parser.parse_args()

    archive = Path(arguments.model_dir) / "model.tar.gz"
    test = Path(arguments.test_dir) / "test.csv"
    for path in [archive, test]:
        if not path.is_file():
            sys.exit(f"{path} does not exist")

    report = evaluate(load_model(archive), pd.read_csv(test, header=None).to_numpy(dtype=float))
    path = Path(arguments.output_dir) / "evaluation.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not a number is no JSON, and nothing that the condition could compare.
    path.write_text(json.dumps(report, indent=2, allow_nan=False) + "\n")
    print(f"{path}: {json.dumps(report)}")


if __name__ == "__main__":
    main()
