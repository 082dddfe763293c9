"""Every benchmark, one after another: `python -m benchmarks` (`make bench`); each also runs alone.

python -m benchmarks --list
python -m benchmarks solver_files country -- --share 0.05
"""

import argparse
import subprocess
import sys

EACH = {
    "solver_files": "start-up, reading, verifying, against their limits",
    "solver_profile": "where the time goes, against one numpy pass; plan and bound over time",
    "solver_published": "distance to the published optimum on every facility-location file",
    "solver_provinces": "time, gap and memory on synthetic provinces",
    "compare": "our plan beside HiGHS, SCIP and CP-SAT on the whole model in ten times our time",
    "fairness": "26 weekly rounds with the equity feedback on and off",
    "tradeoff": "what is paid against what poor households earn, at five strengths of preference",
    "country": "77 provinces with their real numbers of kitchens",
    "event_log": "a million events verified, as a ratio to hashlib, with its memory",
    "lists": "server time of search and of every list, 10,000 products and 100,000 listings",
    "round": "a round of 400 buyers and 700 suppliers from close to proposed",
}
SMALL = {"country": ["--share", "0.05"]}
"""What is added when all of them run: the whole country alone takes as long as the others together."""


def main() -> int:
    """Run each in its own process; the number of those that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Every benchmark, or those named.")
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(EACH))
    parser.add_argument("--list", action="store_true", help="name them and say what each measures")
    own, _, options = " ".join(sys.argv[1:]).partition("-- ")
    args = parser.parse_args(own.split())
    if args.list:
        for name, what in EACH.items():
            print(f"{name:<18} {what}")
        return 0
    unknown = set(args.names) - set(EACH)
    if unknown:
        parser.error(f"no benchmark is called {min(unknown)}")
    return sum(_run(name, options.split() or SMALL.get(name, [])) for name in args.names or EACH)


def _run(name: str, options: list[str]) -> bool:
    """Whether it failed."""
    print(f"\n== {name}: {EACH[name]}", flush=True)
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], check=False).returncode != 0


if __name__ == "__main__":
    raise SystemExit(main())
