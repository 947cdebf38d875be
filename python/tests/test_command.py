"""The command `l2-adapter` of the package."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import l2_adapter

FS = '{"type": "fs", "base_path": "/cache"}\n'
SCRIPT = Path(sys.executable).with_name("l2-adapter")
MODULE = [sys.executable, "-m", "l2_adapter"]


@pytest.fixture(params=["script", "module"])
def command(request):
    """The two ways to start the command."""
    if request.param == "script" and not SCRIPT.exists():
        pytest.skip("the package is not installed, only on the path")
    return [str(SCRIPT)] if request.param == "script" else MODULE


def run(command, *arguments, **options):
    return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=100, **options)


def test_the_command_has_the_version_of_the_package(command):
    assert run(command, "--version").stdout == f"l2-adapter {l2_adapter.__version__}\n"


@pytest.mark.parametrize(
    ("text", "code"), [(FS, 0), ('{"type": "fs"}', 1), ("nonsense", 2)], ids=["valid", "invalid", "unusable"]
)
def test_the_exit_code_is_the_result_of_a_check(command, text, code):
    ended = run(command, "check", input=text)
    assert ended.returncode == code
    assert ended.stderr.startswith("checked 1 document")


def test_the_command_has_every_subcommand_including_nixls(command):
    text = run(command, "--help").stdout
    commands = ["types", "explain", "schema", "docs", "example", "check", "size", "demo", "bench", "run", "completions"]
    assert [name for name in commands if f"\n  {name} " not in text] == []
    assert "nixl" in run(command, "demo", "--help").stdout


def test_usage_names_the_command_as_users_call_it(command):
    assert "Usage: l2-adapter check" in run(command, "check", "--help").stdout


def test_the_demo_starts_its_second_node_in_a_second_process(command, tmp_path):
    # A package in the working directory must not be imported instead.
    (tmp_path / "l2_adapter").mkdir()
    (tmp_path / "l2_adapter" / "__init__.py").write_text("raise RuntimeError('not this one')")
    python = [*command[:1], "-P", *command[1:]] if command is MODULE else command
    ended = run(python, "demo", "--chunk-bytes", "4096", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "receiver's slots at the end" in ended.stdout


@pytest.mark.skipif("L2_ADAPTER_NEEDS_NIXL" not in os.environ, reason="NIXL may be missing")
def test_nixl_is_found_among_the_packages_of_an_environment_that_is_not_activated(command, tmp_path):
    environment = {"PATH": os.defpath, "HOME": str(tmp_path)}
    ended = run(command, "demo", "--transfer-channel", "nixl", "--chunk-bytes", "4096", cwd=tmp_path, env=environment)
    assert ended.returncode == 0, ended.stderr
    assert "receiver's slots at the end" in ended.stdout


def test_ctrl_c_ends_a_check_that_waits_for_input(command):
    waiting = subprocess.Popen([*command, "check"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with waiting:
        waiting.stdin.write('{"type": "fs"}\n')
        waiting.stdin.flush()
        # The native part waits for input.
        assert "`base_path` is required" in waiting.stdout.readline()
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(timeout=100) == -signal.SIGINT


def test_a_closed_output_pipe_is_not_an_error(command):
    piped = subprocess.Popen([*command, "docs"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with piped:
        piped.stdout.close()
        assert (piped.wait(timeout=100), piped.stderr.read()) == (0, b"")


@pytest.mark.skipif("L2_ADAPTER_WHEEL" not in os.environ, reason="scripts/test-wheel says which wheel it is")
@pytest.mark.parametrize(("text", "code"), [(FS, 0), ('{"type": "fs"}', 1)], ids=["valid", "invalid"])
def test_uvx_runs_it_from_the_wheel(text, code, tmp_path):
    (tmp_path / "specs.json").write_text(text)
    uvx = [Path(sys.executable).with_name("uvx"), "--python", sys.executable, "--cache-dir", tmp_path / "cache"]
    # The wheel needs no other package, so there is nothing to download.
    alone = ["--offline", "--no-config", "--from", os.environ["L2_ADAPTER_WHEEL"]]
    ended = run([*uvx, *alone], "l2-adapter", "check", "specs.json", cwd=tmp_path)
    assert ended.returncode == code, ended.stderr
    assert "checked 1 document" in ended.stderr
