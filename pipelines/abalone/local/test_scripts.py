"""Runs the pipeline's scripts one after the other, as the steps do, on data that `make_data.py` makes.

Needs pandas, scikit-learn and XGBoost, best in the versions of the SageMaker images:

    pip install pandas==1.5.3 numpy==1.24.4 scikit-learn==1.2.2 xgboost==1.7.6
    python test_scripts.py
"""

import json
import pickle
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

import numpy as np
import xgboost

LOCAL = Path(__file__).resolve().parent
CODE = LOCAL.parent / "code"

# The hyperparameters of the pipeline's training step. What it calls `reg:linear` has been `reg:squarederror` since.
HYPERPARAMETERS = {
    "objective": "reg:squarederror", "max_depth": 5, "eta": 0.2, "gamma": 4, "min_child_weight": 6, "subsample": 0.7,
    "seed": 0,
}


def run(script, *arguments):
    return subprocess.run([sys.executable, script, *map(str, arguments)], capture_output=True, text=True)


class Scripts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def data(self, *arguments):
        """Writes the input of the pipeline."""
        made = run(LOCAL / "make_data.py", *arguments)
        self.assertEqual(made.returncode, 0, made.stderr)
        (self.folder / "input").mkdir(exist_ok=True)
        (self.folder / "input" / "abalone.csv").write_text(made.stdout)

    def preprocess(self, *arguments, to="out"):
        return run(CODE / "preprocess.py", "--input-dir", self.folder / "input", "--output-dir", self.folder / to, *arguments)

    def evaluate(self):
        return run(
            CODE / "evaluate.py", "--model-dir", self.folder / "model", "--test-dir", self.folder / "out" / "test",
            "--output-dir", self.folder / "evaluation",
        )

    def split(self, name, folder="out"):
        return np.loadtxt(self.folder / folder / name / f"{name}.csv", delimiter=",", ndmin=2)

    def train(self):
        """What SageMaker's training step does."""
        table, validation = self.split("train"), self.split("validation")
        watched = xgboost.DMatrix(validation[:, 1:], validation[:, 0])
        return xgboost.train(
            HYPERPARAMETERS, xgboost.DMatrix(table[:, 1:], table[:, 0]), 50, evals=[(watched, "validation")], verbose_eval=False
        )

    def pack(self, path, name="xgboost-model"):
        """What SageMaker does with the model folder of a training job."""
        (self.folder / "model").mkdir(exist_ok=True)
        with tarfile.open(self.folder / "model" / "model.tar.gz", "w:gz") as tar:
            tar.add(path, arcname=name)

    def report(self):
        evaluated = self.evaluate()
        self.assertEqual(evaluated.returncode, 0, evaluated.stderr)
        return json.loads((self.folder / "evaluation" / "evaluation.json").read_text())

    def refused(self, process, message):
        self.assertNotEqual(process.returncode, 0)
        self.assertIn(message, process.stderr)
        self.assertNotIn("Traceback", process.stderr)

    def test_the_whole_way(self):
        self.data("--gaps", "0.02")
        prepared = self.preprocess()
        self.assertEqual(prepared.returncode, 0, prepared.stderr)
        tables = [self.split(name) for name in ["train", "validation", "test"]]
        self.assertEqual([len(table) for table in tables], [2924, 626, 627])
        for table in tables:
            # Rings, seven measurements, and F, I, M, missing.
            self.assertEqual(table.shape[1], 1 + 7 + 4)
            self.assertTrue(np.isfinite(table).all())
            self.assertTrue(((table[:, 0] >= 1) & (table[:, 0] <= 27)).all())
            self.assertTrue((table[:, 8:].sum(axis=1) == 1).all())
        np.testing.assert_allclose(tables[0][:, 1:8].mean(axis=0), 0, atol=1e-9)
        np.testing.assert_allclose(tables[0][:, 1:8].std(axis=0), 1, atol=1e-9)

        booster = self.train()
        baseline = float(np.mean((tables[2][:, 0] - tables[0][:, 0].mean()) ** 2))
        reports = []
        booster.save_model(self.folder / "booster")  # as newer versions of the algorithm do
        self.pack(self.folder / "booster")
        reports.append(self.report())
        booster.save_model(self.folder / "booster.json")
        self.pack(self.folder / "booster.json", "./xgboost-model")
        reports.append(self.report())
        (self.folder / "pickle").write_bytes(pickle.dumps(booster))  # as older versions did
        self.pack(self.folder / "pickle")
        reports.append(self.report())
        self.assertEqual(reports[0], reports[1])
        self.assertEqual(reports[0], reports[2])
        mse = reports[0]["regression_metrics"]["mse"]
        self.assertLess(mse["value"], 6.0, "the pipeline's threshold")
        self.assertLess(mse["value"], baseline / 3)
        self.assertAlmostEqual(mse["standard_deviation"] ** 2, mse["value"], delta=0.1)
        print(f"mse {mse['value']:.3f}, standard deviation {mse['standard_deviation']:.3f}; the mean's mse {baseline:.3f}")

    def test_the_seed_decides_the_splits(self):
        self.data("--lines", 200)
        for to, seed in [("out", 42), ("same", 42), ("other", 7)]:
            self.preprocess("--seed", seed, to=to)
        read = lambda folder: (self.folder / folder / "train" / "train.csv").read_bytes()
        self.assertEqual(read("out"), read("same"))
        self.assertNotEqual(read("out"), read("other"))

    def test_what_can_not_be_used_is_refused(self):
        (self.folder / "input" / "code").mkdir(parents=True)
        (self.folder / "input" / "code" / "other.csv").write_text("1\n")
        self.refused(self.preprocess(), "no *.csv in")
        raw = self.folder / "input" / "abalone.csv"
        raw.write_text("M,0.4,0.3\n")
        self.refused(self.preprocess(), "3 columns, not 9: Sex,Length")
        raw.write_text("M,0.4,0.3,0.1,0.5,0.2,tiny,0.1,9\n" * 10)
        self.refused(self.preprocess(), "column VisceraWeight")
        raw.write_text("M,0.4,0.3,0.1,0.5,0.2,0.1,0.1,9\n" * 2)
        self.refused(self.preprocess(), "split of 2 lines is empty")
        self.refused(self.preprocess("--train-fraction", 0.9, "--validation-fraction", 0.1), "both leave some")
        self.refused(self.preprocess("--train-fraction", "nan"), "both leave some")
        raw.write_text("M,0.4,0.3,0.1,0.5,0.2,0.1,0.1,9\n" * 20 + "M,0.4,0.3,0.1,0.5,0.2,0.1,0.1,\n")
        self.assertIn("1 of 21 lines have no Rings", self.preprocess().stdout)
        self.refused(self.evaluate(), "model.tar.gz does not exist")
        self.pack(raw, "model.txt")
        self.refused(self.evaluate(), "no xgboost-model in it")


if __name__ == "__main__":
    unittest.main()
