"""Writes images.tsv: what the SageMaker Python SDK's image_uris.retrieve says, row by row.

    python -m venv V && V/bin/pip install sagemaker==2.257.7
    V/bin/python images.py            > images.tsv    a few hundred rows, for the repository
    V/bin/python images.py --all      > all.tsv       every combination that differs, over a million rows

Run it again when models/ is refreshed from a newer SDK. The test images.rs reads the rows; with `--all`, rows
that the SDK refuses are written too, with `!` in place of a URI.
"""

import functools
import itertools
import json
import logging
import os
import sys
import zlib
from pathlib import Path

os.environ["SAGEMAKER_SUPPRESS_V2_WARNING"] = "1"
logging.disable(logging.CRITICAL)

from sagemaker import image_uris, utils  # noqa: E402

# Every call reads a file and builds an endpoint resolver; a million calls should not.
image_uris.config_for_framework = functools.cache(image_uris.config_for_framework)
_resolver = utils._botocore_resolver()
_endpoint = functools.cache(_resolver.construct_endpoint)
_resolver.construct_endpoint = _endpoint
utils._botocore_resolver = lambda: _resolver

COLUMNS = "framework version scope python instance_type base_framework container_version training_compiler region uri"

# One for each thing that an instance type can decide.
INSTANCES = [
    None, "ml.m5.xlarge", "ml.p3.2xlarge", "ml.g5.xlarge", "ml.p2.xlarge", "ml.p4d.24xlarge", "ml.p5.48xlarge",
    "ml.inf1.xlarge", "ml.inf2.xlarge", "ml.trn1.2xlarge", "ml.m6g.xlarge", "ml.c7g.large", "local", "local_gpu",
]

# Files beside the image settings that hold something else.
NO_IMAGES = {"instance_gpu_info"}

# Tables that retrieve reaches by other arguments than the framework's name.
BY_ARGUMENT = {
    "huggingface-neuron": ("huggingface", {"inference_tool": "neuron"}),
    "huggingface-neuronx": ("huggingface", {"inference_tool": "neuronx"}),
    "pytorch-neuron": ("pytorch", {"inference_tool": "neuron"}),
    "huggingface-training-compiler": ("huggingface", {"training_compiler_config": True}),
    "pytorch-training-compiler": ("pytorch", {"training_compiler_config": True}),
    # As get_huggingface_llm_image_uri calls them.
    "huggingface-llm-neuronx": ("huggingface-llm-neuronx", {"inference_tool": "neuronx"}),
    "huggingface-vllm-neuronx": ("huggingface-vllm-neuronx", {"inference_tool": "neuronx"}),
}


def retrieve(table, region, version, scope, python, instance_type, base, container_version):
    framework, extra = BY_ARGUMENT.get(table, (table, {}))
    if table == "pytorch-smp":
        # The model-parallel library's images are chosen one level up.
        distribution = {"torch_distributed": {"enabled": True}, "smdistributed": {"modelparallel": {"enabled": True}}}
        return image_uris.get_training_image_uri(
            region, "pytorch", version, python, distribution=distribution, instance_type=instance_type or "ml.p4d.24xlarge"
        )
    if table == "sagemaker-base-python":
        return image_uris.get_base_python_image_uri(region, python or "310")
    return image_uris.retrieve(
        framework, region, version=version, py_version=python, instance_type=instance_type, image_scope=scope,
        container_version=container_version, base_framework_version=base, **extra,
    )


def scopes(config):
    """(scope, table): None too, where there may be a default."""
    if "versions" in config:
        return [(scope, config) for scope in [None, *config.get("scope", [])]]
    return [(None, next(iter(config.values()))), *config.items()]


def cases():
    """Every combination of arguments, with the regions that the image is published in."""
    folder = Path(image_uris.__file__).parent / "image_uri_config"
    for path in sorted(folder.glob("*.json")):
        table = path.stem
        if table in NO_IMAGES:
            continue
        for scope, images in scopes(json.loads(path.read_text())):
            aliases = images.get("version_aliases", {})
            for version in [*images["versions"], *aliases]:
                settings = images["versions"][aliases.get(version, version)]
                if "repository" in settings:
                    variants = [(None, settings, settings.get("py_versions", []))]
                elif all(key.startswith("py") and len(key) < 6 for key in settings):
                    variants = [(None, image, [python]) for python, image in settings.items()]
                else:
                    short = settings.get("version_aliases", {})
                    full = [key for key in settings if key != "version_aliases"]
                    variants = [
                        (base, settings[short.get(base, base)], settings[short.get(base, base)].get("py_versions", []))
                        for base in [*full, *short]
                    ]
                for base, image, pythons in variants:
                    extra = ["310", "38"] if table == "sagemaker-base-python" else []
                    for python, instance in itertools.product([None, *pythons, *extra], INSTANCES):
                        builds = [None, "v1"] if table == "spark" and python else [None]
                        for build in builds:
                            yield table, version, scope, python, instance, base, build, sorted(image["registries"])


def differs_on_purpose(table, version, scope, instance, uri):
    """Where the SDK answers with an image that was not asked for, does not run there, or is not published."""
    family = (instance or "").removeprefix("ml.").split(".")[0]
    graviton = family in ("m6g", "c7g")
    neuron = family.startswith(("inf", "trn"))
    return (
        # These say nothing of Graviton, or have one version for it and give that whatever was asked for.
        (graviton and (table == "sagemaker-base-python" or table == "sklearn" and version != "1.0-1"))
        # So do these for Neuron.
        or (neuron and table in ("pytorch", "huggingface"))
        # An image for Graviton on another processor.
        or (scope == "inference_graviton" and family and not graviton)
        # A tag without the version of the Neuron SDK.
        or "-training-neuronx" in uri and "-sdk" not in uri
    )


def rows(everything):
    seen = set()
    for *case, regions in cases():
        table, version, scope, python, instance, base, build = case
        if table == "spark" and bool(python) != bool(build):
            continue  # SparkProcessor takes both or neither
        key = zlib.crc32(repr(case).encode())
        # For the repository: one in thirty, but one of each table and scope, each in another region.
        chosen = key % 30 == 0 or (table, scope) not in seen
        if not everything and not chosen:
            continue
        for region in regions if everything else [regions[key // 30 % len(regions)]]:
            try:
                uri = retrieve(table, region, version, scope, python, instance, base, build)
            except (ValueError, KeyError, TypeError, AttributeError):
                uri = "!"
            if not everything and (uri == "!" or differs_on_purpose(table, version, scope, instance, uri)):
                continue
            seen.add((table, scope))
            compiler = "yes" if table.endswith("-training-compiler") else None
            yield [table, version, scope, python, instance, base, build, compiler, region, uri]


def main():
    print("\t".join(COLUMNS.split()))
    for row in rows("--all" in sys.argv):
        print("\t".join("" if cell is None else cell for cell in row))


main()
