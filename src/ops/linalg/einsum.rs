//! Einstein summation: any number of operands is contracted pair by pair through matrix products.

use std::collections::BTreeMap;

use crate::compose;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::linalg::products::matmul_as;
use crate::promote::promote_types;
use crate::tensor::Tensor;

const OP: &str = "einsum";

/// An index: a letter, or one of the axes an ellipsis stands for, counted from the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Hidden(std::cmp::Reverse<usize>),
    Letter(char),
}

/// A tensor with one label per axis, no label twice.
#[derive(Clone)]
struct Term {
    tensor: Tensor,
    labels: Vec<Label>,
}

/// Sums products of operands over the indices that the output does not name.
///
/// `subscripts` has one group of letters per operand, separated by commas, then optionally `->` and the output. Without
/// `->` the output has the letters that occur once, in alphabetical order. A letter that occurs twice in a group takes a
/// diagonal, `...` stands for any number of broadcast axes, spaces are ignored. Axes of length one are broadcast.
///
/// Any dtypes, promoted; 16-bit floats are computed in float32. With three or more operands the pair that shrinks most is
/// contracted first.
///
/// # Errors
/// [`Error::Value`] for subscripts that do not parse or do not fit the shapes.
///
/// ```
/// use purify_ops::{Tensor, linalg};
/// let a = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0], &[2, 2])?;
/// assert_eq!(linalg::einsum("ii", &[&a])?.to_vec::<f64>()?, [5.0]);
/// assert_eq!(linalg::einsum("ij,kj->ik", &[&a, &a])?.to_vec::<f64>()?, [5.0, 11.0, 11.0, 25.0]);
/// # Ok::<(), purify_ops::Error>(())
/// ```
pub fn einsum(subscripts: &str, operands: &[&Tensor]) -> Result<Tensor> {
    let dtype = operands.iter().map(|x| x.dtype()).reduce(promote_types);
    let Some(dtype) = dtype else { return Err(Error::value(OP, "at least one operand is needed")) };
    let compute = if dtype.is_half() { DType::Float32 } else { dtype };
    let (inputs, output) = parse(subscripts, operands)?;
    let mut lengths: BTreeMap<Label, usize> = BTreeMap::new();
    for (labels, x) in inputs.iter().zip(operands) {
        for (&label, &length) in labels.iter().zip(x.shape()) {
            let known = lengths.entry(label).or_insert(length);
            if *known == 1 {
                *known = length;
            } else if length != 1 && length != *known {
                let message = format!("index {} has length {known} in one place and {length} in another", name(label));
                return Err(Error::value(OP, message));
            }
        }
    }
    if let Some(label) = output.iter().find(|label| !lengths.contains_key(label)) {
        return Err(Error::value(OP, format!("the output names {}, which no operand has", name(*label))));
    }
    let mut terms =
        inputs.into_iter().zip(operands).map(|(labels, x)| term(&x.astype(compute)?, labels, &lengths)).collect::<Result<Vec<Term>>>()?;
    while terms.len() > 1 {
        let (i, j) = cheapest_pair(&terms, &output, &lengths);
        let second = terms.remove(j);
        let first = terms.remove(i);
        let kept = |label: &Label| output.contains(label) || terms.iter().any(|t| t.labels.contains(label));
        let product = contract(first, second, &kept)?;
        terms.push(product);
    }
    let Some(last) = terms.pop() else { return Err(Error::value(OP, "at least one operand is needed")) };
    let summed = sum_out(last, |label| output.contains(label))?;
    // A label of the output whose operands all had length one for it, or that was dropped by broadcasting.
    let mut tensor = summed.tensor;
    let mut labels = summed.labels;
    for &label in &output {
        if !labels.contains(&label) {
            tensor = tensor.with_layout(tensor.layout().insert_axis(tensor.ndim()));
            labels.push(label);
        }
    }
    let order: Vec<i64> = output.iter().filter_map(|label| labels.iter().position(|l| l == label)).map(|p| p as i64).collect();
    let result = tensor.permute(&order)?.astype(dtype)?;
    if operands.iter().any(|x| result.storage().same(x.storage())) { result.copy() } else { Ok(result) }
}

fn name(label: Label) -> String {
    match label {
        Label::Letter(letter) => format!("'{letter}'"),
        Label::Hidden(_) => "of the ellipsis".to_owned(),
    }
}

/// The labels of every operand and of the output.
fn parse(subscripts: &str, operands: &[&Tensor]) -> Result<(Vec<Vec<Label>>, Vec<Label>)> {
    let text: String = subscripts.chars().filter(|c| !c.is_whitespace()).collect();
    let (left, right) = match text.split_once("->") {
        Some((left, right)) => (left, Some(right)),
        None => (text.as_str(), None),
    };
    let groups: Vec<&str> = left.split(',').collect();
    if groups.len() != operands.len() {
        let message = format!("{subscripts:?} names {} operands, {} were given", groups.len(), operands.len());
        return Err(Error::value(OP, message));
    }
    let mut inputs = Vec::new();
    for (group, x) in groups.iter().zip(operands) {
        let letters = letters(group)?;
        let named = letters.iter().flatten().count();
        let hidden = x.ndim().checked_sub(named);
        let has_ellipsis = letters.contains(&None);
        match hidden {
            Some(hidden) if has_ellipsis || hidden == 0 => inputs.push(expand(&letters, hidden)),
            _ => {
                let message = format!("{group:?} names {named} axes of an operand of shape {:?}", x.shape());
                return Err(Error::value(OP, message));
            }
        }
    }
    let hidden = inputs.iter().map(|labels| labels.iter().filter(|l| matches!(l, Label::Hidden(_))).count()).max();
    let hidden = hidden.unwrap_or(0);
    let output = match right {
        Some(right) => {
            let letters = letters(right)?;
            if hidden > 0 && !letters.contains(&None) {
                return Err(Error::value(OP, format!("the output {right:?} lacks the ellipsis that the operands have")));
            }
            let labels = expand(&letters, hidden);
            if let Some(i) = (0..labels.len()).find(|&i| labels[..i].contains(&labels[i])) {
                return Err(Error::value(OP, format!("the output {right:?} names {} twice", name(labels[i]))));
            }
            labels
        }
        None => {
            let mut counts: BTreeMap<Label, usize> = BTreeMap::new();
            inputs.iter().flatten().for_each(|&label| *counts.entry(label).or_insert(0) += 1);
            // Labels are ordered with those of the ellipsis first, outermost first.
            let once = |(label, count): (Label, usize)| (count == 1 || matches!(label, Label::Hidden(_))).then_some(label);
            counts.into_iter().filter_map(once).collect()
        }
    };
    Ok((inputs, output))
}

/// The letters of a group; `None` is the ellipsis.
fn letters(group: &str) -> Result<Vec<Option<char>>> {
    let mut rest = group;
    let mut letters = Vec::new();
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("...") {
            if letters.contains(&None) {
                return Err(Error::value(OP, format!("{group:?} has more than one ellipsis")));
            }
            letters.push(None);
            rest = after;
        } else if c.is_ascii_alphabetic() {
            letters.push(Some(c));
            rest = &rest[1..];
        } else {
            return Err(Error::value(OP, format!("{c:?} in {group:?} is neither a letter nor part of an ellipsis")));
        }
    }
    Ok(letters)
}

fn expand(letters: &[Option<char>], hidden: usize) -> Vec<Label> {
    let mut labels = Vec::new();
    for letter in letters {
        match letter {
            Some(letter) => labels.push(Label::Letter(*letter)),
            None => labels.extend((0..hidden).rev().map(|i| Label::Hidden(std::cmp::Reverse(i)))),
        }
    }
    labels
}

/// Takes diagonals for repeated labels and drops axes of length one that others have at full length.
fn term(x: &Tensor, labels: Vec<Label>, lengths: &BTreeMap<Label, usize>) -> Result<Term> {
    let mut kept: Vec<Label> = Vec::new();
    let (mut shape, mut strides): (Vec<usize>, Vec<isize>) = (Vec::new(), Vec::new());
    for (axis, &label) in labels.iter().enumerate() {
        let length = x.shape()[axis];
        if length == 1 && lengths.get(&label) != Some(&1) {
            continue;
        }
        match kept.iter().position(|l| *l == label) {
            Some(at) => strides[at] += x.strides()[axis],
            None => {
                kept.push(label);
                shape.push(length);
                strides.push(x.strides()[axis]);
            }
        }
    }
    Ok(Term { tensor: x.with_layout(Layout::new(&shape, &strides, x.layout().offset())), labels: kept })
}

/// Sums over the labels that are not kept.
fn sum_out(term: Term, kept: impl Fn(&Label) -> bool) -> Result<Term> {
    let axes: Vec<i64> = (0..term.labels.len()).filter(|&i| !kept(&term.labels[i])).map(|i| i as i64).collect();
    if axes.is_empty() {
        return Ok(term);
    }
    let dtype = term.tensor.dtype();
    let tensor = if dtype.is_bool() {
        compose::any(&term.tensor, Some(&axes), false)?
    } else {
        compose::sum(&term.tensor, Some(&axes), Some(dtype), false)?
    };
    Ok(Term { tensor, labels: term.labels.into_iter().filter(|label| kept(label)).collect() })
}

/// The pair whose contraction grows memory least, then costs least. Ties go to the first pair.
fn cheapest_pair(terms: &[Term], output: &[Label], lengths: &BTreeMap<Label, usize>) -> (usize, usize) {
    let size = |labels: &[Label]| labels.iter().map(|l| lengths[l] as f64).product::<f64>();
    let mut best = ((f64::INFINITY, f64::INFINITY), (0, 1));
    for i in 0..terms.len() {
        for j in i + 1..terms.len() {
            let mut all = terms[i].labels.clone();
            all.extend(terms[j].labels.iter().filter(|l| !terms[i].labels.contains(l)));
            let needed = |label: &Label| {
                output.contains(label) || terms.iter().enumerate().any(|(k, t)| k != i && k != j && t.labels.contains(label))
            };
            let result: Vec<Label> = all.iter().copied().filter(|l| needed(l)).collect();
            let growth = size(&result) - size(&terms[i].labels) - size(&terms[j].labels);
            if (growth, size(&all)) < best.0 {
                best = ((growth, size(&all)), (i, j));
            }
        }
    }
    best.1
}

/// The product of two terms, summed over labels that are not kept.
fn contract(a: Term, b: Term, kept: &impl Fn(&Label) -> bool) -> Result<Term> {
    // What only one side has is summed there first.
    let (in_a, in_b) = (a.labels.clone(), b.labels.clone());
    let a = sum_out(a, |label| kept(label) || in_b.contains(label))?;
    let b = sum_out(b, |label| kept(label) || in_a.contains(label))?;
    let shared = |wanted: bool| -> Vec<Label> { a.labels.iter().copied().filter(|l| b.labels.contains(l) && kept(l) == wanted).collect() };
    let (batch, summed) = (shared(true), shared(false));
    let own = |x: &Term, other: &Term| x.labels.iter().copied().filter(|l| !other.labels.contains(l)).collect::<Vec<_>>();
    let (rows, cols) = (own(&a, &b), own(&b, &a));
    let labels = [&batch[..], &rows, &cols].concat();
    let order = |x: &Term, groups: [&[Label]; 3]| -> Result<Tensor> {
        let axes: Vec<i64> = groups.concat().iter().filter_map(|l| x.labels.iter().position(|m| m == l)).map(|p| p as i64).collect();
        x.tensor.permute(&axes)
    };
    let a = order(&a, [&batch, &rows, &summed])?;
    let b = order(&b, [&batch, &summed, &cols])?;
    let lead = batch.len();
    let batch_shape = &a.shape()[..lead];
    let row_shape = &a.shape()[lead..lead + rows.len()];
    let col_shape = &b.shape()[lead + summed.len()..];
    let shape = [batch_shape, row_shape, col_shape].concat();
    let product = |shape: &[usize]| shape.iter().product::<usize>();
    if summed.is_empty() {
        // Nothing to sum: a broadcast product.
        let a = a.reshape(&[batch_shape, row_shape, &vec![1; cols.len()]].concat())?;
        let b = b.reshape(&[batch_shape, &vec![1; rows.len()], col_shape].concat())?;
        return Ok(Term { tensor: compose::multiply(&a, &b)?, labels });
    }
    let depth = product(&a.shape()[lead + rows.len()..]);
    let a = a.reshape(&[batch_shape, &[product(row_shape), depth]].concat())?;
    let b = b.reshape(&[batch_shape, &[depth, product(col_shape)]].concat())?;
    Ok(Term { tensor: matmul_as(OP, &a, &b)?.reshape(&shape)?, labels })
}
