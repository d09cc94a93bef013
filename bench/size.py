#!/usr/bin/env python3
"""size.py DIRECTORY OBJECT...: sizes of objects that bench/peers.mk compiled for the i386 into DIRECTORY, as JSON.

For each of DIRECTORY/ip4 and DIRECTORY/dual: every file's text, data and bss (text as size(1) counts it: code and
constants), sums of groups of them, and the sizes of structures, which are those of symbols in objects named sizes_*.
"""

import fnmatch
import json
import os
import subprocess
import sys

NAMES = ["getaddrinfo", "gai_*", "getnameinfo", "services", "inet"]

# Name of a group, patterns of its files, and of those that are not.
GROUPS = {
    "our sockets": (["src/socket/*"], ["src/socket/" + name for name in NAMES]),
    "our names": (["src/socket/" + name for name in NAMES], []),
    "our resolver": (["src/stack/resolve*", "src/stack/hosts"], []),
    "our stack": (["src/stack/*"], ["src/stack/resolve*", "src/stack/hosts"]),
    "lwip api": (["sockets/api/*"], []),
    "lwip api without names": (["sockets/api/*"], ["sockets/api/netdb"]),
    "lwip resolver": (["sockets/core/dns"], []),
    "lwip core, our options": (["ours/*"], []),
    "lwip core, its sockets' options": (["sockets/core/*", "sockets/netif/*"], []),
    "modlwip": (["modlwip/modlwip"], []),
}


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def sections(directory, files):
    lines = run("size", *(f"{directory}/{file}.o" for file in files))[1:]
    return {
        file: dict(zip(("text", "data", "bss"), map(int, line.split()[:3])))
        for file, line in zip(files, lines)
    }


def structures(path):
    sizes = {}
    for line in run("nm", "-S", path):
        field = line.split()
        if len(field) == 4 and field[3].startswith("size_of_"):
            sizes[field[3][len("size_of_"):]] = int(field[1], 16)
    return sizes


def matches(file, patterns):
    return any(fnmatch.fnmatchcase(file, pattern) for pattern in patterns)


def total(sizes, wanted, unwanted):
    chosen = [size for file, size in sizes.items() if matches(file, wanted) and not matches(file, unwanted)]
    return {section: sum(size[section] for size in chosen) for section in ("text", "data", "bss")}


def measure(directory, objects):
    prefix = directory + "/"
    names = sorted(path[len(prefix):-len(".o")] for path in objects if path.startswith(prefix))
    is_structures = [os.path.basename(name).startswith("sizes_") for name in names]
    files = sections(directory, [name for name, skip in zip(names, is_structures) if not skip])
    return {
        "groups": {group: total(files, *patterns) for group, patterns in GROUPS.items()},
        "structures": {
            os.path.basename(name)[len("sizes_"):]: structures(f"{directory}/{name}.o")
            for name, chosen in zip(names, is_structures) if chosen
        },
        "files": files,
    }


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.splitlines()[0])
    directory, objects = sys.argv[1], sys.argv[2:]
    print(json.dumps({kind: measure(f"{directory}/{kind}", objects) for kind in ("ip4", "dual")}, indent=2))


if __name__ == "__main__":
    main()
