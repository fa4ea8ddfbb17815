"""Prints what it is given, from a folder."""

import argparse
import json

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config_parameter", type=str, required=True, help="Greeting to print.")
    args = parser.parse_args()
    print(json.dumps(vars(args)))
