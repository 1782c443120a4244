//! Paths as people read them: relative, with forward slashes. Nothing here touches the file system.

use std::path::{Component, Path, PathBuf};

/// `path` without `.` and with `..` resolved by name alone, so that symbolic links keep the name they were reached by.
pub fn normalize(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(result.components().next_back(), Some(Component::Normal(_))) => {
                result.pop();
            }
            Component::ParentDir if result.has_root() => {}
            _ => result.push(part),
        }
    }
    result
}

/// The absolute, normalised form of `path` as seen from `base`.
pub fn absolute(path: &Path, base: &Path) -> PathBuf {
    normalize(&base.join(path))
}

/// `path` relative to `base`, both absolute; with `..` where needed, and as it is where they share nothing but the root.
pub fn relative(path: &Path, base: &Path) -> String {
    let (path_parts, base_parts): (Vec<_>, Vec<_>) = (path.components().collect(), base.components().collect());
    let shared = path_parts.iter().zip(&base_parts).take_while(|(a, b)| a == b).count();
    if shared <= 1 && base_parts.len() > 1 {
        return slashes(path);
    }
    let up = std::iter::repeat_n(Component::ParentDir, base_parts.len() - shared);
    let result: PathBuf = up.chain(path_parts[shared..].iter().copied()).collect();
    slashes(&result)
}

/// The text of `path` with forward slashes.
pub fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}

/// The deepest folder that contains all of `paths`, which are absolute.
pub fn common_ancestor<'a>(mut paths: impl Iterator<Item = &'a Path>) -> Option<PathBuf> {
    let first = paths.next()?.to_owned();
    Some(
        paths.fold(first, |shared, path| {
            shared.components().zip(path.components()).take_while(|(a, b)| a == b).map(|(part, _)| part).collect()
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_goes_up_where_it_must() {
        assert_eq!(relative(Path::new("/a/b/c.py"), Path::new("/a/b")), "c.py");
        assert_eq!(relative(Path::new("/a/x/c.py"), Path::new("/a/b")), "../x/c.py");
        assert_eq!(relative(Path::new("/y/c.py"), Path::new("/a/b")), "/y/c.py");
        assert_eq!(relative(Path::new("/y/c.py"), Path::new("/")), "y/c.py");
    }

    #[test]
    fn dots_are_resolved_by_name() {
        assert_eq!(absolute(Path::new("../x/./y.py"), Path::new("/a/b")), Path::new("/a/x/y.py"));
        assert_eq!(normalize(Path::new("/../a")), Path::new("/a"));
    }
}
