"""Every benchmark, one after another: `python -m benchmarks` (`make bench`); each also runs alone."""

import subprocess
import sys

EACH = ("solver_published", "solver_provinces", "round")


def main() -> int:
    """Run each in its own process; the number of those that failed."""
    names = sys.argv[1:] or list(EACH)
    return sum(
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0 for name in names
    )


if __name__ == "__main__":
    raise SystemExit(main())
