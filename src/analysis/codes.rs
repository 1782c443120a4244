//! The finding codes: public API, numbered once. Their explanations are data (`rules/codes/*.toml`).

use std::fmt;

use crate::finding::Severity;

/// A stable finding code such as `PUR101`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u16);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PUR{:03}", self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A family of codes: they share the first digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// The tree itself: syntax, names, suppressions.
    Health,
    /// Imports of governed libraries.
    Imports,
    /// Use of their functions, methods, attributes and constants.
    Api,
    /// Their names in annotations and run-time type checks.
    Types,
    /// Casts of arrays.
    Casts,
    /// Conversions between array libraries and Python, and between devices.
    Conversions,
    /// Python operators on arrays.
    Operators,
    /// Operations that join different dtypes.
    Precision,
    /// Gradients, optimizers and neural modules.
    Gradients,
    /// Random state and serialized state.
    State,
}

impl Family {
    /// All families, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::Health,
        Self::Imports,
        Self::Api,
        Self::Types,
        Self::Casts,
        Self::Conversions,
        Self::Operators,
        Self::Precision,
        Self::Gradients,
        Self::State,
    ];

    /// The name used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Imports => "imports",
            Self::Api => "api",
            Self::Types => "types",
            Self::Casts => "casts",
            Self::Conversions => "conversions",
            Self::Operators => "operators",
            Self::Precision => "precision",
            Self::Gradients => "gradients",
            Self::State => "state",
        }
    }
}

macro_rules! codes {
    ($($constant:ident = $number:literal, $name:literal, $severity:ident, $default:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub const $constant: Code = Code($number);
        )*

        /// Every code, in ascending order.
        pub const ALL: &[Code] = &[$($constant),*];

        impl Code {
            /// The readable name, `kebab-case`; unique like the number.
            pub fn name(self) -> &'static str {
                match self.0 {
                    $($number => $name,)*
                    _ => "unknown",
                }
            }

            /// The severity without configuration.
            pub fn default_severity(self) -> Severity {
                match self.0 {
                    $($number => Severity::$severity,)*
                    _ => Severity::Warning,
                }
            }

            /// Whether the code is reported without being selected.
            pub fn on_by_default(self) -> bool {
                match self.0 {
                    $($number => $default,)*
                    _ => false,
                }
            }
        }
    };
}

codes! {
    SYNTAX_ERROR = 1, "syntax-error", Error, true;
    UNREADABLE_FILE = 2, "unreadable-file", Error, true;
    UNUSED_SUPPRESSION = 3, "unused-suppression", Warning, true;
    SUPPRESSION_WITHOUT_REASON = 4, "suppression-without-reason", Warning, false;
    MALFORMED_SUPPRESSION = 5, "malformed-suppression", Warning, true;
    UNRESOLVED_IMPORT = 6, "unresolved-import", Warning, true;
    UNDEFINED_NAME = 7, "undefined-name", Warning, false;
    UNKNOWN_OP = 8, "unknown-op", Error, true;

    IMPORT = 101, "import", Warning, true;
    STAR_IMPORT = 102, "star-import", Warning, true;
    DYNAMIC_IMPORT = 103, "dynamic-import", Warning, true;
    UNUSED_IMPORT = 104, "unused-import", Warning, true;
    ECOSYSTEM_IMPORT = 105, "ecosystem-import", Info, false;
    BOUNDARY = 106, "boundary", Error, true;
    REEXPORTED_IMPORT = 107, "re-exported-import", Warning, true;

    API_CALL = 201, "api-call", Warning, true;
    API_REFERENCE = 202, "api-reference", Warning, true;
    ARRAY_METHOD = 203, "array-method", Warning, true;
    ARRAY_ATTRIBUTE = 204, "array-attribute", Info, true;
    DEFAULT_TRAP = 205, "default-trap", Warning, true;

    ANNOTATION = 301, "annotation", Warning, true;
    ISINSTANCE_CHECK = 302, "isinstance-check", Warning, true;
    DUCK_CHECK = 303, "duck-check", Info, true;

    SCALAR_CAST = 401, "scalar-cast", Warning, true;
    NARROWING_CAST = 402, "narrowing-cast", Warning, true;
    WIDENING_CAST = 403, "widening-cast", Info, true;
    CAST = 404, "cast", Warning, true;

    CONVERT_OUT = 501, "convert-out", Warning, true;
    CONVERT_IN = 502, "convert-in", Warning, true;
    ITEM = 503, "item", Warning, true;
    DEVICE_TRANSFER = 504, "device-transfer", Warning, true;
    ROUND_TRIP = 505, "round-trip", Error, true;
    SYNC_IN_LOOP = 506, "sync-in-loop", Warning, true;

    ARITHMETIC = 601, "arithmetic-operator", Warning, true;
    UNARY = 602, "unary-operator", Warning, true;
    COMPARISON = 603, "comparison-operator", Warning, true;
    IN_PLACE_OPERATOR = 604, "in-place-operator", Warning, true;
    MATMUL = 605, "matmul-operator", Warning, true;
    SUBSCRIPT_ASSIGNMENT = 606, "subscript-assignment", Warning, true;
    TRUTH_VALUE = 607, "truth-value", Warning, true;
    BITWISE = 608, "bitwise-operator", Warning, true;
    IN_PLACE_METHOD = 609, "in-place-method", Warning, true;

    MIXED_PRECISION = 701, "mixed-precision", Warning, true;
    FLOAT64_LEAK = 702, "float64-leak", Warning, true;

    AUTOGRAD = 801, "autograd", Warning, true;
    OPTIMIZER = 802, "optimizer", Warning, true;
    SCHEDULER = 803, "scheduler", Warning, true;
    NO_GRAD = 804, "no-grad", Warning, true;
    MODULE_SUBCLASS = 805, "module-subclass", Warning, true;
    PARAMETER = 806, "parameter", Warning, true;

    RANDOM = 901, "random", Warning, true;
    SEED = 902, "seed", Warning, true;
    SERIALIZATION = 911, "serialization", Warning, true;
    PICKLE = 912, "pickle", Warning, true;
}

impl Code {
    /// The family, told by the first digit.
    pub fn family(self) -> Family {
        Family::ALL[usize::from(self.0 / 100).min(9)]
    }

    /// Whether a finding of this code says what one of `other` says at the same place, and more: one act of whoever
    /// wrote the line, such as an import that nothing uses and that crosses a boundary.
    pub fn covers(self, other: Self) -> bool {
        let family = other.family();
        match self {
            BOUNDARY => other != BOUNDARY && family == Family::Imports,
            IMPORT | STAR_IMPORT | DYNAMIC_IMPORT => matches!(other, UNUSED_IMPORT | REEXPORTED_IMPORT | ECOSYSTEM_IMPORT),
            DEFAULT_TRAP => family == Family::Api && other != DEFAULT_TRAP,
            SYNC_IN_LOOP => !matches!(other, SYNC_IN_LOOP | ROUND_TRIP) && is_way(other),
            ROUND_TRIP => other != ROUND_TRIP && is_way(other),
            MIXED_PRECISION | FLOAT64_LEAK => {
                matches!(family, Family::Operators | Family::Api | Family::Casts) || (is_way(other) && other != ROUND_TRIP)
            }
            _ => false,
        }
    }

    /// Reads `PUR101` (any case) or a name such as `import`.
    pub fn parse(text: &str) -> Option<Self> {
        // A stored report has one for every finding: numbers are read, not compared with every code's text.
        let number = || {
            let (head, digits) = text.split_at_checked(3)?;
            let plain = head.eq_ignore_ascii_case("PUR") && digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit());
            let code = Self(plain.then(|| digits.parse().ok())??);
            ALL.binary_search(&code).is_ok().then_some(code)
        };
        number().or_else(|| ALL.iter().copied().find(|code| code.name() == text))
    }
}

/// Whether `code` is about taking a value somewhere else or into another form: what a round trip is made of.
fn is_way(code: Code) -> bool {
    matches!(code.family(), Family::Conversions | Family::Casts) || code == AUTOGRAD
}

/// A selector of codes: one code, a name, a prefix (`PUR5`), a family name, or `ALL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(Vec<Code>);

impl Selector {
    /// Reads a selector; the error lists what would have been accepted.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("ALL") {
            return Ok(Self(ALL.to_vec()));
        }
        if let Some(code) = Code::parse(text) {
            return Ok(Self(vec![code]));
        }
        let upper = text.to_ascii_uppercase();
        let is_prefix = upper.starts_with("PUR") && upper[3..].chars().all(|c| c.is_ascii_digit());
        let matching: Vec<Code> = ALL
            .iter()
            .copied()
            .filter(|code| (is_prefix && code.to_string().starts_with(&upper)) || code.family().as_str() == text)
            .collect();
        if matching.is_empty() {
            return Err(format!(
                "`{text}` selects no code; use a code (`PUR101`), a prefix (`PUR1`), a name (`round-trip`), a family (`operators`) or `ALL`"
            ));
        }
        Ok(Self(matching))
    }

    /// How specific the selector is: fewer codes win over more when `select` and `ignore` disagree.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it selects nothing. Never true for a parsed selector.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `code` is selected.
    pub fn contains(&self, code: Code) -> bool {
        self.0.contains(&code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ascend_and_names_are_unique() {
        assert!(ALL.windows(2).all(|pair| pair[0] < pair[1]));
        let mut names: Vec<_> = ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn codes_are_read_by_number_and_by_name() {
        for code in ALL {
            assert_eq!((Code::parse(&code.to_string()), Code::parse(code.name())), (Some(*code), Some(*code)));
        }
        assert_eq!(Code::parse("pur101"), Some(IMPORT));
        for wrong in ["PUR1", "PUR999", "PUR+01", "PUR0101", "", "Pü101"] {
            assert_eq!(Code::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_prefix_selects_a_family() {
        let selector = Selector::parse("PUR6").unwrap();
        assert!(selector.contains(ARITHMETIC) && !selector.contains(IMPORT));
        assert_eq!(selector, Selector::parse("operators").unwrap());
    }
}
