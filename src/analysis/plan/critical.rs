//! The critical path: the chain of ops and files that takes longest even if everything else is done beside it.

use std::collections::BTreeMap;

use super::effort::rounded;
use super::model::{Blocker, CriticalPath};

/// One step: hours, the steps it needs, the ops it needs, and its files.
pub struct Node {
    /// Hours.
    pub hours: f64,
    /// Numbers of earlier steps that it needs.
    pub after: Vec<usize>,
    /// What the target has to have first.
    pub ops: Vec<Blocker>,
    /// Its files.
    pub files: Vec<String>,
}

/// The longest chain through `nodes`, of which each needs earlier ones only; `cost` are the hours of what the target lacks.
pub fn longest(nodes: &[Node], cost: &BTreeMap<Blocker, f64>) -> CriticalPath {
    #[derive(Clone)]
    enum From {
        Start,
        Step(usize),
        Op(Blocker),
    }
    let mut ends: Vec<(f64, From)> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let mut best = (0.0, From::Start);
        for step in &node.after {
            if ends[*step].0 > best.0 {
                best = (ends[*step].0, From::Step(*step));
            }
        }
        for op in &node.ops {
            let hours = cost.get(op).copied().unwrap_or(0.0);
            if hours > best.0 {
                best = (hours, From::Op(op.clone()));
            }
        }
        ends.push((best.0 + node.hours, best.1));
    }
    let mut last: Option<usize> = None;
    for (index, (hours, _)) in ends.iter().enumerate() {
        if last.is_none_or(|known| *hours > ends[known].0) {
            last = Some(index);
        }
    }
    let Some(mut at) = last else { return CriticalPath::default() };
    let hours = rounded(ends[at].0);
    let mut chain = Vec::new();
    loop {
        chain.extend(nodes[at].files.iter().rev().map(|file| Blocker::File(file.clone())));
        match &ends[at].1 {
            From::Start => break,
            From::Op(op) => {
                chain.push(op.clone());
                break;
            }
            From::Step(step) => at = *step,
        }
    }
    chain.reverse();
    CriticalPath { hours, nodes: chain }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, hours: f64, after: &[usize], ops: &[&str]) -> Node {
        let ops = ops.iter().map(|op| Blocker::Op((*op).to_owned())).collect();
        Node { hours, after: after.to_vec(), ops, files: vec![name.to_owned()] }
    }

    #[test]
    fn an_op_that_is_missing_is_part_of_the_chain() {
        let nodes = [node("a", 1.0, &[], &["concat"]), node("b", 3.0, &[], &[]), node("c", 2.0, &[0, 1], &[])];
        let cost = BTreeMap::from([(Blocker::Op("concat".to_owned()), 4.0)]);
        let path = longest(&nodes, &cost);
        assert_eq!(path.hours, 7.0);
        assert_eq!(path.nodes.iter().map(Blocker::name).collect::<Vec<_>>(), ["concat", "a", "c"]);
    }
}
