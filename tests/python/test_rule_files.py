"""The rule files agree with each other and with the format of `rules/README.md`; nothing but Python is needed."""

import ast
import collections
import pathlib
import re
import tomllib

RULES = pathlib.Path(__file__).parent.parent.parent / "rules"
FOLDERS_WITHOUT_OPS = ("libraries", "targets", "codes")
FORMS = ("args", "template", "statement", "refuse", "drop", "keep")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def parameters(signature):
    """(name, kind, has a default) of each parameter; kinds: positional, either, star, keyword, stars."""
    arguments = ast.parse(f"def f{signature}: pass").body[0].args
    positional = [(a.arg, "positional") for a in arguments.posonlyargs] + [(a.arg, "either") for a in arguments.args]
    required = len(positional) - len(arguments.defaults)
    found = [(name, kind, i >= required) for i, (name, kind) in enumerate(positional)]
    if arguments.vararg:
        found.append((arguments.vararg.arg, "star", True))
    found += [(a.arg, "keyword", d is not None) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults)]
    if arguments.kwarg:
        found.append((arguments.kwarg.arg, "stars", True))
    return found


def load():
    """Ops by name, and rules with the op they lead to and the file they stand in."""
    ops, rules, ops_beside = {}, [], collections.defaultdict(list)
    files = [p for p in sorted(RULES.glob("*/*.toml")) if p.parent.name not in FOLDERS_WITHOUT_OPS]
    tables = [(path, tomllib.loads(path.read_text())) for path in files]
    for path, table in tables:
        headers = table.get("op", [])
        for header in [headers] if isinstance(headers, dict) else headers:
            ops[header["name"]] = header
            ops_beside[path.parent.name, path.name.split(".")[0]].append(header["name"])
    for path, table in tables:
        beside = ops_beside[path.parent.name, path.name.split(".")[0]]
        for rule in table.get("rule", []):
            target = rule.get("op") or (beside[0] if len(beside) == 1 else None)
            rules.append({**rule, "op": target, "file": f"{path.parent.name}/{path.name}"})
    return ops, rules


OPS, ALL = load()
BY_ID = {rule["id"]: rule for rule in ALL}


def apis(rule):
    """The source names a rule is for."""
    return rule["api"] if isinstance(rule["api"], list) else [rule["api"]]


def named_in(rule):
    """Source parameters that the rule says something about."""
    used = {*rule.get("unsupported", {}), *rule.get("ignored", {})}
    for form in rule.get("args", {}).values():
        if isinstance(form, str):
            used.add(form)
        else:
            used.update(form[key] for key in ("from", "pack") if key in form)
            used.update(form.get("tuple", []))
            used.update(PLACEHOLDER.findall(form.get("template", "")))
    for form in ("template", "statement"):
        used.update(PLACEHOLDER.findall(rule.get(form, "")))
    return used


def test_ids_are_unique():
    counts = collections.Counter(rule["id"] for rule in ALL)
    assert [] == [name for name, count in counts.items() if count > 1]


def test_an_api_stands_in_one_file_or_has_conditions():
    places = collections.defaultdict(list)
    for rule in ALL:
        for api in apis(rule):
            places[api, rule.get("kind", "call")].append(rule)
    for (api, _), rules in places.items():
        plain = {rule["file"] for rule in rules if "when" not in rule and "member" not in rule}
        assert len(plain) <= 1, f"{api} has rules without conditions in {sorted(plain)}"


def test_a_rule_has_one_form_an_example_and_a_reason_where_it_is_not_safe():
    wrong = []
    for rule in ALL:
        forms = [form for form in FORMS if form in rule]
        renamed = not forms and rule["op"] in OPS and (rule.get("kind") == "attribute" or rule.get("signature") == "()")
        if len(forms) != 1 and not renamed:
            wrong.append(f"{rule['id']}: forms {forms}")
        if rule.get("applicability", "safe") != "safe" and not rule.get("why"):
            wrong.append(f"{rule['id']}: `why` is missing")
        if not rule.get("test"):
            wrong.append(f"{rule['id']}: no example")
    assert wrong == []


def test_every_parameter_is_mapped_or_explained():
    wrong = []
    for rule in ALL:
        if "signature" not in rule or "refuse" in rule or "keep" in rule:
            continue
        names = {name for name, _, _ in parameters(rule["signature"])}
        said = {*rule.get("unsupported", {}), *rule.get("ignored", {}), *rule.get("when", {})}
        wrong += [f"{rule['id']}: nothing is said of `{name}`" for name in names - named_in(rule) - said - {"self"}]
        wrong += [f"{rule['id']}: `{name}` is no parameter" for name in said - names]
        wrong += [f"{rule['id']}: alias of `{name}`, which is no parameter" for name in {*rule.get("aliases", {}).values()} - names]
    assert wrong == []


def test_arguments_are_those_of_the_op():
    wrong = []
    for rule in ALL:
        if "args" not in rule:
            continue
        target = parameters(OPS[rule["op"]]["signature"])
        wrong += [f"{rule['id']}: {rule['op']} takes no `{name}`" for name in set(rule["args"]) - {name for name, _, _ in target}]
        wrong += [
            f"{rule['id']}: {rule['op']} needs `{name}`"
            for name, kind, optional in target
            if not optional and kind != "star" and name not in rule["args"]
        ]
    assert wrong == []


def test_examples_are_python_and_change_something():
    wrong = []
    for rule in ALL:
        for example in rule["test"]:
            ast.parse(example["before"])
            ast.parse(example.get("after", ""))
            if example.get("after") == example["before"]:
                wrong.append(f"{rule['id']}: leave `after` out of `{example['name']}`, where nothing changes")
    assert wrong == []


def test_written_out_forms_name_ops_that_exist():
    name = re.compile(r"\bops\.((?:linalg|fft|nn|random|testing)\.\w+|\w+)")
    wrong = []
    for rule in ALL:
        texts = [rule.get("template", ""), rule.get("statement", ""), *(str(form) for form in rule.get("args", {}).values())]
        found = {op for text in texts for op in name.findall(text)}
        wrong += [f"{rule['id']}: there is no ops.{op}" for op in sorted(found - OPS.keys() - {"__array_namespace_info__"})]
    assert wrong == []
