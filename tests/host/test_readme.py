"""What README.md shows is typed into a terminal, line by line, and must print what it shows."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from peers import BUILD, ROOT, environment, free_port, wait_until
from prompt import Prompt
from servers import answers

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROMPTS = ("$ ", ">>> ")


def blocks(language):
    """The code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def steps(text):
    """(prompt, what is typed, lines that it prints) for each prompt in a block."""
    found = []
    for line in text.splitlines():
        prompt = next((prompt for prompt in PROMPTS if line.startswith(prompt)), None)
        if prompt:
            found.append((prompt, line[len(prompt) :], []))
        else:
            found[-1][2].append(line)
    return found


def pattern(line):
    """What a line that README shows stands for: `...` is whatever comes there."""
    return ".*".join(re.escape(part) for part in line.split("..."))


class TestReadme(unittest.TestCase):
    """README.md keeps its promises."""

    def test_first_screen_shows_exactly_two_commands(self):
        first = README[: README.index("\n## ")]
        self.assertEqual(blocks("sh"), ["./dev run\n./dev test\n"])
        self.assertIn("./dev run\n./dev test\n", first)
        self.assertEqual(first.count("```"), 2)
        self.assertLessEqual(len(first.splitlines()), 24)
        done = subprocess.run([ROOT / "dev"], capture_output=True, text=True, check=True)
        for target in ("run", "test", "examples", "install"):
            self.assertRegex(done.stdout, rf"(?m)^{target} ")

    def test_tour(self):
        ports = {"8000": str(free_port()), "7007": str(free_port())}
        text = "".join(blocks("console"))
        for shown, used in ports.items():
            self.assertIn(shown, text)
            text = text.replace(shown, used)
        with tempfile.TemporaryDirectory(prefix="baresock-") as name:
            folder = pathlib.Path(name)
            # A folder that looks like ours, with the build that is tested.
            for entry in ("tools", "examples", "LICENSE"):
                (folder / entry).symlink_to(ROOT / entry)
            (folder / "build").symlink_to(BUILD.resolve())
            env = {"PS1": "$ ", "PATH": os.environ["PATH"]}
            with Prompt("/bin/sh", "-i", cwd=folder, env=env) as terminal:
                asks = "$ "
                terminal.read_until(asks)
                for prompt, line, shown in steps(text):
                    self.assertEqual(prompt, asks, line)
                    if line.startswith("make "):
                        # It is made already, and this is what is tested.
                        self.assertRegex((ROOT / "Makefile").read_text(encoding="utf-8"), rf"(?m)^{line[5:]}:")
                        continue
                    asks = ">>> " if line == "build/mp" else "$ " if line == "exit()" else asks
                    terminal.type(line + "\r")
                    terminal.read_until(line)
                    out = terminal.read_until(f"\n{asks}")
                    if line.endswith("&"):
                        port = ports["8000" if "http.server" in line else "7007"]
                        wait_until(lambda p=port: answers(int(p)), line)
                        # It may print before the prompt or after it.
                        out += terminal.read_until(shown[0]) + shown[0] if shown and shown[0] not in out else ""
                    for expected in shown:
                        self.assertRegex(out, rf"(?m)^{pattern(expected)} *$", line)
                self.assertEqual((folder / "page.html").read_bytes(), (ROOT / "LICENSE").read_bytes())

    def test_links_lead_somewhere(self):
        for path in re.findall(r"\]\(([^)#:]+)\)", README):
            with self.subTest(path=path):
                self.assertTrue((ROOT / path).exists())

    def test_c_calls_that_it_names_exist(self):
        names = set(re.findall(r"`(bs_\w+)`", README)) - {"bs_"}
        self.assertGreater(len(names), 3)
        headers = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "include/baresock").glob("*.h"))
        for name in names:
            self.assertRegex(headers, rf"\b{name}\(")

    def test_python_modules_that_it_names_exist_and_the_others_do_not(self):
        (row,) = re.findall(r"^\| Python \| (.*) \|$", README, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row):
            subprocess.run([BUILD / "mp", "-c", f"import {name}"], env=environment(), check=True)
        for name in ("ssl", "_ssh"):
            words = [BUILD / "mp", "-c", f"import {name}"]
            done = subprocess.run(words, env=environment(), capture_output=True, check=False)
            self.assertEqual(done.returncode, 1, f"{name} is there: README.md says that it is not yet")


if __name__ == "__main__":
    unittest.main()
