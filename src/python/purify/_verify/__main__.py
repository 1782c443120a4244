"""`python -m purify._verify plan|run`: JSON on standard input, JSON on standard output."""

import json
import sys
import warnings


def main():
    request = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    if sys.argv[1:] == ["plan"]:
        from purify._verify import cases

        answer = cases.plan(request["files"], set(request["rules"]))
    elif sys.argv[1:] == ["run"]:
        from purify._verify import runs

        answer = runs.run(request["cases"], request.get("recorded"))
    else:
        raise SystemExit("usage: python -m purify._verify plan|run")
    json.dump(answer, sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main()
