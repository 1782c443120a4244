//! What ties a file to the libraries, symbol by symbol, and what of the target each symbol needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use ruff_text_size::TextRange;
use rustc_hash::FxHashMap;

use super::effort::Sites;
use super::inventory::{Inventory, operator};
use super::model::{Blocker, Exception};
use super::references::{References, SymbolKind};
use super::settings::Settings;
use crate::FileReport;
use crate::codes::{self, Family};
use crate::finding::{Finding, Severity};
use crate::policy::Policy;
use crate::rewrite::{Outcome, Site};
use crate::rules::RuleSet;
use crate::rules::op::{ALIAS, Action, Applicability, Piece, Rule, Template};
use crate::rules::target::Operators;

/// What one symbol has to do with the libraries.
#[derive(Clone, Debug, Default)]
pub struct SymbolTies {
    /// Findings that have to go.
    pub ties: usize,
    /// Its sites.
    pub sites: Sites,
    /// What the target lacks for it, with the number of sites.
    pub needs: BTreeMap<Blocker, usize>,
    /// Classes on a module base.
    pub modules: usize,
    /// Whether it is a class that the target makes obsolete.
    pub obsolete: bool,
}

/// What one file has to do with the libraries.
#[derive(Clone, Debug, Default)]
pub struct FileTies {
    /// By symbol.
    pub symbols: Vec<SymbolTies>,
    /// Open findings by family.
    pub findings: BTreeMap<String, usize>,
    /// Findings that have to go.
    pub ties: usize,
    /// Findings that the target takes as they are.
    pub kept: usize,
    /// Places where a library is kept.
    pub exceptions: Vec<Exception>,
    /// Findings that these stand for.
    pub excepted: usize,
    /// For each missing op or API, the APIs that lead to it.
    pub apis: BTreeMap<Blocker, Vec<Arc<str>>>,
}

/// Reads rules by their names.
pub struct Knowledge<'a> {
    rules: &'a RuleSet,
    policy: &'a Policy,
    settings: &'a Settings,
    inventory: &'a Inventory,
    by_id: FxHashMap<&'a str, &'a Rule>,
}

impl<'a> Knowledge<'a> {
    /// Indexes the rules.
    pub fn new(rules: &'a RuleSet, policy: &'a Policy, settings: &'a Settings, inventory: &'a Inventory) -> Self {
        let by_id = rules.rules.rules.iter().map(|rule| (&*rule.id, rule)).collect();
        Self { rules, policy, settings, inventory, by_id }
    }

    /// What `report` says about the symbols of `references`.
    pub fn file(&self, report: &FileReport, references: &References) -> FileTies {
        let mut out = FileTies { symbols: vec![SymbolTies::default(); references.symbols.len()], ..FileTies::default() };
        let mut sites: FxHashMap<&str, Vec<TextRange>> = FxHashMap::default();
        for site in &report.sites {
            sites.entry(&site.name).or_default().push(site.range);
        }
        let lines = report.source.line_index();
        let line = |range: TextRange| report.source.position(&lines, range.start()).line;
        let mut excepted: BTreeMap<(String, String, &'static str), (usize, usize)> = BTreeMap::new();
        let mut except = |finding: &Finding, reason: &str, by: &'static str| {
            let entry = excepted.entry((finding.name.clone(), reason.to_owned(), by)).or_insert((line(finding.range), 0));
            entry.1 += 1;
        };
        for finding in &report.findings {
            let family = finding.code.family();
            if family == Family::Health {
                continue;
            }
            if let Some(reason) = self.boundary(&finding.name, &report.source.path) {
                except(finding, reason, "boundary");
                continue;
            }
            *out.findings.entry(family.as_str().to_owned()).or_insert(0) += 1;
            let index = references.symbol_at(finding.range);
            let Some(symbol) = out.symbols.get_mut(index as usize) else { continue };
            let rewritten = self.inventory.keeps_operators() && self.rules.target.operators == Operators::Functions;
            if family == Family::Operators && finding.code != codes::IN_PLACE_METHOD && !rewritten {
                match self.operator_need(finding) {
                    Some(need) => {
                        symbol.ties += 1;
                        out.ties += 1;
                        symbol.sites.refused += 1;
                        *symbol.needs.entry(need).or_insert(0) += 1;
                    }
                    None => {
                        symbol.sites.kept += 1;
                        out.kept += 1;
                    }
                }
                continue;
            }
            if finding.severity == Severity::Info {
                out.kept += 1;
                continue;
            }
            symbol.ties += 1;
            out.ties += 1;
            if finding.code == codes::MODULE_SUBCLASS {
                // What derives from a class of the project is ported with that class.
                symbol.modules += usize::from(self.rules.facts.library_of(&finding.name).is_some());
                continue;
            }
            if self.settings.obsolete.iter().any(|selector| selector.contains(finding.code))
                && references.symbols[index as usize].kind == SymbolKind::Class
                && references.symbols[index as usize].bases.iter().any(|base| *base == report.source.text[finding.range])
            {
                symbol.obsolete = true;
            }
            let seen =
                sites.get(finding.name.as_str()).is_some_and(|ranges| ranges.iter().any(|range| range.contains_range(finding.range)));
            if !seen && family != Family::Imports {
                symbol.sites.unknown += 1;
            }
        }
        for silenced in &report.suppressed {
            except(&silenced.finding, &silenced.reason, "comment");
        }
        for site in &report.sites {
            let kept_here = report.suppressed.iter().any(|s| site.range.contains_range(s.finding.range) && *site.name == *s.finding.name);
            if kept_here || self.boundary(&site.name, &report.source.path).is_some() {
                continue;
            }
            let Some(symbol) = out.symbols.get_mut(references.symbol_at(site.range) as usize) else { continue };
            let needs = self.site(site, symbol);
            for need in needs {
                let apis = out.apis.entry(need.clone()).or_default();
                if !apis.contains(&site.name) {
                    apis.push(Arc::clone(&site.name));
                }
                *symbol.needs.entry(need).or_insert(0) += 1;
            }
        }
        out.excepted = excepted.values().map(|(_, count)| count).sum();
        let path = report.source.path.to_string();
        out.exceptions = excepted
            .into_iter()
            .map(|((name, reason, by), (line, findings))| Exception { path: path.clone(), line, name, findings, reason, by })
            .collect();
        out
    }

    /// The reason why the file at `path` may use `name`, if a boundary allows it.
    fn boundary(&self, name: &str, path: &str) -> Option<&str> {
        let boundary = self.policy.boundaries.iter().find(|boundary| {
            name.strip_prefix(boundary.module.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                && boundary.allow.iter().any(|glob| glob.matches(path))
        })?;
        Some(&boundary.reason)
    }

    fn operator_need(&self, finding: &Finding) -> Option<Blocker> {
        if self.inventory.keeps_operators() {
            return None;
        }
        let unary = finding.code == codes::UNARY;
        let symbol = finding.name.as_str();
        if finding.code == codes::SUBSCRIPT_ASSIGNMENT {
            return (!self.inventory.has("__setitem__")).then(|| Blocker::Op("__setitem__".to_owned()));
        }
        let (_, op) = operator(symbol, unary)?;
        (!self.inventory.has_operator(symbol, unary)).then(|| Blocker::Op(op.to_owned()))
    }

    /// Counts a site; gives what the target lacks for it.
    fn site(&self, site: &Site, symbol: &mut SymbolTies) -> Vec<Blocker> {
        let (applicability, id) = match &site.outcome {
            Outcome::Fix { rule, applicability, .. } => (Some(*applicability), Some(rule)),
            Outcome::Kept { .. } => {
                symbol.sites.kept += 1;
                return Vec::new();
            }
            Outcome::Refused { rule, .. } => (None, rule.as_ref()),
        };
        let canonical = self.rules.facts.canonical(&site.name);
        let rule = id.and_then(|id| self.by_id.get(&**id).copied()).or_else(|| self.rules.rules.of(&canonical).last());
        let missing: Vec<Blocker> = match rule {
            // A target without layers is what the classes of the project are written for.
            Some(rule) if rule.class => Vec::new(),
            Some(rule) => ops_of(rule).into_iter().filter(|op| !self.inventory.has(op)).map(Blocker::Op).collect(),
            None if self.inventory.has_api(&canonical) => Vec::new(),
            // A base class is ported with the class that derives from it.
            None if self.is_base(&canonical) => Vec::new(),
            None => vec![Blocker::Api(canonical.into_owned())],
        };
        // What the rule writes is no fix where the target lacks it.
        match applicability.filter(|_| missing.is_empty()) {
            Some(Applicability::Safe) => symbol.sites.safe += 1,
            Some(Applicability::Unsafe) => symbol.sites.review += 1,
            Some(Applicability::Display) | None => symbol.sites.refused += 1,
        }
        missing
    }

    fn is_base(&self, api: &str) -> bool {
        self.rules.facts.get(api).is_some_and(|fact| fact.traits.has(crate::rules::Trait::ModuleBase))
    }
}

/// The ops that a rule writes.
fn ops_of(rule: &Rule) -> Vec<String> {
    match &rule.action {
        Action::Call(_) => rule.op.iter().map(ToString::to_string).collect(),
        Action::Template(template) | Action::Statement(template) => ops_in(template),
        Action::Refuse(_) | Action::Drop | Action::Keep => Vec::new(),
    }
}

/// The dotted names after the alias of the target in a template.
fn ops_in(template: &Template) -> Vec<String> {
    let mut ops = Vec::new();
    for piece in &template.0 {
        let Piece::Text(text) = piece else { continue };
        for part in text.split(ALIAS).skip(1) {
            let dotted: String = part.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.')).collect();
            let name = dotted.trim_matches('.');
            if !name.is_empty() {
                ops.push(name.to_owned());
            }
        }
    }
    ops
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_names_its_ops() {
        let text = format!("{ALIAS}.concat([{ALIAS}.linalg.qr(");
        let template = Template(vec![Piece::Text(text.into()), Piece::Hole("x".into()), Piece::Text(")])".into())]);
        assert_eq!(ops_in(&template), ["concat", "linalg.qr"]);
    }
}
