import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("file", nargs="?", default="-")
parser.add_argument("--tags", nargs="+")
print(json.dumps(vars(parser.parse_args())))
