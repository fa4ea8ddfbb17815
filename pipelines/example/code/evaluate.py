"""Prints the greeting it was given: the smallest script that a pipeline can run."""

import argparse


def main():
    # The pipeline reads this declaration when it is built: `--config_parameter` becomes the method
    # `config_parameter` of `code::Evaluate`, and a pipeline that leaves it out does not compile.
    parser = argparse.ArgumentParser(description="Prints a greeting.")
    parser.add_argument("--config_parameter", required=True, help="Greeting to print.")
    arguments = parser.parse_args()
    print(arguments.config_parameter)


if __name__ == "__main__":
    main()
