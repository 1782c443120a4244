"""A slow and simple resolver on Python's own `ast`: which names of NumPy and PyTorch does a project use, and where?

It exists to disagree with the analyzer. It knows scopes, imports, aliases and re-exports inside the project, and nothing
of values: a method of an array is out of its sight. Standard library only.

    python tests/oracle/oracle.py FOLDER        print every use as JSON lines

Where the analyzer follows flow through its own environments, this resolver asks, for each use, which bindings of the name
precede it in the text and whether one of them dominates it. The two meet on ordinary code for different reasons.
"""

import ast
import json
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path

LIBRARIES = ("numpy", "torch")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass
class Binding:
    """A name gets a value: `targets` are the dotted names it may stand for, None for anything else."""

    position: tuple  # (line, column) from which on it holds
    path: tuple  # the conditional blocks around it: it dominates uses whose path starts with this one
    target: object  # a dotted name, ("module", project module, name), or None


@dataclass
class Scope:
    node: object
    parent: object
    is_class: bool = False
    bindings: dict = field(default_factory=dict)  # name -> [Binding]
    outer: set = field(default_factory=set)  # names declared global (True) or nonlocal
    stars: list = field(default_factory=list)  # modules imported with a star


class Alias(str):
    """A dotted name that came through an assignment, `total = np.sum`, and not through an import."""


@dataclass(frozen=True)
class Use:
    """A dotted expression that may stand for a name of a library."""

    start: int  # byte offset of its first name
    ends: tuple  # byte offsets after each part: `np`, `np.random`, `np.random.rand`
    names: tuple  # the qualified names of those parts
    certain: bool  # whether every binding that reaches it agrees
    alias: bool  # whether the root is a variable that got its value by assignment
    called: bool
    line: int


@dataclass(frozen=True)
class Import:
    line: int
    name: str  # `numpy`, `numpy.linalg`, `numpy.linalg.norm`, `numpy.*`


class Module:
    """One parsed file: its scopes, imports, and the chains it uses."""

    def __init__(self, path, name, is_package, data):
        self.path, self.name, self.is_package, self.data = path, name, is_package, data
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.tree = ast.parse(data)
        self.lines = line_starts(data)
        self.imports = []
        self.chains = []  # ([Name, Attribute...], Scope, path, offset function, whether it is called)
        self.top = Scope(self.tree, None)
        self.block(self.tree.body, self.top, ())

    # Statements -----------------------------------------------------------------------------------------------------

    def block(self, body, scope, path):
        for statement in body:
            self.statement(statement, scope, path)

    def statement(self, node, scope, path):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self.import_(node, scope, path)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for part in node.decorator_list:
                self.expression(part, scope, path)
            self.bind(scope, node.name, node, path, None)
            self.function(node, scope, path)
        elif isinstance(node, ast.ClassDef):
            for part in [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]:
                self.expression(part, scope, path)
            inner = Scope(node, self.type_scope(node, scope, path), is_class=True)
            self.block(node.body, inner, ())
            self.bind(scope, node.name, node, path, None, after=True)
        elif isinstance(node, (ast.If, ast.While)):
            self.expression(node.test, scope, path)
            self.block(node.body, scope, (*path, (id(node), 0)))
            self.block(node.orelse, scope, (*path, (id(node), 1)))
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self.expression(node.iter, scope, path)
            self.target(node.target, scope, (*path, (id(node), 0)), None)
            self.block(node.body, scope, (*path, (id(node), 0)))
            self.block(node.orelse, scope, (*path, (id(node), 1)))
        elif isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
            self.block(node.body, scope, (*path, (id(node), 0)))
            for number, handler in enumerate(node.handlers, start=1):
                inner = (*path, (id(node), number))
                if handler.type:
                    self.expression(handler.type, scope, inner)
                if handler.name:
                    self.bind(scope, handler.name, handler, inner, None)
                self.block(handler.body, scope, inner)
            self.block(node.orelse, scope, (*path, (id(node), 0)))
            self.block(node.finalbody, scope, path)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                self.expression(item.context_expr, scope, path)
                if item.optional_vars:
                    self.target(item.optional_vars, scope, path, None)
            self.block(node.body, scope, path)
        elif isinstance(node, ast.Match):
            self.expression(node.subject, scope, path)
            for number, case in enumerate(node.cases):
                inner = (*path, (id(node), number))
                self.pattern(case.pattern, scope, inner)
                if case.guard:
                    self.expression(case.guard, scope, inner)
                self.block(case.body, scope, inner)
        elif isinstance(node, ast.Assign):
            self.expression(node.value, scope, path)
            for target in node.targets:
                self.target(target, scope, path, node.value)
        elif isinstance(node, ast.AnnAssign):
            self.annotation(node.annotation, scope, path)
            if node.value:
                self.expression(node.value, scope, path)
            if node.value or isinstance(node.target, ast.Name) and not node.value:
                # An annotation without a value binds nothing at module level, but makes the name local in a function.
                if node.value or isinstance(scope.node, FUNCTIONS):
                    self.target(node.target, scope, path, node.value)
                elif not isinstance(node.target, ast.Name):
                    self.target(node.target, scope, path, None)
        elif isinstance(node, ast.AugAssign):
            self.expression(node.value, scope, path)
            self.expression(node.target, scope, path)
            self.target(node.target, scope, path, None)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                self.target(target, scope, path, None)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            for name in node.names:
                scope.outer.add((name, isinstance(node, ast.Global)))
        elif type(node).__name__ == "TypeAlias":
            self.bind(scope, node.name.id, node, path, None)
            self.annotation(node.value, self.type_scope(node, scope, path), path)
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.expression(child, scope, path)

    def function(self, node, scope, path):
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        outer = self.type_scope(node, scope, path)
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.expression(default, scope, path)
        inner = Scope(node, outer)
        for argument in every:
            if argument is None:
                continue
            if argument.annotation is not None:
                self.annotation(argument.annotation, outer, path)
            self.bind(inner, argument.arg, argument, (), None)
        if isinstance(node, ast.Lambda):
            self.expression(node.body, inner, ())
            return
        if node.returns is not None:
            self.annotation(node.returns, outer, path)
        self.block(node.body, inner, ())

    def type_scope(self, node, scope, path):
        """The scope that holds `[T]`, or `scope` where there are no type parameters."""
        parameters = getattr(node, "type_params", None)
        if not parameters:
            return scope
        inner = Scope(node, scope)
        for parameter in parameters:
            self.bind(inner, parameter.name, node, (), None)
            if getattr(parameter, "bound", None) is not None:
                self.expression(parameter.bound, inner, path)
        return inner

    def import_(self, node, scope, path):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in LIBRARIES:
                    self.imports.append(Import(alias.lineno, alias.name))
                bound = alias.asname or alias.name.split(".")[0]
                self.bind(scope, bound, node, path, alias.name if alias.asname else bound, after=True)
            return
        source = self.absolute(node.module or "", node.level)
        for alias in node.names:
            if source.split(".")[0] in LIBRARIES:
                self.imports.append(Import(alias.lineno, f"{source}.{alias.name}"))
            if alias.name == "*":
                scope.stars.append(source)
            else:
                self.bind(scope, alias.asname or alias.name, node, path, f"{source}.{alias.name}", after=True)

    def absolute(self, module, level):
        if level == 0:
            return module
        parts = self.name.split(".")
        parts = parts[: len(parts) - level + (1 if self.is_package else 0)]
        return ".".join([*parts, *([module] if module else [])])

    # Bindings -------------------------------------------------------------------------------------------------------

    def bind(self, scope, name, node, path, target, after=False):
        position = (node.end_lineno, node.end_col_offset) if after else (node.lineno, node.col_offset)
        self.add(scope, name, Binding(position, path, target))

    def add(self, scope, name, binding):
        """Where `global` or `nonlocal` says so, the binding is one of an outer scope, made at an unknown time."""
        for declared, is_global in scope.outer:
            if declared == name:
                scope = self.top if is_global else scope.parent
                binding = Binding((0, 0), ((id(binding), 0),), binding.target)
                break
        scope.bindings.setdefault(name, []).append(binding)

    def target(self, node, scope, path, value):
        """Bind the names of an assignment target; `xp = np` and `sum = np.sum` keep what they stand for."""
        if isinstance(node, ast.Name):
            dotted = value if value is not None and chain(value) else None
            position = (value.end_lineno, value.end_col_offset) if value is not None else (node.end_lineno, node.end_col_offset)
            position = max(position, (node.end_lineno, node.end_col_offset))
            binding = Binding(position, path, ("expression", dotted, scope, path) if dotted is not None else None)
            self.add(scope, node.id, binding)
        elif isinstance(node, (ast.Tuple, ast.List)):
            values = value.elts if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(node.elts) else None
            for number, part in enumerate(node.elts):
                starred = any(isinstance(p, ast.Starred) for p in node.elts)
                self.target(part, scope, path, values[number] if values and not starred else None)
        elif isinstance(node, ast.Starred):
            self.target(node.value, scope, path, None)
        else:
            self.expression(node, scope, path)

    def pattern(self, node, scope, path):
        for child in ast.walk(node):
            name = getattr(child, "name", None) or getattr(child, "rest", None)
            if isinstance(name, str) and not isinstance(child, ast.expr):
                self.bind(scope, name, child if hasattr(child, "lineno") else node, path, None)
            if isinstance(child, ast.MatchClass):
                self.expression(child.cls, scope, path)
            if isinstance(child, ast.MatchValue):
                self.expression(child.value, scope, path)

    # Expressions ----------------------------------------------------------------------------------------------------

    def expression(self, node, scope, path, called=False):
        parts = chain(node)
        if parts:
            self.chains.append((parts, scope, path, self.offset, called))
            return
        if isinstance(node, ast.Lambda):
            self.function(node, scope, path)
        elif isinstance(node, COMPREHENSIONS):
            self.comprehension(node, scope, path)
        elif isinstance(node, ast.NamedExpr):
            self.expression(node.value, scope, path)
            holder = scope
            while isinstance(holder.node, COMPREHENSIONS):
                holder = holder.parent
            self.target(node.target, holder, path, node.value)
        elif isinstance(node, ast.IfExp):
            for part in (node.test, node.body, node.orelse):
                self.expression(part, scope, path)
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.expression(child, scope, path, called=isinstance(node, ast.Call) and child is node.func)
                elif isinstance(child, (ast.keyword, ast.FormattedValue)):
                    self.expression(child.value, scope, path)

    def comprehension(self, node, scope, path):
        inner = Scope(node, scope)
        for number, generator in enumerate(node.generators):
            self.expression(generator.iter, scope if number == 0 else inner, path if number == 0 else ())
            for name in ast.walk(generator.target):
                if isinstance(name, ast.Name):
                    # Holds from the start of the comprehension on: the element stands before the target.
                    inner.bindings.setdefault(name.id, []).append(Binding((0, 0), (), None))
            for condition in generator.ifs:
                self.expression(condition, inner, ())
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        for part in parts:
            self.expression(part, inner, ())

    def annotation(self, node, scope, path):
        """An annotation: strings in it are code, except inside `Literal[...]`, and the metadata of `Annotated`."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.string_annotation(node, scope, path)
        elif isinstance(node, ast.Subscript):
            self.expression(node.value, scope, path)
            name = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if name == "Literal":
                self.expression(node.slice, scope, path)
            elif name == "Annotated" and isinstance(node.slice, ast.Tuple):
                self.annotation(node.slice.elts[0], scope, path)
                for part in node.slice.elts[1:]:
                    self.expression(part, scope, path)
            else:
                self.annotation(node.slice, scope, path)
        elif isinstance(node, (ast.Tuple, ast.List)):
            for part in node.elts:
                self.annotation(part, scope, path)
        elif isinstance(node, ast.BinOp):
            self.annotation(node.left, scope, path)
            self.annotation(node.right, scope, path)
        else:
            self.expression(node, scope, path)

    def string_annotation(self, node, scope, path):
        start = self.offset(node.lineno, node.col_offset)
        source = self.data[start : self.offset(node.end_lineno, node.end_col_offset)]
        text = source[1:-1]
        # Only plain one-line strings have a simple map from value to source; the others are left to the analyzer.
        if source[:1] not in (b'"', b"'") or b"\\" in text or b"\n" in text or text.decode() != node.value:
            return
        try:
            parsed = ast.parse(node.value.strip(), mode="eval").body
        except SyntaxError:
            return
        shift = start + 1 + len(node.value) - len(node.value.lstrip())
        outer, self.offset = self.offset, lambda line, column: shift + column
        for name in ast.walk(parsed):
            if hasattr(name, "lineno"):
                name.use_line = node.lineno
        try:
            self.annotation(parsed, scope, path)
        finally:
            self.offset = outer

    def offset(self, line, column):
        return self.lines[line - 1] + column


def chain(node):
    """`np.random.rand` as [Name, Attribute, Attribute]; an empty list for anything else."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node)
        node = node.value
    return [node, *reversed(parts)] if isinstance(node, ast.Name) else []


def line_starts(data):
    starts = [0]
    at = 0
    while at < len(data):
        end = min((data.find(mark, at) for mark in (b"\n", b"\r") if data.find(mark, at) >= 0), default=-1)
        if end < 0:
            break
        at = end + (2 if data[end : end + 2] == b"\r\n" else 1)
        starts.append(at)
    return [*starts, len(data)]


class Project:
    """The modules of a folder, found by their dotted names."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.modules = {}
        self.files = []
        self.skipped = []
        for path in sorted(self.folder.rglob("*.py")):
            relative = path.relative_to(self.folder)
            name, is_package = dotted_name(self.folder, relative)
            data = path.read_bytes()
            try:
                data.decode("utf-8")
                module = Module(relative.as_posix(), name, is_package, data.removeprefix(b"\xef\xbb\xbf"))
            except (SyntaxError, ValueError, RecursionError) as error:
                self.skipped.append((relative.as_posix(), type(error).__name__))
                continue
            self.files.append(module)
            self.modules.setdefault(name, module)

    def uses(self, module):
        """Every chain of `module` that may stand for a library name."""
        for parts, scope, path, offset, called in module.chains:
            root = parts[0]
            position = (root.lineno, root.col_offset) if not hasattr(root, "use_line") else (10**9, 0)
            targets = self.lookup(module, scope, root.id, position, path, set())
            ends = [offset(part.end_lineno, part.end_col_offset) for part in parts]
            start = offset(root.lineno, root.col_offset)
            line = getattr(root, "use_line", root.lineno)
            for target in sorted(t for t in targets if t):
                names = [target]
                for attribute in parts[1:]:
                    names.append(self.canonical(f"{names[-1]}.{attribute.attr}", set()))
                first = next((n for n, name in enumerate(names) if name.split(".")[0] in LIBRARIES), None)
                if first is not None and names[first].split(".")[0] not in self.modules:
                    alias = isinstance(target, Alias)
                    yield Use(start, tuple(ends[first:]), tuple(names[first:]), len(targets) == 1, alias, called, line)

    def lookup(self, module, scope, name, position, path, seen):
        """The dotted names that `name` may stand for when read at `position` of `scope`; None stands for anything else."""
        here, same = scope, True
        while here is not None:
            declared = next((is_global for declared, is_global in here.outer if declared == name), None)
            if declared is not None and here is scope:
                here, same = (module.top if declared else here.parent), False
                continue
            if name in here.bindings and not (here.is_class and not same):
                reaching = self.reaching(here.bindings[name], position, path) if same else here.bindings[name]
                if reaching or not here.is_class:
                    return set().union(*(self.target(module, b, seen) for b in reaching)) if reaching else {None}
            if here.stars and not here.is_class:
                found = self.starred(here.stars, name, seen)
                if found:
                    return found
            # A comprehension runs where it stands; any other scope runs later, when all bindings outside are made.
            if not isinstance(here.node, COMPREHENSIONS) and here.parent is not None and not here.is_class:
                same = False
            elif here.is_class:
                same = True
            else:
                position, path = (here.node.lineno, here.node.col_offset) if here.parent is not None else position, path
            here = here.parent
        return {None}

    def reaching(self, bindings, position, path):
        """The bindings before `position`, back to the one that dominates it."""
        result = []
        for binding in sorted((b for b in bindings if b.position <= position), key=lambda b: b.position, reverse=True):
            if any(mine[0] == other[0] and mine[1] != other[1] for mine, other in zip(binding.path, path, strict=False)):
                continue  # the other branch
            result.append(binding)
            if binding.path == path[: len(binding.path)]:
                break
        return result

    def target(self, module, binding, seen):
        target = binding.target
        if target is None:
            return {None}
        if isinstance(target, tuple):
            _, value, scope, path = target
            key = (module.name, id(value))
            if key in seen:
                return {None}
            parts = chain(value)
            root = parts[0]
            found = self.lookup(module, scope, root.id, (root.lineno, root.col_offset), path, seen | {key})
            rest = "".join(f".{part.attr}" for part in parts[1:])
            return {Alias(self.canonical(name + rest, seen | {key})) if name else None for name in found}
        return self.resolve(target, seen)

    def resolve(self, dotted, seen):
        """What a dotted name of an import stands for, following re-exports of the project's own modules."""
        if dotted.split(".")[0] in LIBRARIES and dotted.split(".")[0] not in self.modules:
            return {dotted}
        if dotted in self.modules:
            return {dotted}
        parent, _, name = dotted.rpartition(".")
        module = self.modules.get(parent)
        if module is None or dotted in seen:
            return {dotted}
        found = self.lookup(module, module.top, name, (10**9, 0), (), seen | {dotted})
        return found

    def canonical(self, dotted, seen):
        """An attribute of a project module that is itself an import, `compat.np` where compat imports NumPy."""
        found = self.resolve(dotted, seen)
        return next(iter(found)) if len(found) == 1 and None not in found else dotted

    def starred(self, stars, name, seen):
        for source in reversed(stars):
            module = self.modules.get(source)
            if module is None or name.startswith("_") or ("*", source, name) in seen:
                continue
            found = self.lookup(module, module.top, name, (10**9, 0), (), seen | {("*", source, name)})
            if found != {None} or name in module.top.bindings:
                return found
        return set()


def dotted_name(folder, relative):
    """`src/pkg/a.py` is `pkg.a`: the package starts at the outermost folder that has an `__init__.py`."""
    parts = list(relative.with_suffix("").parts)
    is_package = parts[-1] == "__init__"
    if is_package:
        parts.pop()
    first = len(parts) - (0 if is_package else 1)
    while first > 0 and (folder.joinpath(*parts[:first]) / "__init__.py").exists():
        first -= 1
    return ".".join(parts[first:]) or relative.stem, is_package


def main():
    project = Project(sys.argv[1])
    for module in project.files:
        for use in sorted(project.uses(module), key=lambda use: use.start):
            print(json.dumps({"path": module.path, "line": use.line, "start": use.start, "end": use.ends[-1],
                              "name": use.names[-1], "certain": use.certain}))  # fmt: skip
        for item in module.imports:
            print(json.dumps({"path": module.path, "line": item.line, "import": item.name}))


if __name__ == "__main__":
    main()
