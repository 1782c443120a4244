//! Everything that is known of the project before the plan is made: references, ties, and what goes.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::components::{Adjacency, number};
use super::deletions::{self, Going};
use super::graph::Graph;
use super::references::{References, Scope, SymbolKind};
use super::ties::{FileTies, Knowledge};
use super::{Input, settings::Settings};
use crate::FileReport;
use crate::flow::project::Project;
use crate::policy::Policy;
use crate::rules::RuleSet;
use crate::source::SourceKind;

/// The project, read.
pub struct Survey<'a> {
    /// The files.
    pub files: &'a [FileReport],
    /// The rules.
    pub rules: &'a RuleSet,
    /// The policy.
    pub policy: &'a Policy,
    /// The settings.
    pub settings: &'a Settings,
    /// What each file refers to.
    pub references: Vec<References>,
    /// Who refers to whom.
    pub graph: Graph,
    /// What ties each file.
    pub ties: Vec<FileTies>,
    /// Files with ties.
    pub affected: Vec<bool>,
    /// Uses of each symbol, but for those in annotations.
    pub uses: Vec<Vec<(u32, Scope)>>,
    /// What goes.
    pub going: Going,
    /// Syntax errors: (file, line, message).
    pub broken: Vec<(u32, usize, String)>,
}

impl<'a> Survey<'a> {
    /// Reads the project.
    pub fn new(input: &Input<'a>) -> Self {
        let files = input.files;
        let parsed: Vec<(References, Option<(usize, String)>)> = files
            .par_iter()
            .map(|file| {
                let module = crate::syntax::parse(&file.source);
                let broken = module.errors.first().map(|error| {
                    let position = file.source.position(&file.source.line_index(), error.range.start());
                    (position.line, error.message.clone())
                });
                (References::collect(&file.source, &module), broken)
            })
            .collect();
        let (references, broken): (Vec<References>, Vec<_>) = parsed.into_iter().unzip();
        let broken = broken.into_iter().enumerate().filter_map(|(file, b)| b.map(|(line, text)| (number(file), line, text))).collect();
        let project = Project::new(files.iter().map(|file| file.source.path.clone()).collect(), &input.policy.roots);
        let graph = Graph::new(&project, &references);
        let knowledge = Knowledge::new(input.rules, input.policy, input.settings, input.inventory);
        let ties: Vec<FileTies> = files.par_iter().zip(&references).map(|(file, references)| knowledge.file(file, references)).collect();
        let affected = ties.iter().map(|ties| ties.ties > 0).collect();
        let symbols = graph.first.last().copied().unwrap_or(0) as usize;
        let mut uses = vec![Vec::new(); symbols];
        for (from, to, scope) in &graph.uses {
            if *scope != Scope::Typing {
                uses[*from as usize].push((*to, *scope));
            }
        }
        let mut survey = Self {
            files,
            rules: input.rules,
            policy: input.policy,
            settings: input.settings,
            references,
            graph,
            ties,
            affected,
            uses,
            going: Going::default(),
            broken,
        };
        survey.going = deletions::find(&survey);
        survey
    }

    /// The path of a file.
    pub fn path(&self, file: u32) -> &str {
        &self.files[file as usize].source.path
    }

    /// `path:name` of a symbol.
    pub fn symbol_name(&self, node: u32) -> String {
        let (file, symbol) = self.graph.place(node);
        format!("{}:{}", self.path(file), self.references[file as usize].symbols[symbol as usize].name)
    }

    /// Whether a file is a module that others can import.
    pub fn is_module(&self, file: u32) -> bool {
        self.files[file as usize].source.kind != SourceKind::Notebook
    }

    /// What each file with ties needs of the other files with ties: when, and through which file without ties.
    pub fn needs(&self) -> Vec<FxHashMap<u32, (Scope, Option<u32>)>> {
        let mut starts: Vec<Vec<(u32, Scope)>> = vec![Vec::new(); self.files.len()];
        for edge in self.graph.edges.iter().filter(|edge| edge.scope != Scope::Typing) {
            starts[edge.from as usize].push((self.graph.node(edge.to, edge.symbol.unwrap_or(0)), edge.scope));
        }
        for (from, targets) in self.uses.iter().enumerate() {
            let file = self.graph.place(number(from)).0;
            starts[file as usize].extend(targets.iter().filter(|(to, _)| self.graph.place(*to).0 != file));
        }
        (0..self.files.len())
            .into_par_iter()
            .map(|file| if self.affected[file] { self.reach(number(file), &starts[file]) } else { FxHashMap::default() })
            .collect()
    }

    /// Files with ties that are reached from `starts` through symbols of files without ties.
    fn reach(&self, file: u32, starts: &[(u32, Scope)]) -> FxHashMap<u32, (Scope, Option<u32>)> {
        let mut found: FxHashMap<u32, (Scope, Option<u32>)> = FxHashMap::default();
        let mut seen = FxHashMap::default();
        let mut work: Vec<(u32, Scope, Option<u32>)> = starts.iter().map(|(node, scope)| (*node, *scope, None)).collect();
        work.sort_unstable();
        work.reverse();
        while let Some((node, scope, through)) = work.pop() {
            let at = self.graph.place(node).0;
            if at == file {
                continue;
            }
            if self.affected[at as usize] {
                let entry = found.entry(at).or_insert((scope, through));
                // The shortest way is the one to tell, and the earliest moment the one that counts.
                if (through.is_some(), scope) < (entry.1.is_some(), entry.0) {
                    *entry = (entry.0.min(scope), through);
                }
                entry.0 = entry.0.min(scope);
                continue;
            }
            if seen.insert(node, scope).is_none_or(|earlier| scope < earlier) {
                work.extend(self.uses[node as usize].iter().map(|(to, later)| (*to, scope.max(*later), through.or(Some(at)))));
            }
        }
        found
    }

    /// The modules that import each file, by statement or by what they use; type checkers' imports left out.
    pub fn importers(&self) -> Vec<Vec<u32>> {
        let mut importers: Adjacency = vec![Vec::new(); self.files.len()];
        for edge in self.graph.edges.iter().filter(|edge| edge.scope != Scope::Typing) {
            importers[edge.to as usize].push(edge.from);
        }
        for (from, targets) in self.uses.iter().enumerate() {
            let file = self.graph.place(number(from)).0;
            for (to, _) in targets {
                let to = self.graph.place(*to).0;
                if to != file {
                    importers[to as usize].push(file);
                }
            }
        }
        for list in &mut importers {
            list.sort_unstable();
            list.dedup();
        }
        importers
    }

    /// Whether a symbol is one that people import: not the body.
    pub fn is_named(&self, node: u32) -> bool {
        let (file, symbol) = self.graph.place(node);
        self.references[file as usize].symbols[symbol as usize].kind != SymbolKind::Body
    }
}
