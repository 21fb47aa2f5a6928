"""What reading a package costs: ``python tests/envelope/measure.py`` prints one JSON object a size.

Times are the best of many runs in microseconds, each step on fresh input; ``peak_mb`` is what one
package adds to the memory of a process that has read a small one before.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from msgspec.structs import replace

from axis.envelope import rules, schema
from axis.envelope.limits import prescan
from axis.envelope.package import parse
from axis.envelope.reader import read
from axis.envelope.tree import parse_tree
from axis.envelope.writer import attach, encode
from envelope.papers import document, status_bytes

SIZES = {"7 kB": 7_000, "30 kB": 30_000, "300 kB": 300_000, "5 MB": 5_000_000, "50 MB": 50_000_000}
KIB = 1024


def package_of(size: int) -> bytes:
    """Return a package with one attachment, of about so many bytes."""
    empty = encode(document(), {"209": b""})
    data = bytes(range(256)) * ((max(size - len(empty), 4) * 3 // 4) // 256 + 1)
    reference, _ = attach("209", "a.pdf", b"", content_type="application/pdf")
    return encode(replace(document(), manifest=(reference,)), {"209": data})


def times_of(body: bytes, runs: int) -> dict[str, float]:
    """Return the best time of each step and the median of the whole, in microseconds."""
    best = dict.fromkeys(("prescan", "tree", "schema", "read", "rules", "free"), float("inf"))
    whole: list[float] = []
    for _ in range(runs):
        marks = [time.perf_counter()]
        prescan(body)
        marks.append(time.perf_counter())
        tree = parse_tree(body)
        marks.append(time.perf_counter())
        schema.validate(tree)
        marks.append(time.perf_counter())
        envelope = read(tree)
        marks.append(time.perf_counter())
        rules.check(tree, envelope, attachments_apart=rules.is_manifest_signed(tree))
        marks.append(time.perf_counter())
        del tree, envelope
        marks.append(time.perf_counter())
        for name, start, end in zip(best, marks, marks[1:], strict=False):
            best[name] = min(best[name], (end - start) * 1e6)
        whole.append((marks[-1] - marks[0]) * 1e6)
    measured = {name: round(value, 1) for name, value in best.items()}
    whole.sort()
    return measured | {"best": round(whole[0], 1), "median": round(whole[len(whole) // 2], 1)}


def peak_of(path: Path) -> tuple[float, float]:
    """Return package size and the memory that reading it adds, in MiB, in this process."""
    parse(package_of(7_000))
    idle = high_water_kib()
    body = path.read_bytes()
    parse(body)
    return len(body) / KIB / KIB, (high_water_kib() - idle) / KIB


def high_water_kib() -> int:
    """Return the peak of this process's memory; ru_maxrss would count the parent's too."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise OSError("no VmHWM in /proc/self/status")


def peak_in_a_fresh_process(size: int, folder: Path) -> tuple[float, float]:
    """Return package size and peak, in MiB, measured where nothing else was."""
    path = folder / f"package-{size}.edxml"
    path.write_bytes(package_of(size))
    words = [sys.executable, __file__, "peak", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    path.unlink()
    size_mb, peak_mb = json.loads(done.stdout)
    return size_mb, peak_mb


def main() -> None:
    """Measure every size."""
    import tempfile

    print(json.dumps({"package": "status", **times_of(status_bytes(), 2000)}))
    for name, size in SIZES.items():
        body = package_of(size)
        measured = times_of(body, max(3, min(2000, 200_000_000 // size)))
        with tempfile.TemporaryDirectory() as folder:
            _, peak_mb = peak_in_a_fresh_process(size, Path(folder))
        print(
            json.dumps(
                {"package": name, "bytes": len(body), **measured, "peak_mb": round(peak_mb, 1)}
            )
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["peak"]:
        print(json.dumps(peak_of(Path(sys.argv[2]))))
    else:
        main()
