"""Turns the raw abalone measurements into what XGBoost learns from.

Reads every CSV file in the input folder: no header, one abalone a line, the nine columns of `COLUMNS`. Writes
`train/train.csv`, `validation/validation.csv` and `test/test.csv` in the form that SageMaker's built-in XGBoost
takes: no header, the label (the number of rings) first, numbers only.

Runs in SageMaker's scikit-learn image 1.2-1, and anywhere with pandas and scikit-learn:

    python preprocess.py --input-dir data --output-dir out
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

CATEGORIES = ["Sex"]  # M, F, or I for an infant
MEASUREMENTS = ["Length", "Diameter", "Height", "WholeWeight", "ShuckedWeight", "VisceraWeight", "ShellWeight"]
LABEL = "Rings"  # plus 1.5 gives the age in years
COLUMNS = CATEGORIES + MEASUREMENTS + [LABEL]

# The splits, in the order in which the shuffled rows are dealt out. Each becomes an output of the step.
SPLITS = ["train", "validation", "test"]


def read(folder):
    """Reads all CSV files of a folder, in the order of their names, as one table."""
    # Not below the folder: SageMaker puts this very script into /opt/ml/processing/input/code.
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        sys.exit(f"no *.csv in {folder}")
    return pd.concat([read_file(path) for path in paths], ignore_index=True)


def read_file(path):
    """Reads one file and says what is wrong with it, where something is."""
    table = pd.read_csv(path, header=None, skipinitialspace=True)
    if len(table.columns) != len(COLUMNS):
        sys.exit(f"{path}: {len(table.columns)} columns, not {len(COLUMNS)}: {','.join(COLUMNS)}")
    table.columns = COLUMNS
    for column in MEASUREMENTS + [LABEL]:
        try:
            table[column] = pd.to_numeric(table[column])
        except ValueError as error:
            sys.exit(f"{path}: column {column}: {error}")
    # An abalone of unknown age teaches nothing. A missing measurement is another matter: see `transformer`.
    known = table[table[LABEL].notna()]
    if len(known) < len(table):
        print(f"{path}: {len(table) - len(known)} of {len(table)} lines have no {LABEL} and are left out")
    return known


def split(table, train_fraction, validation_fraction, seed):
    """Shuffles the rows and deals them out; the test split gets what the other two leave."""
    # The same seed gives the same splits: a rerun on the same data gives the same files.
    shuffled = table.sample(frac=1, random_state=seed)
    first = round(len(shuffled) * train_fraction)
    second = round(len(shuffled) * (train_fraction + validation_fraction))
    parts = shuffled.iloc[:first], shuffled.iloc[first:second], shuffled.iloc[second:]
    for name, part in zip(SPLITS, parts):
        if part.empty:
            sys.exit(f"the {name} split of {len(table)} lines is empty: more data, or other fractions")
    return dict(zip(SPLITS, parts))


def transformer():
    """Fills gaps, scales the measurements, and makes one column of 0 and 1 for each sex."""
    numeric = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    categorical = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        # A sex that the training split does not have becomes a row of zeros, not an error.
        OneHotEncoder(handle_unknown="ignore"),
    )
    return ColumnTransformer(
        [("numeric", numeric, MEASUREMENTS), ("categorical", categorical, CATEGORIES)],
        sparse_threshold=0,  # one plain array, whatever the share of zeros
    )


def write(path, labels, features):
    """Writes the label first and no header, as XGBoost wants it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = np.column_stack([labels.to_numpy(), features])
    pd.DataFrame(table).to_csv(path, header=False, index=False)
    print(f"{path}: {table.shape[0]} lines, {table.shape[1]} columns")


def main():
    parser = argparse.ArgumentParser(description="Cleans the abalone measurements and splits them in three.")
    parser.add_argument("--input-dir", default="/opt/ml/processing/input", help="Folder with the raw CSV files.")
    parser.add_argument("--output-dir", default="/opt/ml/processing", help="Folder that gets train/, validation/ and test/.")
    parser.add_argument("--train-fraction", type=float, default=0.7, help="Share of the lines to learn from.")
    parser.add_argument("--validation-fraction", type=float, default=0.15, help="Share of the lines to tune on.")
    parser.add_argument("--seed", type=int, default=42, help="Seed of the shuffle.")
    arguments = parser.parse_args()
    shares = arguments.train_fraction, arguments.validation_fraction
    if not (min(shares) > 0 and sum(shares) < 1):
        parser.error(f"{shares[0]} to learn from and {shares[1]} to tune on: each takes some, and both leave some")

    table = read(Path(arguments.input_dir))
    splits = split(table, arguments.train_fraction, arguments.validation_fraction, arguments.seed)
    # Medians, means and the list of sexes are learnt from the training split alone. Learnt from all the data, they
    # would tell the model about the lines it is measured on later.
    features = transformer().fit(splits["train"])
    for name, part in splits.items():
        write(Path(arguments.output_dir) / name / f"{name}.csv", part[LABEL], features.transform(part))


if __name__ == "__main__":
    main()
