//! Orders that are drawn over several lines: boxes and text joined by lines with arrowheads, in ASCII or with the characters
//! that Unicode has for it, and the diagrams of Mermaid and Graphviz. A drawing is read as a grid: lines are followed from cell
//! to cell, and an arrow leads from what its tail touches to what its head points at. Where a drawing can be read in two ways,
//! only what both say is taken; a line without a head says nothing.

use std::collections::{BTreeMap, BTreeSet};

/// An arrow of a drawing: texts, and the line of its head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// What it comes from.
    pub first: Vec<String>,
    /// What it leads to.
    pub then: Vec<String>,
    /// Line within the drawing, from 0.
    pub line: usize,
}

type Cell = (usize, usize);
type Step = (isize, isize);

const UP: Step = (-1, 0);
const DOWN: Step = (1, 0);
const LEFT: Step = (0, -1);
const RIGHT: Step = (0, 1);
/// How many spaces may part an arrow from the text beside it, and how many rows from the text above or below.
const GAP: usize = 3;
const ROWS: usize = 2;

/// What a character of the grid is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mark {
    Space,
    Text,
    /// A piece of a line: where it leads.
    Line(&'static [Step]),
    /// An arrowhead: where it points.
    Head(Step),
}

/// Reads the arrows of a drawing.
pub fn read(text: &str) -> Vec<Drawn> {
    Drawing::new(text).arrows()
}

/// Text or a box: where it stands, and what it says.
#[derive(Debug)]
struct Node {
    /// First and last row, first and last column.
    rows: (usize, usize),
    columns: (usize, usize),
    texts: Vec<String>,
}

struct Drawing {
    marks: Vec<Vec<Mark>>,
    nodes: Vec<Node>,
    /// Cells of the borders of boxes and of texts → their node.
    owner: BTreeMap<Cell, usize>,
    /// Nodes below this number are texts, the others boxes.
    texts: usize,
}

/// Cells that hang together, with what they touch.
#[derive(Default)]
struct Arrow {
    cells: BTreeSet<Cell>,
    tails: BTreeSet<usize>,
    heads: BTreeSet<usize>,
    /// The last arrowhead: its cell, and where it points.
    head: Option<(Cell, Step)>,
}

impl Drawing {
    fn new(text: &str) -> Self {
        let rows: Vec<Vec<char>> = text.lines().map(|line| line.replace('\t', "    ").chars().collect()).collect();
        let marks = rows.iter().enumerate().map(|(row, line)| (0..line.len()).map(|column| mark(&rows, row, column)).collect()).collect();
        let mut drawing = Self { marks, nodes: Vec::new(), owner: BTreeMap::new(), texts: 0 };
        drawing.find_texts(&rows);
        drawing.texts = drawing.nodes.len();
        drawing.find_boxes();
        drawing
    }

    fn at(&self, (row, column): Cell) -> &Mark {
        self.marks.get(row).and_then(|line| line.get(column)).unwrap_or(&Mark::Space)
    }

    /// Words of a row, as long as single spaces part them; behind a comma there may be more.
    fn find_texts(&mut self, rows: &[Vec<char>]) {
        for (row, line) in rows.iter().enumerate() {
            let is_text = |column: usize| self.marks[row][column] == Mark::Text && line[column] != ';';
            let mut column = 0;
            let mut found = Vec::new();
            while column < line.len() {
                if !is_text(column) {
                    column += 1;
                    continue;
                }
                let start = column;
                let mut end = column;
                while let Some(next) = (end + 1..line.len()).find(|next| self.marks[row][*next] != Mark::Space)
                    && is_text(next)
                    && (next - end <= 2 || line[end] == ',')
                {
                    end = next;
                }
                found.push((start, end));
                column = end + 1;
            }
            for (start, end) in found {
                let text = line[start..=end].iter().collect();
                self.owner.extend((start..=end).map(|column| ((row, column), self.nodes.len())));
                self.nodes.push(Node { rows: (row, row), columns: (start, end), texts: vec![text] });
            }
        }
    }

    /// Boxes, the largest first, so that a border that two share belongs to the smaller one.
    fn find_boxes(&mut self) {
        let mut boxes = Vec::new();
        for row in 0..self.marks.len() {
            for column in 0..self.marks[row].len() {
                if self.leads((row, column), RIGHT) && self.leads((row, column), DOWN) {
                    boxes.extend(self.box_at(row, column).map(|(bottom, right)| (row, column, bottom, right)));
                }
            }
        }
        boxes.sort_by_key(|(top, left, bottom, right)| std::cmp::Reverse((bottom - top) * (right - left)));
        for (top, left, bottom, right) in boxes {
            let number = self.nodes.len();
            let inside = |node: &&Node| node.rows.0 > top && node.rows.1 < bottom && node.columns.0 > left && node.columns.1 < right;
            let texts = self.nodes[..self.texts].iter().filter(inside).flat_map(|node| node.texts.clone()).collect();
            self.owner.extend((left..=right).flat_map(|column| [((top, column), number), ((bottom, column), number)]));
            self.owner.extend((top..=bottom).flat_map(|row| [((row, left), number), ((row, right), number)]));
            self.nodes.push(Node { rows: (top, bottom), columns: (left, right), texts });
        }
    }

    /// The smallest box whose upper left corner is there: its last row and column.
    fn box_at(&self, top: usize, left: usize) -> Option<(usize, usize)> {
        for right in (left + 1..self.marks[top].len()).take_while(|column| self.leads((top, *column), LEFT)) {
            if !self.leads((top, right), DOWN) {
                continue;
            }
            for bottom in (top + 1..self.marks.len()).take_while(|row| self.leads((*row, left), UP) && self.leads((*row, right), UP)) {
                let along = |column: usize| self.leads((bottom, column), LEFT) && self.leads((bottom, column), RIGHT);
                let closes = self.leads((bottom, left), RIGHT) && self.leads((bottom, right), LEFT);
                if bottom > top + 1 && closes && (left + 1..right).all(along) {
                    return Some((bottom, right));
                }
            }
        }
        None
    }

    /// Whether the line in a cell leads on in a direction. An arrowhead on a border interrupts nothing.
    fn leads(&self, cell: Cell, step: Step) -> bool {
        match self.at(cell) {
            Mark::Line(steps) => steps.contains(&step),
            Mark::Head(_) => true,
            _ => false,
        }
    }

    fn arrows(&self) -> Vec<Drawn> {
        let mut seen: BTreeSet<Cell> = BTreeSet::new();
        let mut arrows = Vec::new();
        for row in 0..self.marks.len() {
            for column in 0..self.marks[row].len() {
                let is_line = matches!(self.at((row, column)), Mark::Line(_) | Mark::Head(_));
                if is_line && !self.is_border((row, column)) && !seen.contains(&(row, column)) {
                    let arrow = self.follow((row, column));
                    seen.extend(&arrow.cells);
                    arrows.push(arrow);
                }
            }
        }
        let mut drawn = Vec::new();
        for index in 0..arrows.len() {
            let Some((head, step)) = arrows[index].head else { continue };
            let (mut tails, mut heads) = (arrows[index].tails.clone(), arrows[index].heads.clone());
            if tails.is_empty() {
                tails = self.before(&arrows, index, step);
            }
            if heads.is_empty() {
                heads = self.after(&arrows, index, head, step);
            }
            let texts = |nodes: &BTreeSet<usize>| nodes.iter().flat_map(|node| self.nodes[*node].texts.clone()).collect::<Vec<_>>();
            let (first, then) = (texts(&tails), texts(&heads));
            if !first.is_empty() && !then.is_empty() && tails.is_disjoint(&heads) {
                drawn.push(Drawn { first, then, line: head.0 });
            }
        }
        drawn
    }

    fn is_border(&self, cell: Cell) -> bool {
        self.owner.get(&cell).is_some_and(|node| *node >= self.texts) && !matches!(self.at(cell), Mark::Head(_))
    }

    /// All that hangs together with a cell.
    fn follow(&self, start: Cell) -> Arrow {
        let mut arrow = Arrow::default();
        let mut open = vec![start];
        while let Some(cell) = open.pop() {
            if !arrow.cells.insert(cell) {
                continue;
            }
            let (tail_steps, head): (Vec<Step>, Option<Step>) = match self.at(cell) {
                Mark::Line(steps) => (steps.to_vec(), None),
                // What leads to a head may come from aside, too.
                Mark::Head(step) if step.0 != 0 => (vec![(-step.0, 0), (-step.0, -1), (-step.0, 1)], Some(*step)),
                Mark::Head(step) => (vec![(0, -step.1)], Some(*step)),
                _ => continue,
            };
            if let Some(step) = head {
                arrow.head = Some((cell, step));
                // A head on the border of a box points at that box.
                let target = self.owner.get(&cell).copied().or_else(|| self.touched(cell, step));
                arrow.heads.extend(target);
            }
            for step in tail_steps {
                let Some(next) = moved(cell, step) else { continue };
                let joined = match self.at(next) {
                    _ if self.is_border(next) => false,
                    Mark::Line(steps) => steps.contains(&(-step.0, -step.1)) || (head.is_some() && (step.0 == 0 || step.1 == 0)),
                    Mark::Head(points) => *points == step || (points.0 == step.0 && points.0 != 0),
                    _ => false,
                };
                match joined {
                    true => open.push(next),
                    false if step.0 == 0 || step.1 == 0 || head.is_none() => arrow.tails.extend(self.touched(cell, step)),
                    false => {}
                }
            }
        }
        // What lies in front of a head is no tail, although the line may touch it as well.
        arrow.tails.retain(|node| !arrow.heads.contains(node));
        arrow
    }

    /// The box or text that one meets from a cell in a direction, over a few spaces.
    fn touched(&self, cell: Cell, step: Step) -> Option<usize> {
        let reach = match self.at(cell) {
            // A crossing of ASCII leads everywhere: only what it meets at once counts.
            Mark::Line(steps) if steps.len() == 4 => 1,
            _ if step.0 == 0 => GAP + 1,
            _ => ROWS,
        };
        let mut at = cell;
        for _ in 0..reach {
            at = moved(at, step)?;
            // A line rarely stands under the middle of a word: a column more or less will do.
            let near = if step.0 == 0 { vec![at] } else { [Some(at), moved(at, LEFT), moved(at, RIGHT)].into_iter().flatten().collect() };
            if let Some(node) = near.iter().find_map(|cell| self.owner.get(cell)) {
                return Some(*node);
            }
            if *self.at(at) != Mark::Space {
                return None;
            }
        }
        None
    }

    /// Texts of a row.
    fn row(&self, row: usize) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.texts).filter(move |node| self.nodes[*node].rows.0 == row)
    }

    fn is_blank(&self, row: usize) -> bool {
        self.marks.get(row).is_none_or(|line| line.iter().all(|mark| *mark == Mark::Space))
    }

    /// Whether nothing stands in the rows of an arrow but that arrow.
    fn is_alone(&self, arrows: &[Arrow], index: usize) -> bool {
        let rows: BTreeSet<usize> = arrows[index].cells.iter().map(|cell| cell.0).collect();
        let others = arrows
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index)
            .any(|(_, other)| other.cells.iter().any(|cell| rows.contains(&cell.0)));
        !others && rows.iter().all(|row| self.row(*row).next().is_none())
    }

    /// What an arrow comes from that touches nothing: the row above, or what a line that begins with an arrow goes on from.
    fn before(&self, arrows: &[Arrow], index: usize, step: Step) -> BTreeSet<usize> {
        let arrow = &arrows[index];
        let Some((top, left)) = arrow.cells.first().copied() else { return BTreeSet::new() };
        if step == DOWN && self.is_alone(arrows, index) {
            let above = (0..top).rev().take(ROWS).find(|row| !self.is_blank(*row));
            return above.map(|row| self.row(row).collect()).unwrap_or_default();
        }
        if step != RIGHT || self.row(top).any(|node| self.nodes[node].columns.0 < left) {
            return BTreeSet::new();
        }
        let above = (0..top).rev().take_while(|row| !self.is_blank(*row));
        above.filter_map(|row| self.row(row).rev().find(|node| self.nodes[*node].columns.0 < left)).take(1).collect()
    }

    /// What an arrow leads to that points at nothing: the row below, or the beginning of the next line.
    fn after(&self, arrows: &[Arrow], index: usize, head: Cell, step: Step) -> BTreeSet<usize> {
        let bottom = arrows[index].cells.last().map_or(head.0, |cell| cell.0);
        if step == DOWN && self.is_alone(arrows, index) {
            let below = (bottom + 1..self.marks.len()).take(ROWS).find(|row| !self.is_blank(*row));
            return below.map(|row| self.row(row).collect()).unwrap_or_default();
        }
        if step != RIGHT || self.row(head.0).any(|node| self.nodes[node].columns.0 > head.1) {
            return BTreeSet::new();
        }
        let Some(first) = self.row(head.0 + 1).next() else { return BTreeSet::new() };
        let column = self.nodes[first].columns.0;
        let begins = (0..column).all(|before| *self.at((head.0 + 1, before)) == Mark::Space);
        begins.then_some(first).into_iter().collect()
    }
}

fn moved((row, column): Cell, step: Step) -> Option<Cell> {
    Some((row.checked_add_signed(step.0)?, column.checked_add_signed(step.1)?))
}

/// Characters of lines by where they lead.
const LINES: &[(&str, &[Step])] = &[
    ("─━═╌╍┄┅┈┉", &[LEFT, RIGHT]),
    ("│┃║╎╏┆┇┊┋", &[UP, DOWN]),
    ("┌┏╔╭╒╓", &[DOWN, RIGHT]),
    ("┐┓╗╮╕╖", &[DOWN, LEFT]),
    ("└┗╚╰╘╙", &[UP, RIGHT]),
    ("┘┛╝╯╛╜", &[UP, LEFT]),
    ("├┣╠╞╟┝┠", &[UP, DOWN, RIGHT]),
    ("┤┫╣╡╢┥┨", &[UP, DOWN, LEFT]),
    ("┬┳╦╤╥┯┰", &[DOWN, LEFT, RIGHT]),
    ("┴┻╩╧╨┷┸", &[UP, LEFT, RIGHT]),
    ("┼╋╬╪╫┿╂", &[UP, DOWN, LEFT, RIGHT]),
];
/// Arrowheads by where they point.
const HEADS: &[(&str, Step)] = &[("→⟶⇒▶►▸", RIGHT), ("←⟵⇐◀◄◂", LEFT), ("↓⇓▼▾⬇", DOWN), ("↑⇑▲▴⬆", UP)];

fn mark(rows: &[Vec<char>], row: usize, column: usize) -> Mark {
    let at = |step: Step| moved((row, column), step).and_then(|(row, column)| rows.get(row)?.get(column).copied()).unwrap_or(' ');
    let here = rows[row][column];
    if let Some((_, steps)) = LINES.iter().find(|(characters, _)| characters.contains(here)) {
        return Mark::Line(steps);
    }
    if let Some((_, step)) = HEADS.iter().find(|(characters, _)| characters.contains(here)) {
        return Mark::Head(*step);
    }
    let (left, right, above, below) = (at(LEFT), at(RIGHT), at(UP), at(DOWN));
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let is_flat = |c: char| matches!(c, '-' | '=' | '+') || LINES[0].0.contains(c);
    let is_upright = |c: char| matches!(c, '|' | '+') || LINES.iter().skip(1).any(|(characters, _)| characters.contains(c));
    let is_slanted = |c: char| matches!(c, '/' | '\\');
    let lone = !is_word(left) && !is_word(right);
    match here {
        c if c.is_whitespace() => Mark::Space,
        '>' if is_flat(left) => Mark::Head(RIGHT),
        '<' if is_flat(right) && right != '=' => Mark::Head(LEFT),
        'v' | 'V' if lone && (is_upright(above) || is_slanted(at((-1, -1))) || is_slanted(at((-1, 1)))) => Mark::Head(DOWN),
        '^' if lone && (is_upright(below) || is_slanted(at((1, -1))) || is_slanted(at((1, 1)))) => Mark::Head(UP),
        '|' => Mark::Line(&[UP, DOWN]),
        '+' if is_flat(left) || is_flat(right) || is_upright(above) || is_upright(below) => Mark::Line(&[UP, DOWN, LEFT, RIGHT]),
        '-' | '=' if is_flat(left) || is_flat(right) || right == '>' || left == '<' || is_upright(left) || is_upright(right) => {
            Mark::Line(&[LEFT, RIGHT])
        }
        '/' if lone => Mark::Line(&[(-1, 1), (1, -1)]),
        '\\' if lone => Mark::Line(&[(-1, -1), (1, 1)]),
        _ => Mark::Text,
    }
}

/// Reads the arrows of a diagram in the language of Mermaid or of Graphviz. Nodes go by their labels.
pub fn diagram(text: &str) -> Vec<Drawn> {
    let mut labels: BTreeMap<String, String> = BTreeMap::new();
    let mut drawn: Vec<Drawn> = Vec::new();
    for (line, text) in text.lines().enumerate() {
        let text = text.split("%%").next().unwrap_or_default().trim().trim_end_matches(';');
        let text = ["-.->", "==>", "-->", "->"].iter().fold(text.to_owned(), |text, arrow| text.replace(arrow, "→"));
        let groups: Vec<Vec<String>> = text
            .split('→')
            .map(|part| {
                // `|needs|` is what the arrow says, and so is `-- needs` before it.
                let part = part.trim().strip_prefix('|').and_then(|rest| rest.split_once('|')).map_or(part, |(_, rest)| rest);
                let part = part.split(" -- ").next().unwrap_or(part);
                part.split('&').filter_map(|node| named(node.trim(), &mut labels)).collect()
            })
            .collect();
        for pair in groups.windows(2) {
            if let [first, then] = pair {
                drawn.push(Drawn { first: first.clone(), then: then.clone(), line });
            }
        }
    }
    for arrow in &mut drawn {
        for name in arrow.first.iter_mut().chain(&mut arrow.then) {
            if let Some(label) = labels.get(name) {
                name.clone_from(label);
            }
        }
    }
    drawn
}

/// The name of a node, as written in `a["label"]`, `a(label)`, `a [label="label"]` or alone; its label is noted.
fn named(text: &str, labels: &mut BTreeMap<String, String>) -> Option<String> {
    let end = text.find(['[', '(', '{']).unwrap_or(text.len());
    let name = text[..end].trim().trim_matches('"').to_owned();
    let label = text[end..].trim_matches(['[', ']', '(', ')', '{', '}']);
    let label = label.split_once("label=").map_or(label, |(_, label)| label);
    let label = label.trim_start_matches('"').split('"').next().unwrap_or(label).split(":::").next().unwrap_or_default();
    if !label.is_empty() && !name.is_empty() && !name.contains(char::is_whitespace) {
        labels.insert(name.clone(), label.trim_end_matches([']', ')', '}']).to_owned());
    }
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `first > then`, in the order in which the arrows are found.
    fn arrows(text: &str) -> Vec<String> {
        read(text).iter().map(|arrow| format!("{} > {}", arrow.first.join(" & "), arrow.then.join(" & "))).collect()
    }

    #[test]
    fn arrows_lead_from_box_to_box() {
        let text = "\
┌────────┐     ┌───────────┐
│ gate   │────▶│ recursion │
│ dtype  │     └─────┬─────┘
└────────┘           │
                     ▼
                ┌─────────┐
                │ trainer │
                └─────────┘
";
        assert_eq!(arrows(text), ["gate & dtype > recursion", "recursion > trainer"]);
        let ascii = text.replace(['┌', '┐', '└', '┘', '┬'], "+").replace('─', "-").replace('│', "|").replace('▶', ">").replace('▼', "v");
        assert_eq!(arrows(&ascii), ["gate & dtype > recursion", "recursion > trainer"]);
    }

    #[test]
    fn lines_fork_and_join() {
        let fork = "\
  gate
   |
   +--------+
   |        |
   v        v
  mlp      cnn
";
        assert_eq!(arrows(fork), ["gate > mlp & cnn"]);
        let slanted = "   gate\n  /    \\\n v      v\nmlp    cnn\n";
        assert_eq!(arrows(slanted), ["gate > mlp", "gate > cnn"]);
        let joined = "a.py ──┐\n       ├──▶ c.py\nb.py ──┘\n";
        assert_eq!(arrows(joined), ["a.py & b.py > c.py"]);
    }

    #[test]
    fn orders_go_on_in_the_next_line() {
        assert_eq!(arrows("1, 2 -> 3\n     -> 4, 5\n"), ["1, 2 > 3", "1, 2 > 4, 5"]);
        assert_eq!(arrows("data\n  -> norm\n       -> gate\n  -> loss\n"), ["data > norm", "norm > gate", "data > loss"]);
        assert_eq!(arrows("1, 2 ->\n3 -> 4\n"), ["1, 2 > 3", "3 > 4"]);
        assert_eq!(arrows("data, fitness\n      ↓\nnorm      gate\n"), ["data, fitness > norm & gate"]);
        assert_eq!(arrows("a -> b    c -> d; e -> f\n"), ["a > b", "c > d", "e > f"]);
    }

    #[test]
    fn what_is_no_arrow_says_nothing() {
        for text in [
            "pkg\n├── gate.py\n└── loss.py\n",
            "| a | b |\n|---|---|\n| 1 | 2 |\n",
            "x = a | b\nif a > b: v = 1\n",
            "$ purify scan --quiet src/nn\n",
            "┌───┐   ┌───┐\n│ a │───│ b │\n└───┘   └───┘\n",
            "",
        ] {
            assert_eq!(arrows(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn diagrams_name_their_nodes_once() {
        let mermaid = "flowchart LR\n  g[\"nn/gate.py\"] --> r(nn/recursion.py):::ready\n  g -->|then| t & u\n  t[trainer.py]\n";
        let expected = [("nn/gate.py", "nn/recursion.py"), ("nn/gate.py", "trainer.py & u")];
        let found: Vec<(String, String)> = diagram(mermaid).iter().map(|d| (d.first.join(" & "), d.then.join(" & "))).collect();
        assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        let dot = "digraph plan {\n  g [label=\"nn/gate.py\"];\n  g -> \"loss.py\";\n}\n";
        let found = diagram(dot);
        assert_eq!((found[0].first.as_slice(), found[0].then.as_slice()), (&["nn/gate.py".to_owned()][..], &["loss.py".to_owned()][..]));
    }
}
