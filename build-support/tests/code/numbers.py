import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("-1", dest="one", action="store_true")
parser.add_argument("--offset", type=float)
parser.add_argument("--offsets", type=int, nargs="+")
print(json.dumps(vars(parser.parse_args())))
