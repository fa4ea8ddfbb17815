"""Writes abalone that never lived, to try the pipeline with: same columns, same ranges, a formula that is known.

    python make_data.py > abalone.csv
    python make_data.py --lines 500 --seed 7 --gaps 0.05 > small.csv
    python make_data.py --lines 100 --seed 2 --prepared > batch.csv

For each abalone, with u(a, b) a uniform random number:

    rings    = 1 + floor(u(0, 9) + u(0, 9) + u(0, 9))                   1 to 27, mostly about 14
    sex      = I where rings < 8 and u(0, 1) < 0.85, otherwise M or F
    length   = 0.80 * rings / (rings + 4) + u(-0.03, 0.03)
    diameter = 0.80 * length + u(-0.01, 0.01)
    height   = 0.27 * length + u(-0.01, 0.01)
    whole    = 3.60 * length ** 3 * u(0.9, 1.1)
    shucked  = 0.45 * whole * u(0.9, 1.1) * (1.10 - 0.01 * rings)       an old one is more shell ...
    viscera  = 0.22 * whole * u(0.9, 1.1)
    shell    = 0.25 * whole * u(0.9, 1.1) * (0.85 + 0.015 * rings)      ... than meat

Only additions, multiplications and divisions: the same seed gives the same bytes on every machine. Growth slows
down with age and the noise does not, so rings can be told from the measurements, but not exactly; guessing the mean
every time has a mean squared error of 22, the pipeline's model one of about 2.3.

With `--prepared` the abalone are as the model takes them, for a batch to score: no rings, measurements scaled as `preprocess.py`
scales them (up to the share of lines that it learns from), and a column of 0 and 1 for each of F, I and M.
"""

import argparse
import math
import random
import sys

LINES, SEED = 4177, 1  # the real data set has 4,177


def abalone(u):
    """One abalone: sex, seven measurements, rings."""
    rings = 1 + int(u(0, 9) + u(0, 9) + u(0, 9))
    if rings < 8 and u(0, 1) < 0.85:
        sex = "I"
    else:
        sex = "M" if u(0, 1) < 0.5 else "F"
    length = 0.80 * rings / (rings + 4) + u(-0.03, 0.03)
    diameter = 0.80 * length + u(-0.01, 0.01)
    height = 0.27 * length + u(-0.01, 0.01)
    whole = 3.60 * length * length * length * u(0.9, 1.1)
    shucked = 0.45 * whole * u(0.9, 1.1) * (1.10 - 0.01 * rings)
    viscera = 0.22 * whole * u(0.9, 1.1)
    shell = 0.25 * whole * u(0.9, 1.1) * (0.85 + 0.015 * rings)
    sizes = [length, diameter, height, whole, shucked, viscera, shell]
    return [sex] + [f"{size:.4f}" for size in sizes] + [str(rings)]


def uniform(seed):
    """u(low, high)."""
    generator = random.Random(seed)
    # Not `uniform`: its formula is not promised to stay.
    return lambda low, high: low + (high - low) * generator.random()


def scales():
    """Mean and standard deviation of each measurement in the data that is learnt from."""
    u = uniform(SEED)
    columns = zip(*(map(float, abalone(u)[1:-1]) for _ in range(LINES)))
    for column in map(list, columns):
        mean = math.fsum(column) / LINES
        yield mean, math.sqrt(math.fsum((value - mean) ** 2 for value in column) / LINES)


def prepared(sex, sizes, scales):
    """What the model takes of an abalone."""
    scaled = [f"{(float(size) - mean) / deviation:.6f}" for size, (mean, deviation) in zip(sizes, scales)]
    return scaled + [str(int(sex == known)) for known in "FIM"]


def main():
    parser = argparse.ArgumentParser(description="Writes made-up abalone as CSV without a header.")
    parser.add_argument("--lines", type=int, default=LINES, help="How many.")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--gaps", type=float, default=0.0, help="Share of the sexes and measurements to leave empty.")
    parser.add_argument("--prepared", action="store_true", help="As the model takes them, without rings.")
    arguments = parser.parse_args()

    u = uniform(arguments.seed)
    scale = list(scales()) if arguments.prepared else None
    for _ in range(arguments.lines):
        *measured, rings = abalone(u)
        if scale:
            sys.stdout.write(",".join(prepared(measured[0], measured[1:], scale)) + "\n")
            continue
        if arguments.gaps:
            measured = ["" if u(0, 1) < arguments.gaps else value for value in measured]
        sys.stdout.write(",".join([*measured, rings]) + "\n")


if __name__ == "__main__":
    main()
