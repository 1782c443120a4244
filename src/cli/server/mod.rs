//! `purify server`: the Language Server Protocol over standard input and output.
//!
//! One thread speaks the protocol, one analyses. An edit makes everything known stale; after a short rest the worker gets
//! a snapshot of the open documents, reads the rest of their projects from disk, and its result replaces the old one.
//! Requests about a stale document wait for that result, so that no answer is about text that is gone.

mod actions;
mod diagnostics;
mod documents;
mod hover;
mod positions;
mod uri;
mod wire;
mod worker;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, never, select_biased};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, HoverProviderCapability, InitializeParams, InitializeResult,
    MessageType, PositionEncodingKind, ServerCapabilities, ServerInfo, ShowMessageParams, TextDocumentSyncCapability, TextDocumentSyncKind,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Status;
use crate::failure::Failure;
use documents::Documents;
use positions::Encoding;
use worker::{Job, Outcome};

/// How long to wait after an edit for the next one.
const REST: Duration = Duration::from_millis(150);

/// Runs the command: serves one client until it says `exit`.
pub fn run() -> Result<Status, Failure> {
    crate::scan::set_up_threads(None);
    let (connection, wire) = wire::stdio();
    let result = serve(&connection);
    // The writer ends when nobody can send any more.
    drop(connection);
    // That the connection broke is the reason of what else failed.
    wire.end().map_err(|error| {
        Failure::new("the connection to the editor broke")
            .because(crate::io_message(&error))
            .help("`purify server` is started by an editor; docs/editors.md says how to set one up")
    })?;
    result
}

/// Speaks with the client from `initialize` to `exit`.
fn serve(connection: &Connection) -> Result<Status, Failure> {
    let broken = |error: lsp_server::ProtocolError| {
        Failure::new("the client does not speak the Language Server Protocol")
            .because(error.to_string())
            .help("`purify server` is started by an editor; docs/editors.md says how to set one up")
    };
    let (id, params) = connection.initialize_start().map_err(broken)?;
    let params: InitializeParams = serde_json::from_value(params).map_err(|error| {
        let answer = Response::new_err(id.clone(), ErrorCode::InvalidParams as i32, error.to_string());
        let _ = connection.sender.send(Message::Response(answer));
        Failure::new("the client's `initialize` cannot be read").because(error.to_string())
    })?;
    let encoding = Encoding::agreed(&params);
    let result = InitializeResult {
        capabilities: capabilities(encoding),
        server_info: Some(ServerInfo { name: "purify".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) }),
    };
    let result = serde_json::to_value(result).map_err(|error| Failure::new(error.to_string()))?;
    connection.initialize_finish(id, result).map_err(broken)?;
    let (jobs, outcomes) = worker::start()?;
    Server {
        connection,
        jobs,
        outcomes,
        encoding,
        folders: folders(&params),
        documents: Documents::default(),
        changed: None,
        busy: false,
        waiting: Vec::new(),
        told: None,
        shut_down: false,
    }
    .run()
}

fn capabilities(encoding: Encoding) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(match encoding {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }),
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::FULL)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::from(actions::FIX_ALL)]),
            ..CodeActionOptions::default()
        })),
        ..ServerCapabilities::default()
    }
}

/// The folders that the editor has open.
fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    let named = params.workspace_folders.iter().flatten().filter_map(|folder| uri::to_path(&folder.uri));
    let mut folders: Vec<PathBuf> = named.collect();
    if folders.is_empty() {
        #[expect(deprecated, reason = "older clients know only the one root")]
        folders.extend(params.root_uri.as_ref().and_then(uri::to_path));
    }
    folders
}

struct Server<'a> {
    connection: &'a Connection,
    jobs: Sender<Job>,
    outcomes: Receiver<Outcome>,
    encoding: Encoding,
    folders: Vec<PathBuf>,
    documents: Documents,
    /// When the last change came that no job has seen.
    changed: Option<Instant>,
    /// Whether the worker has a job.
    busy: bool,
    /// Requests that wait for the next result.
    waiting: Vec<Request>,
    /// The last error that was shown, so that it is shown once.
    told: Option<String>,
    shut_down: bool,
}

impl Server<'_> {
    fn run(mut self) -> Result<Status, Failure> {
        loop {
            let rest = self.changed.map_or(Duration::from_secs(3600), |at| REST.saturating_sub(at.elapsed()));
            let message = self.next(rest);
            match message {
                Ok(Some(Message::Request(request))) => self.request(request),
                Ok(Some(Message::Notification(notification))) if notification.method == notification::Exit::METHOD => {
                    // An `exit` without `shutdown` before it is the client's failure, says the protocol.
                    return Ok(if self.shut_down { Status::Clean } else { Status::Findings });
                }
                Ok(Some(Message::Notification(notification))) => self.notification(notification),
                // The only requests we make need no answer.
                Ok(Some(Message::Response(_))) | Ok(None) => {}
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::new("the editor closed the connection without saying `exit`"));
                }
            }
            self.hand_over();
        }
    }

    /// The next message, or `None` once a result of the worker has been taken in.
    fn next(&mut self, rest: Duration) -> Result<Option<Message>, RecvTimeoutError> {
        let outcomes = if self.busy { self.outcomes.clone() } else { never() };
        select_biased! {
            recv(self.connection.receiver) -> message => message.map(Some).map_err(|_| RecvTimeoutError::Disconnected),
            recv(outcomes) -> outcome => {
                self.busy = false;
                if let Ok(outcome) = outcome {
                    self.take_in(outcome);
                }
                Ok(None)
            }
            default(rest) => Err(RecvTimeoutError::Timeout),
        }
    }

    /// Gives the worker the documents, once the typing rests and it is free.
    fn hand_over(&mut self) {
        if self.busy || self.changed.is_none_or(|at| at.elapsed() < REST) {
            return;
        }
        self.changed = None;
        let job = Job { folders: self.folders.clone(), open: self.documents.open() };
        self.busy = self.jobs.send(job).is_ok();
    }

    fn take_in(&mut self, outcome: Outcome) {
        match (&outcome.failure, &self.told) {
            (Some(failure), told) if told.as_ref() != Some(failure) => {
                let params = ShowMessageParams { typ: MessageType::ERROR, message: format!("purify: {failure}") };
                self.notify::<notification::ShowMessage>(params);
            }
            _ => {}
        }
        self.told = outcome.failure;
        for (uri, version) in self.documents.take_in(outcome.files) {
            let Some(known) = self.documents.known(&uri) else { continue };
            self.notify::<notification::PublishDiagnostics>(diagnostics::publish(uri, version, known, self.encoding));
        }
        for request in std::mem::take(&mut self.waiting) {
            self.request(request);
        }
    }

    fn notification(&mut self, notification: Notification) {
        let changed = match notification.method.as_str() {
            notification::DidOpenTextDocument::METHOD => read(notification.params).is_some_and(|params| self.documents.opened(params)),
            notification::DidChangeTextDocument::METHOD => read(notification.params).is_some_and(|params| self.documents.changed(params)),
            notification::DidCloseTextDocument::METHOD => {
                match read(notification.params).and_then(|params| self.documents.closed(params)) {
                    Some(uri) => {
                        self.notify::<notification::PublishDiagnostics>(diagnostics::none(uri));
                        false
                    }
                    None => false,
                }
            }
            // A saved file, a configuration that changed: what lies on disk is another.
            notification::DidSaveTextDocument::METHOD
            | notification::DidChangeWatchedFiles::METHOD
            | notification::DidChangeConfiguration::METHOD => true,
            notification::DidChangeWorkspaceFolders::METHOD => {
                if let Some(params) = read::<lsp_types::DidChangeWorkspaceFoldersParams>(notification.params) {
                    let gone: Vec<PathBuf> = params.event.removed.iter().filter_map(|folder| uri::to_path(&folder.uri)).collect();
                    self.folders.retain(|folder| !gone.contains(folder));
                    self.folders.extend(params.event.added.iter().filter_map(|folder| uri::to_path(&folder.uri)));
                }
                true
            }
            notification::Cancel::METHOD => {
                self.cancel(notification.params);
                false
            }
            _ => false,
        };
        if changed {
            self.documents.make_stale();
            self.changed = Some(Instant::now());
        }
    }

    /// A request that still waits needs no answer but that it was cancelled.
    fn cancel(&mut self, params: serde_json::Value) {
        let id = match &params["id"] {
            serde_json::Value::Number(number) => number.as_i64().and_then(|id| i32::try_from(id).ok()).map(Into::into),
            serde_json::Value::String(text) => Some(text.clone().into()),
            _ => None,
        };
        if let Some(at) = id.and_then(|id: lsp_server::RequestId| self.waiting.iter().position(|request| request.id == id)) {
            let request = self.waiting.remove(at);
            self.refuse(request.id, ErrorCode::RequestCanceled, "cancelled".to_owned());
        }
    }

    fn request(&mut self, request: Request) {
        if self.shut_down {
            return self.refuse(request.id, ErrorCode::InvalidRequest, "the server has been shut down".to_owned());
        }
        match request.method.as_str() {
            request::Shutdown::METHOD => {
                self.shut_down = true;
                self.answer(request.id, ());
            }
            request::CodeActionRequest::METHOD => {
                self.about(request, |known, params: lsp_types::CodeActionParams, encoding| Some(actions::actions(known, &params, encoding)))
            }
            request::HoverRequest::METHOD => self.about(request, |known, params: lsp_types::HoverParams, encoding| {
                hover::hover(known, params.text_document_position_params.position, encoding)
            }),
            method => {
                let message = format!("`{method}` is not supported");
                self.refuse(request.id, ErrorCode::MethodNotFound, message);
            }
        }
    }

    /// Answers a request about a document from what is known of it, or lets it wait until that is known.
    fn about<P: DeserializeOwned, R: Serialize>(&mut self, request: Request, answer: impl Fn(&documents::Known, P, Encoding) -> Option<R>) {
        let name = request.params["textDocument"]["uri"].as_str().unwrap_or_default();
        if self.documents.is_stale(name) {
            self.waiting.push(request);
            return;
        }
        let params = match serde_json::from_value(request.params.clone()) {
            Ok(params) => params,
            Err(error) => return self.refuse(request.id, ErrorCode::InvalidParams, error.to_string()),
        };
        let result = self.documents.known_by_name(name).and_then(|known| answer(known, params, self.encoding));
        self.answer(request.id, result);
    }

    fn answer(&self, id: lsp_server::RequestId, result: impl Serialize) {
        self.send(Message::Response(Response::new_ok(id, result)));
    }

    fn refuse(&self, id: lsp_server::RequestId, code: ErrorCode, message: String) {
        self.send(Message::Response(Response::new_err(id, code as i32, message)));
    }

    fn notify<N: notification::Notification>(&self, params: N::Params) {
        self.send(Message::Notification(Notification::new(N::METHOD.to_owned(), params)));
    }

    fn send(&self, message: Message) {
        // A client that is gone is noticed where messages are received.
        let _ = self.connection.sender.send(message);
    }
}

/// The parameters of a notification; one that cannot be read is left alone, since there is nobody to tell.
fn read<P: DeserializeOwned>(params: serde_json::Value) -> Option<P> {
    serde_json::from_value(params).ok()
}
