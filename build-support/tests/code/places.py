import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("source", help="what to copy")
parser.add_argument("count", type=int)
parser.add_argument("more", nargs="*")
parser.add_argument("--exclude", nargs="*")
parser.add_argument("--mode")
parser.add_argument("--level", "-l", nargs="?", type=int, const=9)
print(json.dumps(vars(parser.parse_args())))
