"""Each check finds the fault it is for, in a small tree made for the purpose, and passes the same tree without it."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
sys.dont_write_bytecode = True


def run(tool, *arguments):
    interpreter = [sys.executable] if tool.endswith(".py") else ["bash"]
    return subprocess.run([*interpreter, TOOLS / tool, *map(str, arguments)], capture_output=True, text=True)


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name) / "build" / "tree"  # a checkout below a folder of any name
        self.write("src/thermoscape/core/error.hpp", "#pragma once\n#include <string>\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class Layers(Tree):
    def check(self):
        return run("check_layers.py", "--root", self.root)

    def assert_finds(self, complaint):
        result = self.check()
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn(complaint, result.stdout)

    def test_downward_includes_pass(self):
        self.write("src/thermoscape/report/page.cpp", '#include "thermoscape/core/error.hpp"\n')
        self.write("src/thermoscape/objective/torch/a.cpp", "#include <ATen/ATen.h>\n#include <torch/torch.h>\n")
        result = self.check()
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_an_upward_include_is_found_with_its_line(self):
        self.write("src/thermoscape/report/page.cpp", '#include <string>\n#include "thermoscape/analysis/pca.hpp"\n')
        self.assert_finds("report/page.cpp:2: report includes thermoscape/analysis/pca.hpp")

    def test_core_sees_no_folder(self):
        self.write("src/thermoscape/core/bad.hpp", '  #  include "thermoscape/data/labelled.hpp"\n')
        self.assert_finds("core/bad.hpp:1")

    def test_only_its_folder_includes_libtorch(self):
        for header in ("torch/torch.h", "ATen/ATen.h", "c10/util/Half.h"):
            self.write("src/thermoscape/objective/mlp.cpp", f"#include <{header}>\n")
            self.assert_finds(f"objective/mlp.cpp:1: objective includes {header}")

    def test_objective_does_not_lean_on_its_torch_folder(self):
        self.write("src/thermoscape/objective/a.cpp", '#include "thermoscape/objective/torch/backend.hpp"\n')
        self.assert_finds("objective/a.cpp:1")

    def test_no_way_around_by_a_relative_path(self):
        self.write("src/thermoscape/theory/a.cpp", '#include "../analysis/pca.hpp"\n')
        self.assert_finds("theory/a.cpp:1")

    def test_an_unknown_folder_is_named(self):
        self.write("src/thermoscape/extras/a.hpp", "#pragma once\n")
        self.assert_finds("extras/a.hpp:1: no layer of this name")

    def test_the_page_shows_the_table_of_the_tool(self):
        table = run("check_layers.py", "--table").stdout
        self.write("docs/architecture.md", f"# Layers\n```\n{table}```\n")
        self.assertEqual(self.check().returncode, 0)
        self.write("docs/architecture.md", f"# Layers\n```\n{table.replace('core store', 'core')}```\n")
        self.assert_finds("shows another table")


class Sizes(Tree):
    def check(self):
        return run("check_sizes.py", "--root", self.root)

    def test_the_limit_itself_passes(self):
        self.write("src/thermoscape/core/long.cpp", "int x;\n" * 400)
        self.assertEqual(self.check().returncode, 0)

    def test_one_line_more_is_found(self):
        for name in ("src/thermoscape/core/long.cpp", "benchmarks/long.py", "web/long.mjs"):
            self.write(name, "x\n" * 401)
            result = self.check()
            self.assertEqual(result.returncode, 1, result.stdout)
            self.assertIn(f"{name}: 401 lines", result.stdout)
            (self.root / name).unlink()

    def test_what_is_made_or_fetched_does_not_count(self):
        self.write("web/node_modules/plot/plot.js", "x\n" * 5000)
        self.write("build/release/made.cpp", "x\n" * 5000)
        self.assertEqual(self.check().returncode, 0)


class Documents(Tree):
    def setUp(self):
        super().setUp()
        self.write("Makefile", "demo: build\n")
        self.write("docs/references.bib", "@misc{thermal-probe,\n}\n")
        self.write("recipes/a.toml", 'reference = "thermal-probe"\n')
        self.write("README.md", "[a](docs/a.md) `make demo` `recipes/a.toml` `make PREFIX=x`\n")
        self.write("docs/a.md", "[up](../README.md#top) [out](https://example.org) `src/thermoscape/<folder>`\n")

    def check(self):
        return run("check_docs.py", "--root", self.root)

    def test_true_pages_pass(self):
        result = self.check()
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_each_fault_is_found(self):
        for name, text, complaint in (
            ("docs/a.md", "[gone](gone.md)\n", "docs/a.md: the link to gone.md leads nowhere"),
            ("docs/a.md", "`recipes/gone.toml`\n", "docs/a.md: `recipes/gone.toml` does not exist"),
            ("docs/a.md", "`make coffee`\n", "no target coffee"),
            ("recipes/a.toml", 'reference = "gone"\n', "recipes/a.toml: cites gone"),
            ("src/thermoscape/core/error.hpp", '/// Reference: no-such-key, Eq. 1.\n', "cites no-such-key"),
            ("src/thermoscape/core/error.hpp", 'auto kCite = "gone";\n', "cites gone"),
            ("docs/references.bib", "@misc{thermal-probe,\n}\n" * 2, "more than once"),
        ):
            before = (self.root / name).read_text(encoding="utf-8")
            self.write(name, text)
            result = self.check()
            self.write(name, before)
            self.assertEqual(result.returncode, 1, name)
            self.assertIn(complaint, result.stdout)


class Format(Tree):
    def setUp(self):
        super().setUp()
        self.write(".clang-format", "BasedOnStyle: Google\n")

    def test_formatted_sources_pass(self):
        self.assertEqual(run("check_format.sh", self.root).returncode, 0)

    def test_a_crooked_line_is_found_and_mended(self):
        self.write("tests/core/a_test.cpp", "int  main( ){return 0 ;}\n")
        found = run("check_format.sh", self.root)
        self.assertEqual(found.returncode, 1)
        self.assertIn("tests/core/a_test.cpp:1", found.stderr)
        self.assertEqual(run("check_format.sh", "--fix", self.root).returncode, 0)
        self.assertEqual(run("check_format.sh", self.root).returncode, 0)


if __name__ == "__main__":
    unittest.main()
