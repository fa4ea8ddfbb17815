import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--mode")
parser.add_argument("-n", "--names", nargs="*")
parser.add_argument("command")
parser.add_argument("arguments", nargs=argparse.REMAINDER)
print(json.dumps(vars(parser.parse_args())))
