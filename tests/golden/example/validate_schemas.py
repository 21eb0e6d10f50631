#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Validates every YAML file of policies/ and topologies/ against the schema that its first lines name for editors.

Run it from the project root. Exit code 1 when a file is not valid, or names no schema.
"""
import json
import pathlib
import re
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """Dates stay text, as segproof and editors read them."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def faults_of(path):
    text = path.read_text()
    modeline = re.search(r"^# yaml-language-server: \$schema=(\S+)$", text, re.MULTILINE)
    if modeline is None:
        return ["names no schema for editors"]
    schema = path.parent / modeline.group(1)
    if not schema.is_file():
        return [f"names the schema {modeline.group(1)}, which does not exist"]
    validator = jsonschema.Draft7Validator(json.loads(schema.read_text()))
    return [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(yaml.load(text, Loader))]


def main():
    files = sorted(path for root in ("policies", "topologies") for path in pathlib.Path(root).rglob("*.yaml"))
    faults = [f"{path}: {fault}" for path in files for fault in faults_of(path)]
    print("\n".join(faults) if faults else f"{len(files)} files are valid")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main())
