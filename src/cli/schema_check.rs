//! A small checker of JSON schemas for the tests: the keywords that our schemas and SARIF's use.

use serde_json::Value;

/// What is wrong with `value`, as `path: complaint` lines.
pub fn errors(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "$", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    if schema == &Value::Bool(true) {
        return;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("dangling {reference}"));
        check(root, target, value, path, found);
    }
    let types = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|name| is(value, name)) {
        found.push(format!("{path}: expected {types:?}, found {value}"));
        return;
    }
    if let Some(accepted) = schema["enum"].as_array()
        && !accepted.contains(value)
    {
        found.push(format!("{path}: {value} is not one of {accepted:?}"));
    }
    if schema.get("const").is_some_and(|constant| constant != value) {
        found.push(format!("{path}: {value} is not {}", schema["const"]));
    }
    if let (Some(minimum), Some(number)) = (schema["minimum"].as_f64(), value.as_f64())
        && number < minimum
    {
        found.push(format!("{path}: {number} is below {minimum}"));
    }
    if let Some(options) = schema["anyOf"].as_array() {
        let fits = |option: &Value| {
            let mut inner = Vec::new();
            check(root, option, value, path, &mut inner);
            inner.is_empty()
        };
        if !options.iter().any(fits) {
            found.push(format!("{path}: {value} fits no alternative"));
        }
    }
    if let Some(object) = value.as_object() {
        for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !object.contains_key(key) {
                found.push(format!("{path}: `{key}` is missing"));
            }
        }
        for (key, item) in object {
            let place = format!("{path}.{key}");
            match (schema["properties"].get(key), schema.get("additionalProperties")) {
                (Some(property), _) => check(root, property, item, &place, found),
                (None, Some(Value::Bool(false))) => found.push(format!("{place}: not a property")),
                (None, Some(other)) => check(root, other, item, &place, found),
                (None, None) => {}
            }
        }
    }
    if let (Some(items), Some(array)) = (schema.get("items"), value.as_array()) {
        for (index, item) in array.iter().enumerate() {
            check(root, items, item, &format!("{path}[{index}]"), found);
        }
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

#[test]
fn wrong_types_missing_keys_and_strange_keys_are_found() {
    let schema = serde_json::json!({
        "type": "object", "required": ["a", "b"], "additionalProperties": false, "properties": { "a": { "type": "string" } }
    });
    assert_eq!(errors(&schema, &serde_json::json!({ "a": 1, "c": 2 })).len(), 3);
}
