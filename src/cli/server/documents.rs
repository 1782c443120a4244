//! The documents that the editor has open, and what is known of each.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use lsp_types::{DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, Uri};

use super::uri;
use super::worker::{Analysed, Open};

/// What the last analysis said of a document.
#[derive(Clone)]
pub struct Known {
    /// The document.
    pub uri: Uri,
    /// Its version when it was analysed.
    pub version: i32,
    /// The project it belongs to; `None` if the settings leave the document out.
    pub analysed: Option<Analysed>,
}

struct Document {
    uri: Uri,
    path: PathBuf,
    version: i32,
    text: Arc<str>,
    known: Option<Known>,
    stale: bool,
}

/// The open documents, by the text of their URI.
#[derive(Default)]
pub struct Documents(HashMap<String, Document>);

impl Documents {
    /// A document was opened; `false` if it is not ours.
    pub fn opened(&mut self, params: DidOpenTextDocumentParams) -> bool {
        let item = params.text_document;
        let Some(path) = uri::to_path(&item.uri) else { return false };
        let name = item.uri.as_str().to_owned();
        let document = Document { uri: item.uri, path, version: item.version, text: item.text.into(), known: None, stale: true };
        self.0.insert(name, document);
        true
    }

    /// A document has a new text.
    pub fn changed(&mut self, params: DidChangeTextDocumentParams) -> bool {
        let (Some(document), Some(change)) =
            (self.0.get_mut(params.text_document.uri.as_str()), params.content_changes.into_iter().next_back())
        else {
            return false;
        };
        document.version = params.text_document.version;
        document.text = change.text.into();
        true
    }

    /// A document was closed; its URI if it was ours.
    pub fn closed(&mut self, params: DidCloseTextDocumentParams) -> Option<Uri> {
        self.0.remove(params.text_document.uri.as_str()).map(|document| document.uri)
    }

    /// A change anywhere may change the kinds of values everywhere.
    pub fn make_stale(&mut self) {
        self.0.values_mut().for_each(|document| document.stale = true);
    }

    /// Whether the document waits for its analysis.
    pub fn is_stale(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|document| document.stale)
    }

    /// What the worker needs of the documents.
    pub fn open(&self) -> BTreeMap<PathBuf, Open> {
        let open = |document: &Document| Open { version: document.version, text: document.text.clone() };
        self.0.values().map(|document| (document.path.clone(), open(document))).collect()
    }

    /// Takes in what was found; returns the documents of which it is news, with their versions.
    pub fn take_in(&mut self, mut files: HashMap<PathBuf, (i32, Option<Analysed>)>) -> Vec<(Uri, i32)> {
        let mut news = Vec::new();
        for document in self.0.values_mut() {
            let Some((version, analysed)) = files.remove(&document.path) else { continue };
            document.stale = version != document.version;
            if !document.stale {
                document.known = Some(Known { uri: document.uri.clone(), version, analysed });
                news.push((document.uri.clone(), version));
            }
        }
        news.sort_by(|a, b| a.0.cmp(&b.0));
        news
    }

    /// What is known of a document.
    pub fn known(&self, uri: &Uri) -> Option<&Known> {
        self.known_by_name(uri.as_str())
    }

    /// The same by the text of its URI.
    pub fn known_by_name(&self, name: &str) -> Option<&Known> {
        self.0.get(name).and_then(|document| document.known.as_ref())
    }
}
