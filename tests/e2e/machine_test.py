"""When the machine fails (disk full, no permission) the program says so in a line, exits with code 3, and what it had written
is good to go on from."""

import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest

from program import SMALL, ProgramTest, arrays, program


def limited(size):
    """No file may grow beyond `size` bytes: what a full disk looks like to the writer of that file."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


class FullDisk(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("small.toml", SMALL)
        self.whole = None

    def check_resumes(self, run):
        self.run_program("run", "--resume", run)
        self.run_program("run", "small.toml", "--out", self.folder / "whole")
        self.assertEqual(arrays(run / "results.nc"), arrays(self.folder / "whole" / "results.nc"))

    def test_file_size_limit(self):
        # A loss stream needs 80 kB, results.nc 2 MB, the report more: the limit strikes in a stream, then in the results.
        for size in (40_000, 150_000):
            with self.subTest(size):
                run = self.folder / f"run{size}"
                done = self.run_program("run", "small.toml", "--out", run, code=3, preexec_fn=limited(size))
                self.check_machine_line(done)
                self.assertFalse((run / "results.nc").exists())
                self.check_machine_line(self.run_program("run", "--resume", run, code=3, preexec_fn=limited(size)))
                self.run_program("run", "--resume", run)
        self.check_resumes_equal()

    def check_resumes_equal(self):
        self.run_program("run", "small.toml", "--out", "whole")
        expected = arrays(self.folder / "whole" / "results.nc")
        for run in self.folder.glob("run*"):
            self.assertEqual(arrays(run / "results.nc"), expected, run)

    def check_machine_line(self, done):
        lines = [line for line in done.stderr.splitlines() if line.startswith("thermoscape: ")]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertEqual(done.stderr.splitlines()[-1], lines[0])
        self.assertIn("cannot", lines[0])
        self.assertEqual(done.stdout, "")

    def test_small_file_system(self):
        disk = self.folder / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "none", disk], capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest("this user may not mount a small disk: " + mounted.stderr.strip())
        try:
            self.check_machine_line(self.run_program("run", "small.toml", "--out", disk / "run", code=3))
            shutil.copytree(disk / "run", self.folder / "moved")
            self.check_resumes(self.folder / "moved")
        finally:
            subprocess.run(["umount", disk], check=True)

    def test_read_only_file_system(self):
        disk = self.folder / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m", "none", disk], capture_output=True, text=True)
        if mounted.returncode != 0:
            disk = pathlib.Path("/proc/self/fdinfo")  # nobody may make a folder there
        try:
            self.check_machine_line(self.run_program("run", "small.toml", "--out", disk / "run", code=3))
            self.assertFalse((disk / "run").exists())
        finally:
            if mounted.returncode == 0:
                subprocess.run(["umount", disk], check=True)

    def test_folder_without_permission(self):
        """Root may write anywhere, but not as a user whom its namespace does not know."""
        locked = self.folder / "locked"
        locked.mkdir(mode=0o555)
        command = ["unshare", "--user"] if os.geteuid() == 0 else []
        if command and subprocess.run([*command, "true"], capture_output=True).returncode != 0:
            self.skipTest("this root can lay down its rights nowhere")
        command += [os.environ["THERMOSCAPE_PROGRAM"], "run", "small.toml", "--out", locked / "run"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.check_machine_line(done)
        self.assertIn("Permission denied", done.stderr)
        self.assertEqual(list(locked.iterdir()), [])

    def test_finished_run_on_a_read_only_disk_can_be_read(self):
        run = self.small_run()
        mounted = subprocess.run(["mount", "--bind", run, run], capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest("this user may not mount: " + mounted.stderr.strip())
        try:
            subprocess.run(["mount", "-o", "remount,ro,bind", run], check=True)
            self.run_program("run", "--resume", "run")
            self.run_program("show", "run", "--json")
            self.check_machine_line(self.run_program("report", "run", code=3))
        finally:
            subprocess.run(["umount", run], check=True)

    def test_closed_standard_output_is_no_success(self):
        self.small_run()
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [os.environ["THERMOSCAPE_PROGRAM"], "show", self.folder / "run", "--json"],
                stdout=full, stderr=subprocess.PIPE, text=True,
            )
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)


def in_a_namespace_that_may_mount():
    """Where this user may not mount, the tests run as root of a user namespace of their own, if the kernel grants one."""
    namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    with tempfile.TemporaryDirectory() as place:

        def may_mount(*prefix):
            command = [*prefix, "sh", "-c", 'mount -t tmpfs none "$0" && umount "$0"', place]
            return subprocess.run(command, capture_output=True).returncode == 0

        if may_mount() or not shutil.which("unshare") or not may_mount(*namespace):
            return
    os.execvp("unshare", [*namespace, sys.executable, "-B", *sys.argv])


if __name__ == "__main__":
    in_a_namespace_that_may_mount()
    unittest.main()
