//! New text for cells of a notebook, put into its JSON so that every other byte stays.

/// `json` with the sources of some code cells replaced: (number of the cell among all, 1-based; its new source).
pub fn replace(json: &str, cells: &[(usize, String)]) -> Result<String, String> {
    let mut scanner = Scanner { text: json, at: 0 };
    let spans = scanner.sources().ok_or("its JSON is not laid out as a notebook's")?;
    let ascii = json.is_ascii();
    let mut out = String::with_capacity(json.len() + 256);
    let mut done = 0;
    let mut sorted: Vec<&(usize, String)> = cells.iter().collect();
    sorted.sort_by_key(|(number, _)| *number);
    for (number, new) in sorted {
        let (start, end) = number.checked_sub(1).and_then(|i| spans.get(i)).copied().flatten().ok_or("a cell has no source")?;
        out.push_str(&json[done..start]);
        out.push_str(&source(&json[start..end], new, ascii)?);
        done = end;
    }
    out.push_str(&json[done..]);
    Ok(out)
}

/// The JSON of a source that was written as `old`: one string, or a list of lines of which those that stay keep their bytes.
fn source(old: &str, new: &str, ascii: bool) -> Result<String, String> {
    if old.starts_with('"') {
        return Ok(quoted(new, ascii));
    }
    let mut scanner = Scanner { text: old, at: 0 };
    let items = scanner.items().ok_or("the source of a cell is no list of lines")?;
    let decoded: Vec<String> =
        items.iter().map(|(a, b)| serde_json::from_str(&old[*a..*b]).map_err(|e| e.to_string())).collect::<Result<_, _>>()?;
    let lines: Vec<&str> = new.split_inclusive('\n').collect();
    let (Some(first), Some(last)) = (items.first(), items.last()) else {
        return Ok(format!("[{}]", lines.iter().map(|line| quoted(line, ascii)).collect::<Vec<_>>().join(", ")));
    };
    let same_head = decoded.iter().zip(&lines).take_while(|(a, b)| a == *b).count();
    let rest = decoded.len().min(lines.len()) - same_head;
    let same_tail = decoded.iter().rev().zip(lines.iter().rev()).take(rest).take_while(|(a, b)| a == *b).count();
    let separator = if items.len() > 1 { &old[items[0].1..items[1].0] } else { ", " };
    let raw = |i: usize| old[items[i].0..items[i].1].to_owned();
    let mut parts: Vec<String> = (0..same_head).map(raw).collect();
    parts.extend(lines[same_head..lines.len() - same_tail].iter().map(|line| quoted(line, ascii)));
    parts.extend((decoded.len() - same_tail..decoded.len()).map(raw));
    Ok(format!("{}{}{}", &old[..first.0], parts.join(separator), &old[last.1..]))
}

fn quoted(text: &str, ascii: bool) -> String {
    let json = serde_json::Value::from(text).to_string();
    if !ascii {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        }
    }
    out
}

/// Finds places in JSON. The text has been read as a notebook before, so what is odd only ends the search.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl Scanner<'_> {
    /// For each cell, where the value of its `source` stands.
    fn sources(&mut self) -> Option<Vec<Option<(usize, usize)>>> {
        let mut spans = Vec::new();
        let mut cells = None;
        self.object(|key, scanner| {
            if key == "cells" {
                let mut found = Some(Vec::new());
                scanner.array(|scanner| {
                    let mut source = None;
                    scanner.object(|key, scanner| {
                        let start = scanner.blank();
                        scanner.value()?;
                        if key == "source" {
                            source = Some((start, scanner.at));
                        }
                        Some(())
                    })?;
                    if let Some(found) = &mut found {
                        found.push(source);
                    }
                    Some(())
                })?;
                cells = found;
                Some(())
            } else {
                scanner.value()
            }
        })?;
        spans.append(&mut cells?);
        Some(spans)
    }

    /// The places of the elements of an array.
    fn items(&mut self) -> Option<Vec<(usize, usize)>> {
        let mut items = Vec::new();
        self.array(|scanner| {
            let start = scanner.blank();
            scanner.value()?;
            items.push((start, scanner.at));
            Some(())
        })?;
        Some(items)
    }

    fn blank(&mut self) -> usize {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.at
    }

    fn peek(&mut self) -> Option<u8> {
        self.blank();
        self.text.as_bytes().get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn array(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(b'[')?;
        if self.peek()? == b']' {
            self.at += 1;
            return Some(());
        }
        loop {
            element(self)?;
            match self.peek()? {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    fn object(&mut self, mut member: impl FnMut(&str, &mut Self) -> Option<()>) -> Option<()> {
        self.expect(b'{')?;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            let start = self.blank();
            self.string()?;
            let key: String = serde_json::from_str(&self.text[start..self.at]).ok()?;
            self.expect(b':')?;
            member(&key, self)?;
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        self.expect(b'"')?;
        loop {
            match self.text.as_bytes().get(self.at)? {
                b'\\' => self.at += 2,
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                _ => self.at += 1,
            }
        }
    }

    fn value(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string(),
            b'[' => self.array(Self::value),
            b'{' => self.object(|_, scanner| scanner.value()),
            _ => {
                let rest = &self.text[self.at..];
                let end = rest.find([',', ']', '}', ' ', '\n', '\r', '\t']).unwrap_or(rest.len());
                self.at += end;
                (end > 0).then_some(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTEBOOK: &str = "{\n \"cells\": [\n  {\"cell_type\": \"markdown\", \"source\": [\"# t\\u00e9\"]},\n  {\"outputs\": [{\"a\": [1, {\"source\": 2}]}],\n   \"source\": [\n    \"import numpy as np\\n\",\n    \"x = 1  # caf\\u00e9\\n\",\n    \"y = np.zeros(3)\"\n   ]}\n ], \"nbformat\": 4\n}\n";

    #[test]
    fn lines_that_stay_keep_their_bytes() {
        let new = replace(NOTEBOOK, &[(2, "from purify import ops\nx = 1  # café\ny = ops.zeros(3)".into())]).unwrap();
        let expected = NOTEBOOK.replace("import numpy as np", "from purify import ops");
        // The last line and those before it that differ are written anew, in the file's own way.
        assert_eq!(new, expected.replace("np.zeros", "ops.zeros"));
    }

    #[test]
    fn a_line_can_go_and_a_source_can_be_one_string() {
        let new = replace(NOTEBOOK, &[(2, "x = 1  # café\ny = np.zeros(3)".into())]).unwrap();
        assert_eq!(new, NOTEBOOK.replace("\"import numpy as np\\n\",\n    ", ""));
        let one = "{\"cells\": [{\"source\": \"a = 1\\nb = 2\"}]}";
        assert_eq!(replace(one, &[(1, "a = 3".into())]).unwrap(), "{\"cells\": [{\"source\": \"a = 3\"}]}");
    }

    #[test]
    fn what_is_no_notebook_is_refused() {
        assert!(replace("[1, 2]", &[(1, String::new())]).is_err());
    }
}
