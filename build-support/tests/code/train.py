"""One argument of every kind."""

import argparse
import json
import os
from pathlib import Path

OBJECTIVES = ["reg:squarederror", "reg:logistic"]


def add_data(parser):
    group = parser.add_argument_group("data", "where the data is")
    group.add_argument("-t", "--train", type=Path, required=True, help="folder with *.csv")
    group.add_argument("--model-dir", type=str, default=os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
    group.add_argument("--columns", nargs="+", metavar="NAME")
    group.add_argument("--weights", nargs="*", type=float)
    group.add_argument("--image-size", nargs=2, type=int, required=True, help="width and height")


def parse():
    parser = argparse.ArgumentParser(description="Trains a model on 100%% of <the> data.")
    add_data(parser)
    parser.add_argument("--epochs", type=int, required=True, help="passes over the data")
    parser.add_argument("--learning-rate", "--lr", dest="lr", type=float, default=0.1)
    parser.add_argument("--objective", choices=OBJECTIVES, default="reg:squarederror")
    parser.add_argument("--depth", type=int, choices=[4, 6, -1], required=True)
    parser.add_argument("--metric", action="append", choices=("rmse", "mae"))
    parser.add_argument("--pair", action="append", nargs=2, type=int)
    parser.add_argument("--verbose", "-v", action="count", default=0)
    parser.add_argument("--debug", action="store_true")
    parser.add_argument("--no-cache", action="store_false")
    parser.add_argument("--no-early-stop", dest="early_stop", action="store_false")
    parser.add_argument("--shuffle", action=argparse.BooleanOptionalAction)
    parser.add_argument("--bias", type=bool, default=True)
    parser.add_argument("--profile", nargs="?", const="cpu")
    parser.add_argument("--hyper", type=json.loads, default={})
    parser.add_argument("--type", default="gbtree")
    parser.add_argument("--new")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--fresh", action="store_true", help="start from nothing")
    source.add_argument("--resume", metavar="CHECKPOINT")
    log = parser.add_mutually_exclusive_group()
    log.add_argument("--quiet", action="store_const", const=0, dest="log")
    log.add_argument("--loud", action="store_const", const=2, dest="log")
    return parser.parse_known_args()


if __name__ == "__main__":
    args, unknown = parse()
    assert not unknown, unknown
    print(json.dumps(vars(args), default=str))
