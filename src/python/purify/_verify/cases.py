"""Calls to verify: the examples of a rule, and calls made from its signature, one argument varied at a time."""

import ast
import inspect
import tomllib

# Parameters that take arrays. The others take what `VALUES` lists, or the rule's own `[rule.verify]`.
ARRAYS = {"x", "y", "a", "b", "x1", "x2", "v", "m", "z", "arr", "ary", "array", "A", "self", "input", "other", "p", "q1", "xp", "element"}

# Python texts to try for parameters, by name.
VALUES = {
    "axis": ["0", "-1", "None"],
    "dim": ["0", "-1"],
    "keepdims": ["True"],
    "keepdim": ["True"],
    "ddof": ["0", "1"],
    "correction": ["0", "1"],
    "dtype": ["np.float32", "np.int64"],
    "k": ["0", "1", "-1"],
    "n": ["3"],
    "N": ["3"],
    "M": ["2"],
    "decimals": ["0", "2"],
    "shape": ["(2, 3)", "4", "()"],
    "newshape": ["-1", "(-1, 1)"],
    "shift": ["1", "-2"],
    "repeats": ["2"],
    "reps": ["2", "(2, 1)"],
    "num": ["5"],
    "endpoint": ["False"],
    "start": ["0", "2"],
    "stop": ["6"],
    "step": ["2"],
    "fill_value": ["1.5", "7"],
    "a_min": ["0.2"],
    "a_max": ["0.7"],
    "min": ["0.2"],
    "max": ["0.7"],
    "indices": ["[0, 1]"],
    "side": ["'right'"],
    "q": ["0.25", "[0.1, 0.9]"],
    "axis1": ["0"],
    "axis2": ["1", "-1"],
    "source": ["0"],
    "destination": ["-1"],
    "offset": ["0", "1"],
    "mode": ["'full'", "'same'", "'valid'"],
    "equal_nan": ["True"],
    "rtol": ["1e-3"],
    "atol": ["1e-3"],
    "nan": ["1.0"],
    "posinf": ["2.0"],
    "neginf": ["-2.0"],
    "base": ["2.0"],
    "dx": ["0.5"],
    "norm": ["'ortho'"],
    "right": ["True"],
    "return_index": ["True"],
    "return_inverse": ["True"],
    "return_counts": ["True"],
    "indexing": ["'ij'"],
    "minlength": ["5"],
    "bins": ["4"],
    "copy": ["True"],
    "dims": ["(1, 0)"],
    "axes": ["None"],
    "ord": ["2", "1", "None"],
    "UPLO": ["'U'"],
    "full_matrices": ["False"],
    "deg": ["True"],
    "order": ["'C'"],
    "kth": ["1"],
}


def plan(files, wanted):
    """Cases of the rules whose ids are wanted, and the rules without any, with the reason."""
    cases, without = [], []
    for path in sorted(files):
        if path.split("/")[0] in ("libraries", "targets", "codes"):
            continue
        for rule in tomllib.loads(files[path]).get("rule", []):
            if rule["id"] in wanted:
                found, why = of_rule(rule)
                cases += [{"rule": rule["id"], **case} for case in found]
                if not found:
                    without.append({"rule": rule["id"], "why": why})
    return {"cases": cases, "without": without}


def of_rule(rule):
    """The cases of a rule; where there are none, why."""
    if "refuse" in rule:
        return [], "refuses"
    if rule.get("keep"):
        return [], "keeps the call"
    verify = rule.get("verify", {})
    if verify is False:
        return [], f"cannot be compared: {rule.get('why') or 'the rule says so'}"
    library = rule["id"].split("-")[0]
    cases = [
        {"name": example["name"], "before": example["before"], "after": example["after"], "inputs": inputs_of(verify), **common(verify)}
        for example in rule.get("test", [])
        if "after" in example and is_function_of_arrays(example["before"])
    ]
    if library == "numpy":
        cases += generated(rule, verify)
    return cases, "no example and no signature from which a call can be made"


def common(verify):
    """What all cases of a rule share: what is run before, inputs left out, and a tolerance of its own."""
    return {"setup": verify.get("setup", ""), "without": list(verify.get("without", {})), "tolerance": verify.get("tolerance")}


def inputs_of(verify):
    """`int` where the rule wants its arrays to hold integers."""
    return "int" if any(str(value).startswith("int") for key, value in verify.items() if key != "setup") else ""


def is_function_of_arrays(source):
    """Whether the source defines `f` whose parameters can be made up."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return False
    return any(isinstance(node, ast.FunctionDef) and node.name == "f" for node in tree.body)


def generated(rule, verify):
    """Calls of a NumPy API made from the signature of its rule."""
    if rule.get("kind") == "attribute" or "signature" not in rule or "member" in rule or "statement" in rule:
        return
    try:
        signature = inspect.signature(eval(f"lambda{strip(rule['signature'])}: 0", {"_": None}))  # rule files are trusted like code
    except Exception:
        return
    names = rule.get("aliases", {})
    refused = {*rule.get("unsupported", {}), *rule.get("ignored", {})}
    required, optional = [], []
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            return
        (required if parameter.default is parameter.empty else optional).append(parameter)
    base, arrays = [], []
    for parameter in required:
        choice = values(parameter.name, verify)
        if parameter.name in ARRAYS and not choice:
            arrays.append("x" if parameter.name == "self" else parameter.name)
            base.append((parameter, arrays[-1]))
        elif choice:
            base.append((parameter, choice[0]))
        else:
            return
    conditions = rule.get("when", {})
    variants = [("as it stands", [])]
    for parameter in optional:
        if parameter.name not in refused:
            variants += [(f"{parameter.name}={value}", [(parameter, value)]) for value in values(parameter.name, verify)]
    for parameter, first in base:
        variants += [(f"{parameter.name}={value}", [(parameter, value)]) for value in values(parameter.name, verify)[1:]]
    given = [p for p in optional if conditions.get(p.name) in ("given", "not-none") and values(p.name, verify)]
    for api in [rule["api"]] if isinstance(rule["api"], str) else rule["api"]:
        if api.endswith("*") or ".generic." in api or not api.startswith("numpy."):
            continue
        for name, changed in variants:
            chosen = {**{p.name: (p, text) for p, text in base}, **{p.name: (p, values(p.name, verify)[0]) for p in given}}
            chosen.update({p.name: (p, text) for p, text in changed})
            text = call(api, signature, chosen, names)
            if text:
                source = f"import numpy as np\n\ndef f({', '.join(f'{a}: np.ndarray' for a in arrays)}):\n    return {text}\n"
                yield {"name": f"{api}: {name}", "before": source, "after": None, "inputs": inputs_of(verify) or "wide", **common(verify)}


def strip(signature):
    """A signature as the head of a lambda, with placeholders as defaults that have no value here."""
    inner = signature.strip()[1:-1]
    tree = ast.parse(f"def f({inner}): 0").body[0].args
    for defaults in (tree.defaults, tree.kw_defaults):
        for i, default in enumerate(defaults):
            if default is not None:
                defaults[i] = ast.Constant(None)
    return " " + ast.unparse(tree)


def values(name, verify):
    """Python texts for a parameter."""
    own = verify.get(name)
    if isinstance(own, list):
        return [str(value) for value in own]
    return VALUES.get(name, [])


def call(api, signature, chosen, names):
    """The text of a call with the chosen arguments, or None if one cannot be passed."""
    positional, keywords, unbroken = [], [], True
    for parameter in signature.parameters.values():
        if parameter.name not in chosen:
            unbroken = False
        elif parameter.kind is not parameter.KEYWORD_ONLY and unbroken and parameter.default is parameter.empty:
            positional.append(chosen[parameter.name][1])
        elif parameter.kind is parameter.POSITIONAL_ONLY:
            if not unbroken:
                return None
            positional.append(chosen[parameter.name][1])
        else:
            keywords.append(f"{parameter.name}={chosen[parameter.name][1]}")
    owner, _, name = api.rpartition(".")
    if owner == "numpy.ndarray":
        receiver, *positional = positional or [None]
        if receiver is None:
            return None
        return f"{receiver}.{name}({', '.join([*positional, *keywords])})"
    return f"np{owner.removeprefix('numpy')}.{name}({', '.join([*positional, *keywords])})"
