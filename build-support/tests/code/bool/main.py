import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--string", required=True)
parser.add_argument("--self", type=int, required=True)
parser.add_argument("--main", choices=["self", "Main", ""])
print(json.dumps(vars(parser.parse_args())))
