//! Directed graphs of numbers: strongly connected components, levels, what is reached.

/// For each node, those it points to.
pub type Adjacency = Vec<Vec<u32>>;

/// Strongly connected components.
#[derive(Clone, Debug, Default)]
pub struct Components {
    /// The component of each node. A component has a higher number than those it points to.
    pub of: Vec<u32>,
    /// The nodes of each component, ascending.
    pub members: Vec<Vec<u32>>,
}

impl Components {
    /// Finds them, without recursion: graphs of imports are deep.
    pub fn new(graph: &Adjacency) -> Self {
        const UNSEEN: u32 = u32::MAX;
        let count = graph.len();
        let (mut index, mut low) = (vec![UNSEEN; count], vec![0_u32; count]);
        let mut on_stack = vec![false; count];
        let (mut stack, mut next) = (Vec::new(), 0);
        let mut result = Self { of: vec![0; count], members: Vec::new() };
        let mut work: Vec<(u32, usize)> = Vec::new();
        for root in 0..count {
            if index[root] != UNSEEN {
                continue;
            }
            work.push((number(root), 0));
            while let Some((node, child)) = work.pop() {
                let n = node as usize;
                if child == 0 {
                    index[n] = next;
                    low[n] = next;
                    next += 1;
                    stack.push(node);
                    on_stack[n] = true;
                }
                if let Some(&target) = graph[n].get(child) {
                    work.push((node, child + 1));
                    let t = target as usize;
                    if index[t] == UNSEEN {
                        work.push((target, 0));
                    } else if on_stack[t] {
                        low[n] = low[n].min(index[t]);
                    }
                    continue;
                }
                if low[n] == index[n] {
                    let component = number(result.members.len());
                    let mut members = Vec::new();
                    while let Some(member) = stack.pop() {
                        on_stack[member as usize] = false;
                        result.of[member as usize] = component;
                        members.push(member);
                        if member == node {
                            break;
                        }
                    }
                    members.sort_unstable();
                    result.members.push(members);
                }
                if let Some((parent, _)) = work.last() {
                    let p = *parent as usize;
                    low[p] = low[p].min(low[n]);
                }
            }
        }
        result
    }

    /// The graph between components, without loops and repetitions.
    pub fn condensed(&self, graph: &Adjacency) -> Adjacency {
        let mut edges: Adjacency = vec![Vec::new(); self.members.len()];
        for (node, targets) in graph.iter().enumerate() {
            let from = self.of[node];
            edges[from as usize].extend(targets.iter().map(|t| self.of[*t as usize]).filter(|to| *to != from));
        }
        for targets in &mut edges {
            targets.sort_unstable();
            targets.dedup();
        }
        edges
    }

    /// For each component, the longest way down from it.
    pub fn levels(&self, condensed: &Adjacency) -> Vec<u32> {
        let mut levels = vec![0; condensed.len()];
        // Components come after those they point to.
        for (component, targets) in condensed.iter().enumerate() {
            levels[component] = targets.iter().map(|t| levels[*t as usize] + 1).max().unwrap_or(0);
        }
        levels
    }
}

/// For each node, how many nodes can be reached from it (itself left out), and how many of those `marked` names.
pub fn reach(graph: &Adjacency, marked: &[bool]) -> Vec<(u32, u32)> {
    let components = Components::new(graph);
    let condensed = components.condensed(graph);
    let words = components.members.len().div_ceil(64);
    let mut sets: Vec<Vec<u64>> = Vec::with_capacity(components.members.len());
    let sizes: Vec<(u32, u32)> =
        components.members.iter().map(|m| (number(m.len()), number(m.iter().filter(|n| marked[**n as usize]).count()))).collect();
    let mut totals = Vec::with_capacity(components.members.len());
    for (component, targets) in condensed.iter().enumerate() {
        let mut set = vec![0_u64; words];
        set[component / 64] |= 1 << (component % 64);
        for target in targets {
            for (word, other) in set.iter_mut().zip(&sets[*target as usize]) {
                *word |= other;
            }
        }
        let (mut all, mut with_mark) = (0, 0);
        for (word, mut bits) in set.iter().copied().enumerate() {
            while bits != 0 {
                let (a, m) = sizes[word * 64 + bits.trailing_zeros() as usize];
                all += a;
                with_mark += m;
                bits &= bits - 1;
            }
        }
        totals.push((all, with_mark));
        sets.push(set);
    }
    (0..graph.len())
        .map(|node| {
            let (all, with_mark) = totals[components.of[node] as usize];
            (all - 1, with_mark - u32::from(marked[node]))
        })
        .collect()
}

/// The graph with all arrows turned round.
pub fn reversed(graph: &Adjacency) -> Adjacency {
    let mut result: Adjacency = vec![Vec::new(); graph.len()];
    for (from, targets) in graph.iter().enumerate() {
        for to in targets {
            result[*to as usize].push(number(from));
        }
    }
    result
}

/// An index as the number it is stored as; projects have fewer files and symbols than four billion.
pub fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_is_one_component_below_what_points_to_it() {
        // 0 → 1 ⇄ 2 → 3
        let graph = vec![vec![1], vec![2], vec![1, 3], vec![]];
        let components = Components::new(&graph);
        assert_eq!(components.members, [vec![3], vec![1, 2], vec![0]]);
        let condensed = components.condensed(&graph);
        assert_eq!(components.levels(&condensed), [0, 1, 2]);
        assert_eq!(reach(&graph, &[false, false, true, true]), [(3, 2), (2, 2), (2, 1), (0, 0)]);
    }

    #[test]
    fn a_deep_chain_needs_no_deep_stack() {
        let graph: Adjacency = (0..200_000).map(|n| if n + 1 < 200_000 { vec![n + 1] } else { vec![] }).collect();
        assert_eq!(Components::new(&graph).members.len(), 200_000);
    }
}
