"""Writes abalone that never lived, to try the pipeline with: same columns, same ranges, a formula that is known.

    python make_data.py > abalone.csv
    python make_data.py --lines 500 --seed 7 --gaps 0.05 > small.csv

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
every time has a mean squared error of 22, the pipeline's model one of 2.2.
"""

import argparse
import random
import sys


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


def main():
    parser = argparse.ArgumentParser(description="Writes made-up abalone as CSV without a header.")
    parser.add_argument("--lines", type=int, default=4177, help="How many; the real data set has 4,177.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gaps", type=float, default=0.0, help="Share of the sexes and measurements to leave empty.")
    arguments = parser.parse_args()

    generator = random.Random(arguments.seed)

    def u(low, high):
        # Not `uniform`: its formula is not promised to stay.
        return low + (high - low) * generator.random()

    for _ in range(arguments.lines):
        *measured, rings = abalone(u)
        if arguments.gaps:
            measured = ["" if u(0, 1) < arguments.gaps else value for value in measured]
        sys.stdout.write(",".join([*measured, rings]) + "\n")


if __name__ == "__main__":
    main()
