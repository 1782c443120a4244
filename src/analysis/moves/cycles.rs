//! Circles of imports that were not there before a move.

use std::sync::Arc;

use rayon::prelude::*;
use ruff_text_size::TextRange;
use rustc_hash::FxHashSet;

use crate::flow::project::Project;
use crate::plan::components::{Adjacency, Components, number};
use crate::plan::graph::Graph;
use crate::plan::references::References;
use crate::source::SourceFile;
use crate::syntax;

/// A circle: the file and the place of one import of it, and its modules in the order in which they import each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// Index of the file among those after the move.
    pub file: usize,
    /// One of its imports that close the circle.
    pub range: TextRange,
    /// Dotted names; the first comes again at the end.
    pub modules: Vec<String>,
}

/// The circles among `after` that are none among `before`. `origin` gives the file before the move, where there was one.
/// Only what happens when a module is imported counts, and that a package runs before its modules does not.
pub fn new_cycles(before: &[SourceFile], after: &[SourceFile], origin: &[Option<usize>], roots: &[String]) -> Vec<Cycle> {
    let (old, new) = (Imports::new(before, roots), Imports::new(after, roots));
    let was_one = |members: &[u32]| {
        let mut components = members.iter().map(|member| {
            let file = origin.get(*member as usize).copied().flatten()?;
            Some(old.components.of[file])
        });
        // A circle that lost or won a member by a mere new name is the old one.
        let Some(Some(first)) = components.next() else { return false };
        components.all(|component| component == Some(first))
    };
    let circles = new.components.members.iter().filter(|members| members.len() > 1 && !was_one(members));
    circles.filter_map(|members| new.walk(members)).collect()
}

struct Imports {
    project: Project,
    graph: Graph,
    runs: Adjacency,
    components: Components,
}

impl Imports {
    fn new(files: &[SourceFile], roots: &[String]) -> Self {
        let paths: Vec<Arc<str>> = files.iter().map(|file| file.path.clone()).collect();
        let project = Project::new(paths, roots);
        let references: Vec<References> = files.par_iter().map(|source| References::collect(source, &syntax::parse(source))).collect();
        let graph = Graph::new(&project, &references);
        let mut runs: Adjacency = vec![Vec::new(); files.len()];
        for edge in graph.edges.iter().filter(|edge| edge.scope.on_import()) {
            runs[edge.from as usize].push(edge.via.unwrap_or(edge.to));
        }
        let components = Components::new(&runs);
        Self { project, graph, runs, components }
    }

    /// A way round within `members`, from the first of them.
    fn walk(&self, members: &[u32]) -> Option<Cycle> {
        let inside: FxHashSet<u32> = members.iter().copied().collect();
        let start = *members.first()?;
        // Breadth first, so that the way is a short one.
        let mut came_from: Vec<(u32, u32)> = Vec::new();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            for next in self.runs[at as usize].iter().copied().filter(|next| inside.contains(next)) {
                if next == start {
                    return Some(self.told(start, at, &came_from));
                }
                if !came_from.iter().any(|(known, _)| *known == next) {
                    came_from.push((next, at));
                    queue.push_back(next);
                }
            }
        }
        None
    }

    fn told(&self, start: u32, last: u32, came_from: &[(u32, u32)]) -> Cycle {
        let mut way = vec![start, last];
        let mut at = last;
        while let Some((_, before)) = came_from.iter().find(|(known, _)| *known == at && at != start) {
            at = *before;
            way.push(at);
        }
        way.dedup();
        way.reverse();
        if way.first() != Some(&start) {
            way.insert(0, start);
        }
        if way.len() < 2 || way.last() != Some(&start) {
            way.push(start);
        }
        let next = way[1];
        let edge = self.graph.edges.iter().find(|edge| edge.from == start && edge.via.unwrap_or(edge.to) == next && edge.scope.on_import());
        Cycle {
            file: start as usize,
            range: edge.map_or(TextRange::default(), |edge| edge.range),
            modules: way.iter().map(|file| self.project.name_of(number(*file as usize))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(all: &[(&str, &str)]) -> Vec<SourceFile> {
        all.iter().map(|(path, text)| SourceFile::from_text(*path, *text)).collect()
    }

    #[test]
    fn a_circle_that_was_there_is_none_of_the_move() {
        let before = files(&[("p/__init__.py", ""), ("p/a.py", "from .b import x\n"), ("p/b.py", "from .a import y\n"), ("p/c.py", "")]);
        let after = files(&[
            ("p/__init__.py", ""),
            ("p/a.py", "from .b import x\n"),
            ("p/b.py", "from .a import y\n"),
            ("p/c.py", "from .d import z\n"),
            ("p/d.py", "from .e import z\n"),
            ("p/e.py", "from .c import w\n"),
        ]);
        let origin = [Some(0), Some(1), Some(2), Some(3), None, None];
        let found = new_cycles(&before, &after, &origin, &[]);
        assert_eq!(found.iter().map(|cycle| cycle.modules.join(" ")).collect::<Vec<_>>(), ["p.c p.d p.e p.c"]);
        assert!(new_cycles(&before, &before, &origin[..4], &[]).is_empty());
    }

    #[test]
    fn an_import_in_a_function_closes_no_circle() {
        let after = files(&[("p/__init__.py", ""), ("p/a.py", "from .b import x\n"), ("p/b.py", "def f():\n    from .a import y\n")]);
        assert!(new_cycles(&[], &after, &[None, None, None], &[]).is_empty());
    }
}
