//! Speaks with `purify server` as an editor does: a scripted client over pipes.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// An editor of few words.
struct Client {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    id: i64,
    /// Notifications that came while an answer was waited for.
    heard: Vec<Value>,
}

impl Client {
    fn start(folder: &Path, capabilities: Value) -> (Self, Value) {
        let mut server = Command::new(env!("CARGO_BIN_EXE_purify"))
            .arg("server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (server.stdin.take().unwrap(), BufReader::new(server.stdout.take().unwrap()));
        let mut client = Self { server, input, output, id: 0, heard: Vec::new() };
        let folders = json!([{ "uri": uri(folder), "name": "test" }]);
        let said = client.ask("initialize", json!({ "processId": null, "capabilities": capabilities, "workspaceFolders": folders }));
        client.tell("initialized", json!({}));
        (client, said["capabilities"].clone())
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask_for_all(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn ask_for_all(&mut self, method: &str, params: Value) -> Value {
        self.id += 1;
        let id = self.id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == json!(id) {
                return message;
            }
            self.heard.push(message);
        }
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server hung up");
            match line.trim().split_once(": ") {
                Some(("Content-Length", value)) => length = value.parse().unwrap(),
                _ if line.trim().is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// The next message of `method`.
    fn wait_for(&mut self, method: &str) -> Value {
        if let Some(at) = self.heard.iter().position(|message| message["method"] == method) {
            return self.heard.remove(at)["params"].clone();
        }
        loop {
            let message = self.receive();
            if message["method"] == method {
                return message["params"].clone();
            }
        }
    }

    fn open(&mut self, path: &Path, text: &str) {
        let document = json!({ "uri": uri(path), "languageId": "python", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, path: &Path, version: i32, text: &str) {
        let changes = json!([{ "text": text }]);
        self.tell("textDocument/didChange", json!({ "textDocument": { "uri": uri(path), "version": version }, "contentChanges": changes }));
    }

    fn diagnostics(&mut self) -> Value {
        self.wait_for("textDocument/publishDiagnostics")
    }

    fn actions(&mut self, path: &Path, line: u32, character: u32, only: Value) -> Vec<Value> {
        let at = json!({ "line": line, "character": character });
        let context = json!({ "diagnostics": [], "only": only });
        let params = json!({ "textDocument": { "uri": uri(path) }, "range": { "start": at, "end": at }, "context": context });
        self.ask("textDocument/codeAction", params).as_array().unwrap().clone()
    }

    fn stop(mut self) -> i32 {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        drop(self.input);
        self.server.wait().unwrap().code().unwrap()
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display()).replace(' ', "%20")
}

/// `text` with the edits of a code action made; lines are what the tests' edits begin and end at, but for comments.
fn applied(text: &str, action: &Value) -> String {
    let mut result = text.to_owned();
    let edits = action["edit"]["documentChanges"][0]["edits"].as_array().unwrap();
    let offset = |at: &Value| {
        let line = at["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + at["character"].as_u64().unwrap() as usize
    };
    for edit in edits.iter().rev() {
        let range = offset(&edit["range"]["start"])..offset(&edit["range"]["end"]);
        result.replace_range(range, edit["newText"].as_str().unwrap());
    }
    result
}

fn codes(published: &Value) -> Vec<&str> {
    published["diagnostics"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

const MODEL: &str = "import numpy as np\n\n\ndef scale(x):\n    return np.mean(x, 0)\n";

#[test]
fn findings_fixes_and_hover_reach_the_editor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my model.py");
    fs::write(&path, MODEL).unwrap();
    let (mut client, can) = Client::start(folder.path(), json!({}));
    assert_eq!(can["positionEncoding"], "utf-16");

    client.open(&path, MODEL);
    let published = client.diagnostics();
    assert_eq!(codes(&published), ["PUR101", "PUR201"]);
    let call = &published["diagnostics"][1];
    assert_eq!(call["range"], json!({ "start": { "line": 4, "character": 11 }, "end": { "line": 4, "character": 18 } }));

    let actions = client.actions(&path, 4, 13, json!(["quickfix"]));
    let titles: Vec<&str> = actions.iter().map(|action| action["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["purify: rewrite `numpy.mean`", "purify: silence PUR201 on this line"]);
    let fixed = "from purify import ops\n\n\ndef scale(x):\n    return ops.mean(x, axis=0)\n";
    assert_eq!(applied(MODEL, &actions[0]), fixed);
    assert_eq!(actions[0]["diagnostics"][0]["code"], "PUR201");

    let all = client.actions(&path, 0, 0, json!(["source.fixAll"]));
    assert_eq!(all.len(), 1);
    assert_eq!(applied(MODEL, &all[0]), fixed);

    let at = json!({ "line": 4, "character": 13 });
    let hover = client.ask("textDocument/hover", json!({ "textDocument": { "uri": uri(&path) }, "position": at }));
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("**PUR201**") && text.contains("`ops.mean(x, /, *, axis=None, keepdims=False)`"), "{text}");
    let nothing = json!({ "line": 2, "character": 0 });
    let hover = client.ask("textDocument/hover", json!({ "textDocument": { "uri": uri(&path) }, "position": nothing }));
    assert_eq!(hover, Value::Null);

    // A fix silences what it is about; so does the comment.
    client.change(&path, 2, fixed);
    assert_eq!(client.diagnostics()["diagnostics"], json!([]));
    client.change(&path, 3, &applied(MODEL, &actions[1]));
    assert_eq!(codes(&client.diagnostics()), ["PUR101"]);
    assert_eq!(client.stop(), 0);
}

#[test]
fn unsaved_text_of_one_file_changes_the_kinds_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let (maker, user) = (folder.path().join("maker.py"), folder.path().join("user.py"));
    fs::write(&maker, "def make():\n    return 1\n").unwrap();
    let text = "from maker import make\n\ny = make() + 1\n";
    fs::write(&user, text).unwrap();
    let (mut client, _) = Client::start(folder.path(), json!({ "general": { "positionEncodings": ["utf-8"] } }));
    client.open(&user, text);
    assert_eq!(client.diagnostics()["diagnostics"], json!([]));

    client.open(&maker, "import numpy as np\n\ndef make():\n    return np.zeros(3)\n");
    let mut published = [client.diagnostics(), client.diagnostics()];
    published.sort_by_key(|one| one["uri"].to_string());
    let plus = &published[1]["diagnostics"][0];
    assert_eq!(plus["code"], "PUR601");
    let evidence = &plus["relatedInformation"][0];
    assert_eq!(evidence["location"]["uri"], json!(uri(&user)));
    assert!(evidence["message"].as_str().unwrap().contains("make"), "{evidence}");

    let close = json!({ "textDocument": { "uri": uri(&user) } });
    client.tell("textDocument/didClose", close);
    assert_eq!(client.diagnostics()["diagnostics"], json!([]));
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_broken_configuration_is_told_once_and_heals() {
    let folder = tempfile::tempdir().unwrap();
    let (path, config) = (folder.path().join("a.py"), folder.path().join("purify.toml"));
    fs::write(&path, MODEL).unwrap();
    fs::write(&config, "selct = [\"PUR1\"]\n").unwrap();
    let (mut client, _) = Client::start(folder.path(), json!({}));
    client.open(&path, MODEL);
    let message = client.wait_for("window/showMessage");
    assert!(message["message"].as_str().unwrap().contains("selct"), "{message}");
    fs::write(&config, "select = [\"PUR1\"]\n").unwrap();
    client.heard.clear();
    client.tell("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    let published = loop {
        let published = client.diagnostics();
        if !codes(&published).is_empty() {
            break published;
        }
    };
    assert_eq!(codes(&published), ["PUR101"]);
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_message_that_cannot_be_read_is_answered_and_the_next_one_served() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.py");
    let (mut client, _) = Client::start(folder.path(), json!({}));
    for (body, code) in [("{\"jsonrpc\":", -32700), ("{\"jsonrpc\":\"2.0\"}", -32600), ("[]", -32600)] {
        write!(client.input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        client.input.flush().unwrap();
        let answer = client.receive();
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(code)), "{body}: {answer}");
    }
    client.open(&path, MODEL);
    assert!(codes(&client.diagnostics()).contains(&"PUR201"));
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_broken_header_ends_the_connection_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::start(folder.path(), json!({}));
    // More than there is memory: nothing is made ready for it.
    write!(client.input, "Content-Length: 99999999999999\r\n\r\n{{}}").unwrap();
    client.input.flush().unwrap();
    let mut error = String::new();
    client.server.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    assert_eq!(client.server.wait().unwrap().code(), Some(2), "{error}");
    assert!(error.contains("the connection to the editor broke") && error.contains("99999999999999"), "{error}");
}

#[test]
fn what_is_not_supported_is_refused_and_an_early_exit_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::start(folder.path(), json!({}));
    let answer = client.ask_for_all("textDocument/rename", json!({}));
    assert_eq!(answer["error"]["code"], -32601);
    let unknown = json!({ "textDocument": { "uri": "untitled:1" }, "position": { "line": 0, "character": 0 } });
    assert_eq!(client.ask("textDocument/hover", unknown), Value::Null);
    client.tell("exit", Value::Null);
    assert_eq!(client.server.wait().unwrap().code(), Some(1));
}
