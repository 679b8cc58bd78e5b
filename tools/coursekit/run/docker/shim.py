"""`docker build`, `run`, `images` … on Debian's buildah, so that a page's commands run where no engine can.

A program of its own that needs the standard library only. Base images and wheels lie in BASE, put there once
by `.ci/engine`; what a page builds goes into a store of its own below HOME, which ends with the page.

What differs from Docker: builds have no network, containers share that of the machine (so `-p 8000:8000` is
nothing to do, and another mapping is refused), a HEALTHCHECK is kept but not run, there is no compose. What is
not known here is refused with exit code 125, as Docker does: better not run than run otherwise than the page says.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

BASE = Path(os.environ.get("COURSE_ENGINE", "/var/lib/course-engine"))
READY = BASE / "ready"
WHEELHOUSE = BASE / "wheelhouse"
ISOLATION = ["--isolation", "chroot"]

BUILD_PASSED = {
    "-f",
    "--file",
    "--build-arg",
    "--target",
    "--label",
    "--secret",
    "--build-context",
    "--iidfile",
    "-t",
    "--tag",
}
BUILD_DROPPED = {"--progress", "--platform", "--network", "--provenance", "--sbom"}
BUILD_FLAGS = {
    "--no-cache": "--no-cache",
    "-q": "--quiet",
    "--quiet": "--quiet",
    "--pull": "",
    "--load": "",
    "--rm": "",
}
RUN_FLAGS = {"--rm", "-d", "--detach", "-i", "--interactive", "-t", "--tty", "--init"}
RUN_VALUES = {
    "--name", "-e", "--env", "--env-file", "-v", "--volume", "--mount", "-w", "--workdir", "-u", "--user", "--cpus",
    "-p", "--publish", "--network", "--restart", "--platform", "--pull", "-m", "--memory", "--cap-drop", "--label",
    "--entrypoint",
}  # fmt: skip

_OF_BUILDAH = re.compile(rb"(subprocess exited with|Error:( while running runtime:)? exit) status \d+\r?\n?")

Options = list[tuple[str, str]]


class State:
    """What this page has built and started. Containers are files: name → what is known of it."""

    def __init__(self) -> None:
        home = Path(os.environ.get("COURSE_ENGINE_STATE") or Path.home() / ".course-engine")
        self.root = home
        self.containers = home / "containers"
        self.volumes = home / "volumes"
        self.containers.mkdir(parents=True, exist_ok=True)
        self.command = [
            *(
                "buildah",
                "--root",
                str(home / "root"),
                "--runroot",
                str(home / "run"),
                "--storage-driver",
                "overlay",
            ),
            *("--storage-opt", f"overlay.imagestore={BASE / 'storage'}"),
        ]

    def buildah(self, *words: str) -> str:
        """What buildah prints; where it fails, its message and exit code become ours."""
        done = subprocess.run([*self.command, *words], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            sys.exit(done.returncode)
        return done.stdout.strip()

    def load(self, name: str) -> dict[str, Any]:
        for path in self.containers.glob("*.json"):
            container: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if name == container["name"] or container["id"].startswith(name):
                return container
        return refuse(f"No such container: {name}", code=1)

    def save(self, container: dict[str, Any]) -> None:
        (self.containers / f"{container['name']}.json").write_text(json.dumps(container), encoding="utf-8")

    def all(self) -> Iterator[dict[str, Any]]:
        for path in sorted(self.containers.glob("*.json")):
            yield json.loads(path.read_text(encoding="utf-8"))

    def remove(self, container: dict[str, Any]) -> None:
        subprocess.run([*self.command, "rm", container["id"]], capture_output=True, check=False)
        (self.containers / f"{container['name']}.json").unlink(missing_ok=True)


def refuse(message: str, code: int = 125) -> NoReturn:
    print(f"docker (buildah in its place): {message}", file=sys.stderr)
    sys.exit(code)


def options(
    words: Sequence[str], flags: Iterable[str], values: Iterable[str], stop: bool = False
) -> tuple[Options, list[str]]:
    """Options with their values, and the other words; with `stop`, all from the first other word on are such.

    >>> options(["-it", "-e", "A=1", "--name=x", "image", "ls", "-l"], ["-i", "-t"], ["-e", "--name"], stop=True)
    ([('-i', ''), ('-t', ''), ('-e', 'A=1'), ('--name', 'x')], ['image', 'ls', '-l'])
    """
    flags, values = set(flags), set(values)
    found: Options = []
    rest: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        name, equals, value = word.partition("=")
        if not word.startswith("-") or word == "-":
            rest.append(word)
            if stop:
                return found, rest + list(words[at:])
        elif word in flags:
            found.append((word, ""))
        elif equals and name in values:
            found.append((name, value))
        elif word in values and at < len(words):
            found.append((word, words[at]))
            at += 1
        elif re.fullmatch(r"-[a-zA-Z]{2,}", word) and {f"-{letter}" for letter in word[1:]} <= flags:
            found += [(f"-{letter}", "") for letter in word[1:]]
        else:
            refuse(f"unknown flag: {word}")
    return found, rest


def build(state: State, words: list[str]) -> int:
    given, rest = options(words, BUILD_FLAGS, BUILD_PASSED | BUILD_DROPPED)
    if len(rest) != 1:
        refuse('"docker build" requires exactly 1 argument.', 1)
    passed = [word for name, value in given if name in BUILD_PASSED for word in (name, value)]
    passed += [BUILD_FLAGS[name] for name, _ in given if BUILD_FLAGS.get(name)]
    wheels = ["-v", f"{WHEELHOUSE}:/wheelhouse:ro"]
    fixed = [*ISOLATION, "--pull-never", "--layers", "--format", "docker", *wheels]
    command = ["unshare", "--net", *state.command, "bud", *fixed, *passed, rest[0]]
    if "--quiet" not in passed:  # as Docker, whose progress is no output
        return subprocess.run(command, stdout=sys.stderr, check=False).returncode
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode == 0:  # what the steps print is no output either; the last line is the image
        print(f"sha256:{done.stdout.split()[-1]}")
    else:
        sys.stderr.write(done.stdout)
    return done.returncode


def run(state: State, words: list[str]) -> int:
    given, rest = options(words, RUN_FLAGS, RUN_VALUES, stop=True)
    if not rest:
        refuse('"docker run" requires at least 1 argument.')
    image, *arguments = rest
    words = list(_run_words(state, given))
    container = _create(state, image, _last(given, "--name"))
    _fill_volumes(state, container["id"], given)
    command = [*state.command, "run", *ISOLATION, *words, container["id"], "--"]
    command += _program(state, container["id"], given, arguments)
    flags = {name for name, _ in given}
    if flags & {"-d", "--detach"}:
        return _start(state, container, command, "--rm" in flags)
    code = _attached(command)
    if "--rm" in flags:
        state.remove(container)
    else:
        state.save(container | {"exit": code})
    return code


def _create(state: State, image: str, name: str) -> dict[str, Any]:
    name = name or f"quiet_{secrets.token_hex(3)}"
    if (state.containers / f"{name}.json").exists():
        refuse(f'Conflict. The container name "/{name}" is already in use.')
    made = subprocess.run([*state.command, "from", "--pull-never", image], capture_output=True, text=True, check=False)
    if made.returncode:
        refuse(f"Unable to find image '{image}' locally, and there is no network here.")
    identity = json.loads(state.buildah("inspect", made.stdout.strip()))["ContainerID"]
    container = {"name": name, "id": identity, "image": image, "pid": 0, "exit": None}
    state.save(container)
    return container


def _last(given: Options, *names: str) -> str:
    return next((value for name, value in reversed(given) if name in names), "")


def _run_words(state: State, given: Options) -> Iterator[str]:
    """The options of `docker run` in buildah's words; what needs no doing yields nothing."""
    for name, value in given:
        if name in ("-e", "--env"):
            yield from ("--env", value if "=" in value else f"{value}={os.environ.get(value, '')}")
        elif name == "--env-file":
            lines = (line.strip() for line in Path(value).read_text(encoding="utf-8").splitlines())
            yield from (word for line in lines if line and not line.startswith("#") for word in ("--env", line))
        elif name in ("-v", "--volume"):
            yield from ("-v", _volume(state, value))
        elif name == "--mount":
            yield from ("--mount", value)
        elif name in ("-w", "--workdir"):
            yield from ("--workingdir", value)
        elif name in ("-u", "--user"):
            yield from ("--user", value)
        elif name == "--cap-drop":
            yield from ("--cap-drop", value)
        elif name in ("-p", "--publish"):
            _check_port(value)
        elif name == "--network" and value not in ("host", "bridge", "default"):
            refuse(f"--network {value} needs a real engine; containers share the machine's network here.")


def _volume(state: State, value: str) -> str:
    """A bind as it is, from an absolute path; a named volume from its folder, made at need."""
    source, colon, rest = value.partition(":")
    if not colon:
        refuse(f"an anonymous volume ({value}) needs a real engine.")
    if not source.startswith(("/", ".")):
        folder = state.volumes / source
        folder.mkdir(parents=True, exist_ok=True)
        return f"{folder}:{rest}"
    place = Path(source).resolve()
    place.mkdir(parents=True, exist_ok=True) if not place.exists() else None
    return f"{place}:{rest}"


def _fill_volumes(state: State, identity: str, given: Options) -> None:
    """Give an empty named volume what the image has at its place, and the same owner, as Docker does at first use."""
    for source, target in (value.split(":")[:2] for name, value in given if name in ("-v", "--volume")):
        folder = state.volumes / source
        if source.startswith(("/", ".")) or any(folder.iterdir()):
            continue
        place = Path(state.buildah("mount", identity)) / target.lstrip("/")
        if place.is_dir():
            subprocess.run(["cp", "-aT", str(place), str(folder)], check=True)
        state.buildah("umount", identity)


def _check_port(value: str) -> None:
    outside, _, inside = value.rpartition(":")
    if outside.rpartition(":")[2] not in ("", inside.partition("/")[0]):
        refuse(f"-p {value} needs a real engine; here a port has the same number inside and outside.")


def _program(state: State, identity: str, given: Options, arguments: list[str]) -> list[str]:
    config = json.loads(state.buildah("inspect", identity))["Docker"]["config"]
    replaced = [value for name, value in given if name == "--entrypoint"]
    entry = [replaced[-1]] if replaced and replaced[-1] else [] if replaced else config.get("Entrypoint") or []
    program = [*entry, *(arguments or ([] if replaced else config.get("Cmd") or []))]
    return program or refuse("no command specified")


def _attached(command: list[str]) -> int:
    """Run in the foreground; what buildah itself says of a program that failed is not the program's output."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    assert process.stderr
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: process.send_signal(number))
    for line in process.stderr:
        if not _OF_BUILDAH.fullmatch(line):
            sys.stderr.buffer.write(line)
            sys.stderr.buffer.flush()
    code = process.wait()
    return code if code >= 0 else 128 - code


def _start(state: State, container: dict[str, Any], command: list[str], remove: bool) -> int:
    """Start in the background, in a session of its own, with its output in a file."""
    with (state.containers / f"{container['name']}.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    state.save(container | {"pid": process.pid, "remove": remove})
    print(container["id"])
    return 0


def _is_running(container: dict[str, Any]) -> bool:
    try:
        text = Path(f"/proc/{container['pid']}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return bool(container["pid"]) and text.rpartition(")")[2].split()[0] != "Z"


def stop(state: State, words: list[str]) -> int:
    given, names = options(words, [], ["-t", "--time", "--timeout", "-s", "--signal"])
    seconds = float(_last(given, "-t", "--time", "--timeout") or 10)
    for name in names:
        container = state.load(name)
        _end(container, seconds)
        if container.get("remove"):
            state.remove(container)
        print(name)
    return 0


def kill(state: State, words: list[str]) -> int:
    return stop(state, ["-t", "0", *words])


def _end(container: dict[str, Any], seconds: float) -> None:
    """Ask the container's processes to end, and end them where they have not within so many seconds."""
    members = _session(container["pid"]) if container["pid"] else []
    for number in ([signal.SIGTERM] if seconds else []) + [signal.SIGKILL]:
        for pid in members:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + max(seconds, 1)
        while _is_running(container) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not any(Path(f"/proc/{pid}").exists() for pid in members):
            return


def _session(leader: int) -> list[int]:
    """The processes of a session, the youngest first."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader:
                found.append(int(entry.name))
    return sorted(found, reverse=True)


def rm(state: State, words: list[str]) -> int:
    given, names = options(words, ["-f", "--force", "-v", "--volumes"], [])
    for name in names:
        container = state.load(name)
        if _is_running(container):
            if not given:
                refuse(
                    f"cannot remove container {name}: it is running: stop it first, or force removal",
                    1,
                )
            _end(container, 0)
        state.remove(container)
        print(name)
    return 0


def logs(state: State, words: list[str]) -> int:
    _, names = options(words, ["-t", "--timestamps"], ["--tail", "-n"])
    log = state.containers / f"{state.load(names[0])['name']}.log"
    sys.stdout.write(log.read_text(encoding="utf-8", errors="replace") if log.exists() else "")
    return 0


def execute(state: State, words: list[str]) -> int:
    given, rest = options(words, RUN_FLAGS, RUN_VALUES, stop=True)
    name, *program = rest
    container = state.load(name)
    if not _is_running(container):
        refuse(f"container {name} is not running", 1)
    return subprocess.run(
        [*state.command, "run", *ISOLATION, *_run_words(state, given), container["id"], "--", *program],
        check=False,
    ).returncode


def ps(state: State, words: list[str]) -> int:
    given, _ = options(words, ["-a", "--all", "-q", "--quiet"], ["--format", "--filter", "-f"])
    everything = any(name in ("-a", "--all") for name, _ in given)
    rows = []
    for container in state.all():
        running = _is_running(container)
        if running or everything:
            code = container["exit"]
            status = "Up" if running else "Exited" if code is None else f"Exited ({code})"
            rows.append(
                {
                    "ID": container["id"][:12],
                    "Image": container["image"],
                    "Status": status,
                    "Names": container["name"],
                }
            )
    _table(rows, given, {"ID": "CONTAINER ID"}, quiet="ID")
    return 0


def images(state: State, words: list[str]) -> int:
    given, names = options(words, ["-q", "--quiet", "-a", "--all"], ["--format", "--filter", "-f"])
    rows = []
    for image in json.loads(state.buildah("images", "--json") or "null") or []:
        for full in image.get("names") or ["<none>:<none>"]:
            repository, _, tag = _short(full).rpartition(":")
            if not names or names[0] in (repository, f"{repository}:{tag}"):
                row = {"Repository": repository, "Tag": tag, "ID": image["id"], "CreatedSince": image["createdat"]}
                rows.append(row | {"Size": image["size"].replace(" ", "")})
    _table(rows, given, {"ID": "IMAGE ID", "CreatedSince": "CREATED"}, quiet="ID")
    return 0


def _short(name: str) -> str:
    return name.removeprefix("localhost/").removeprefix("docker.io/library/")


def _table(rows: list[dict[str, str]], given: Options, headings: dict[str, str], quiet: str) -> None:
    template = _last(given, "--format")
    if any(name in ("-q", "--quiet") for name, _ in given):
        template = f"{{{{.{quiet}}}}}"
    if template and template != "table":
        for row in rows:
            print(filled(template.removeprefix("table "), row))
        return
    keys = list(rows[0]) if rows else list(headings)
    lines = [[headings.get(key, key.upper()) for key in keys], *([row[key] for key in keys] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(keys))]
    for line in lines:
        print("   ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def filled(template: str, data: Any) -> str:
    """A Go template of `{{.Name}}` and `{{json .Name}}`.

    >>> filled("{{.Config.User}} {{json .Size}}", {"Config": {"User": "app"}, "Size": 3})
    'app 3'
    """

    def value(match: re.Match[str]) -> str:
        found = data
        for part in filter(None, match["path"].split(".")):
            if not isinstance(found, dict) or part not in found:
                refuse(f"template parsing error: there is no {part} in {match[0]}", 1)
            found = found[part]
        return json.dumps(found, separators=(",", ":")) if match["json"] else str(found)

    text = template.replace("\\t", "\t").replace("\\n", "\n")
    text = re.sub(r"\{\{\s*(?P<json>json\s+)?\.(?P<path>[\w.]*)\s*\}\}", value, text)
    return text if "{{" not in text else refuse(f"this template needs a real engine: {template}", 1)


def inspect(state: State, words: list[str]) -> int:
    given, names = options(words, [], ["-f", "--format", "--type"])
    found = [_inspected(state, name) for name in names]
    template = _last(given, "-f", "--format")
    for one in found if template else ():
        print(filled(template, one))
    if not template:
        print(json.dumps(found, indent=4))
    return 0


def _inspected(state: State, name: str) -> dict[str, Any]:
    for container in state.all():
        if name == container["name"] or container["id"].startswith(name):
            running = _is_running(container)
            status = {
                "Status": "running" if running else "exited",
                "Running": running,
                "ExitCode": container["exit"] or 0,
            }
            return {"Id": container["id"], "Name": f"/{name}", "State": status, "Image": container["image"]}
    whole = _image(state, name)
    image = whole["Docker"]
    return {
        "Id": f"sha256:{whole['FromImageID']}",
        "RepoTags": [_short(whole["FromImage"])],
        "Created": image["created"],
        "Architecture": image["architecture"],
        "Os": image["os"],
        "Config": image["config"],
        "Size": sum(layer["size"] for layer in json.loads(whole["Manifest"])["layers"]),
        "RootFS": {"Type": "layers", "Layers": image["rootfs"]["diff_ids"]},
    }


def _image(state: State, name: str) -> dict[str, Any]:
    command = [*state.command, "inspect", "--type", "image", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else refuse(f"No such object: {name}", 1)
    return found


def history(state: State, words: list[str]) -> int:
    given, names = options(words, ["--no-trunc", "-q", "--quiet", "-H", "--human"], ["--format"])
    whole = _image(state, names[0])
    sizes = iter([layer["size"] for layer in json.loads(whole["Manifest"])["layers"]])
    rows = []
    for entry in whole["OCIv1"]["history"]:
        by = entry.get("created_by", "")
        if not any(name == "--no-trunc" for name, _ in given) and len(by) > 45:
            by = by[:44] + "…"
        size = 0 if entry.get("empty_layer") else next(sizes)
        rows.append({"ID": "<missing>", "CreatedSince": entry["created"][:10], "CreatedBy": by, "Size": human(size)})
    _table(rows[::-1], given, {"ID": "IMAGE", "CreatedSince": "CREATED", "CreatedBy": "CREATED BY"}, quiet="ID")
    return 0


def human(size: float) -> str:
    """Bytes as Docker writes them.

    >>> human(0), human(1234), human(199_400_000)
    ('0B', '1.23kB', '199MB')
    """
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g}{unit}"
        size /= 1000
    return f"{size:.3g}GB"


def tag(state: State, words: list[str]) -> int:
    state.buildah("tag", *words)
    return 0


def rmi(state: State, words: list[str]) -> int:
    _, names = options(words, ["-f", "--force"], [])
    state.buildah("rmi", "--force", *names)
    for name in names:
        print(f"Untagged: {name}")
    return 0


def pull(state: State, words: list[str]) -> int:
    if subprocess.run(
        [*state.command, "inspect", "--type", "image", words[-1]], capture_output=True, check=False
    ).returncode:
        refuse(f"{words[-1]} is not on this machine, and there is no network here.", 1)
    return 0


def volume(state: State, words: list[str]) -> int:
    verb, *names = words
    if verb == "ls":
        for path in sorted(state.volumes.glob("*")):
            print(path.name)
    for name in names if verb in ("create", "rm") else ():
        folder = state.volumes / name
        if verb == "create":
            folder.mkdir(parents=True, exist_ok=True)
        else:
            subprocess.run(["rm", "-r", str(folder)], check=True)
        print(name)
    return 0 if verb in ("ls", "create", "rm") else refuse(f"volume {verb} needs a real engine.")


def clean(state: State) -> int:
    """End and delete all that this page has started and built."""
    for container in state.all():
        _end(container, 0)
    subprocess.run([*state.command, "rm", "--all"], capture_output=True, check=False)
    return subprocess.run(["rm", "-rf", "--one-file-system", str(state.root)], check=False).returncode


COMMANDS: dict[str, Callable[[State, list[str]], int]] = {
    "build": build, "buildx build": build, "image build": build,
    "run": run, "container run": run, "exec": execute,
    "images": images, "image ls": images, "ps": ps, "container ls": ps,
    "inspect": inspect, "image inspect": inspect, "container inspect": inspect,
    "history": history, "image history": history, "logs": logs,
    "tag": tag, "image tag": tag, "rmi": rmi, "image rm": rmi, "pull": pull,
    "rm": rm, "container rm": rm, "stop": stop, "kill": kill, "volume": volume,
}  # fmt: skip


def main(words: list[str]) -> int:
    """Do what `docker` would do for these words; returns its exit code."""
    if words[:1] in (["--version"], ["-v"], ["version"], ["info"]):
        print(
            "buildah in place of Docker,",
            subprocess.run(["buildah", "--version"], capture_output=True, text=True).stdout.strip(),
        )
        return 0
    for length in (2, 1):
        command = COMMANDS.get(" ".join(words[:length]))
        if command and len(words) >= length:
            return command(State(), words[length:])
    if words == ["course-clean"]:
        return clean(State())
    refuse(f"`{' '.join(words[:2])}` needs a real engine.")


def _ended(words: list[str]) -> int:
    """As `main`; where the reader of a pipe (`| grep -m 1`) has seen enough, nothing is said, as by Docker itself."""
    try:
        code = main(words)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left must not fail at the exit
        return 128 + signal.SIGPIPE
    return code


if __name__ == "__main__":
    sys.exit(_ended(sys.argv[1:]))
