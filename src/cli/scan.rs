//! `purify scan`: files in, report out.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use purify_analysis::rewrite::Spelling;
use purify_analysis::source::ReadProblem;
use purify_analysis::{Analysis, Confidence, FileReport, Policy, RuleSet, SourceFile, analyze};
use rayon::prelude::*;

use crate::Status;
use crate::args::{InputArgs, ScanArgs};
use crate::cache::{Cache, Stamp};
use crate::config::{Codes, Globs, MinConfidence, MoreCodes, MoreGlobs, Options, Origin, Set, Settings};
use crate::failure::Failure;
use crate::fixes::Fixes;
use crate::output::Output;
use crate::paths;
use crate::progress::Bar;
use crate::project::{Configs, Project, Projects, Selection, discover, filter, in_force, user_rules};
use crate::report::{Context, Excerpts, Format, Report, Sources, Statistics, Trouble};
use crate::rules;
use crate::term::{self, Color};

/// Runs the command.
pub fn run(args: &ScanArgs, color: Color) -> Result<Status, Failure> {
    let cwd = crate::current_dir()?;
    let output = Output::new(args.output_file.clone(), color);
    if args.statistics && !matches!(args.output_format, Format::Text | Format::Json) {
        return Err(Failure::new("`--statistics` has no such form").help("use `--output-format text` or `--output-format json`"));
    }
    if args.show_files {
        let projects = projects(&args.input, &cwd)?;
        let mut files: Vec<String> =
            projects.list.iter().flat_map(|project| &project.files).map(|file| paths::relative(file, &cwd)).collect();
        files.sort_unstable();
        output.with(|out| files.iter().try_for_each(|file| writeln!(out, "{file}")))?;
        return Ok(Status::Clean);
    }
    let mut outcome = scan(&args.input, &cwd, args.output_format.proposes_fixes())?;
    if let Some(severity) = args.min_severity {
        outcome.report.retain_severity(severity);
    }
    if args.statistics {
        statistics(args, &outcome, &output)?;
    } else {
        let mut options = Emission { max_per_file: args.max_per_file, excerpts: args.excerpts, quiet: args.input.quiet };
        if options.quiet {
            options.excerpts = Excerpts::Never;
        }
        emit(args.output_format, options, &outcome, &output)?;
    }
    let status = match (outcome.report.troubles.is_empty(), outcome.report.fails()) {
        (false, _) => Status::Error,
        (true, true) if !args.exit_zero => Status::Findings,
        (true, _) => Status::Clean,
    };
    // The process ends here; giving every text back one by one would only take time.
    std::mem::forget(outcome);
    Ok(status)
}

/// What a scan gave.
#[derive(Debug)]
pub struct Outcome {
    /// The findings.
    pub report: Report,
    /// The texts they point into.
    pub sources: Sources,
    /// The lowest confidence that any project reports.
    pub confidence: Confidence,
    /// The root of the first project, absolute.
    pub root: PathBuf,
    /// The settings of the first project.
    pub settings: Settings,
    /// What findings can be rewritten with, if it was asked for.
    pub fixes: Fixes,
}

impl Outcome {
    /// Whether the settings leave the file at `path`, which need not exist any more, out of a walk.
    pub fn leaves_out(&self, path: &Path) -> bool {
        let filter = filter(&self.root, &self.settings);
        !filter.includes(path) || filter.excludes_deep(path)
    }
}

/// How findings are shown.
#[derive(Clone, Copy, Debug)]
pub struct Emission {
    /// Findings shown per file in text; 0 shows all.
    pub max_per_file: usize,
    /// When text shows source excerpts.
    pub excerpts: Excerpts,
    /// Leave the summary out.
    pub quiet: bool,
}

/// Writes the findings of `outcome`.
pub fn emit(format: Format, options: Emission, outcome: &Outcome, output: &Output) -> Result<(), Failure> {
    let rules = match format {
        Format::Sarif => rules::embedded(),
        _ => RuleSet::default(),
    };
    let context = Context {
        rules: &rules,
        sources: &outcome.sources,
        style: output.style(),
        width: term::width(),
        max_per_file: options.max_per_file,
        excerpts: options.excerpts,
        confidence: outcome.confidence,
        quiet: options.quiet,
        fixes: &outcome.fixes,
    };
    if matches!(format, Format::Text | Format::Concise | Format::Jsonl | Format::Gitlab) {
        tell_troubles(&outcome.report.troubles);
    }
    output.with(|out| format.emitter().emit(&outcome.report, &context, out))
}

fn statistics(args: &ScanArgs, outcome: &Outcome, output: &Output) -> Result<(), Failure> {
    tell_troubles(&outcome.report.troubles);
    let statistics = Statistics::new(&outcome.report);
    output.with(|out| match args.output_format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &statistics)?;
            writeln!(out)
        }
        _ => statistics.write_text(output.style(), out),
    })
}

/// Tells of what could not be read, on standard error.
pub fn tell_troubles(troubles: &[Trouble]) {
    for trouble in troubles {
        crate::tell(&Failure::new(format!("cannot read `{}`", trouble.path)).because(trouble.message.clone()));
    }
}

/// Scans what `input` names; with what the findings can be rewritten with if `fixes` are asked for.
pub fn scan(input: &InputArgs, cwd: &Path, fixes: bool) -> Result<Outcome, Failure> {
    set_up_threads(input.threads);
    if input.paths.iter().any(|path| path.as_os_str() == "-") {
        return scan_stdin(input, cwd, fixes);
    }
    let log = Log { enabled: input.verbose > 0, started: Instant::now() };
    let projects = projects(input, cwd)?;
    log.say(|| format!("found {} files", projects.list.iter().map(|project| project.files.len()).sum::<usize>()));
    let first = projects.list.first();
    let mut outcome = Outcome {
        report: Report::default(),
        sources: Sources::default(),
        confidence: Confidence::Certain,
        root: first.map_or_else(|| cwd.to_owned(), |project| project.root.clone()),
        settings: first.map_or_else(|| Settings::new(Options::default()), |project| project.settings.clone()),
        fixes: Fixes::default(),
    };
    outcome.report.troubles = projects.troubles;
    let bar = Bar::new(!input.quiet);
    for project in &projects.list {
        let fixes = fixes.then_some(&mut outcome.fixes);
        let (report, sources) = scan_project(project, input, cwd, fixes, &bar, &log)?;
        outcome.report.append(report);
        outcome.sources.append(sources);
        outcome.confidence = outcome.confidence.min(project.settings.policy.confidence);
    }
    bar.finish();
    Ok(outcome)
}

/// Messages of `--verbose`.
struct Log {
    enabled: bool,
    started: Instant,
}

impl Log {
    fn say(&self, text: impl FnOnce() -> String) {
        if self.enabled {
            let _ = writeln!(std::io::stderr(), "[{:7.1} ms] {}", self.started.elapsed().as_secs_f64() * 1e3, text());
        }
    }
}

/// Sets up the threads of the run, once. Recursion over deeply nested code needs a deeper stack than they have by default.
pub fn set_up_threads(threads: Option<usize>) {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(16 << 20).num_threads(threads.unwrap_or(0));
    // Fails only if a pool exists already, as in tests that scan twice; that pool does as well.
    let _ = pool.build_global();
}

/// The projects that `input` names; an error if they hold no file.
pub fn projects(input: &InputArgs, cwd: &Path) -> Result<Projects, Failure> {
    let mut configs = configs(input, cwd)?;
    let projects = discover(&input.paths, &mut configs, selection(input), cwd)?;
    if projects.list.is_empty() && projects.troubles.is_empty() {
        let names: Vec<String> = input.paths.iter().map(|path| format!("`{}`", path.display())).collect();
        return Err(Failure::new(format!("no Python file in {}", names.join(", ")))
            .because("Python files (.py, .pyi, .pyw) and notebooks (.ipynb) count, unless a glob or .gitignore leaves them out.")
            .help("`purify config` shows the globs in force; `--no-respect-gitignore` takes ignored files in"));
    }
    Ok(projects)
}

/// `project` with every file of its folder: what one file offers, others import, and what they pass, it receives.
///
/// A configuration in a folder below that nobody asked for may be broken: its files are of another project anyway.
pub fn whole(project: &Project, input: &InputArgs, cwd: &Path) -> Result<Project, Failure> {
    let selection = Selection { skip_broken: true, ..selection(input) };
    let found = discover(std::slice::from_ref(&project.root), &mut configs(input, cwd)?, selection, cwd)?;
    found.broken.iter().for_each(crate::warn);
    let mut files = project.files.clone();
    files.extend(found.list.into_iter().filter(|other| other.root == project.root).flat_map(|other| other.files));
    files.sort_unstable();
    files.dedup();
    Ok(Project { files, ..project.clone() })
}

fn selection(input: &InputArgs) -> Selection {
    Selection {
        force_exclude: input.force_exclude,
        no_gitignore: input.no_respect_gitignore,
        threads: input.threads.unwrap_or(0),
        skip_broken: false,
    }
}

fn configs(input: &InputArgs, cwd: &Path) -> Result<Configs, Failure> {
    let mut configs = Configs::new(&input.config, input.isolated, cwd)?;
    configs.command_line = flags(input)?.over(std::mem::take(&mut configs.command_line));
    Ok(configs)
}

/// The settings that options of the command make.
fn flags(input: &InputArgs) -> Result<Options, Failure> {
    fn set<T>(value: T) -> Option<Set<T>> {
        Some(Set { value, origin: Origin::CommandLine })
    }
    let mut options = Options::default();
    let codes = |list: &[String]| Codes(list.to_vec());
    if !input.select.is_empty() {
        options.select = set(codes(&input.select));
    }
    if !input.ignore.is_empty() {
        options.ignore = set(codes(&input.ignore));
    }
    if !input.extend_select.is_empty() {
        options.extend_select = set(MoreCodes(codes(&input.extend_select)));
    }
    if !input.libraries.is_empty() {
        options.libraries = set(input.libraries.clone());
    }
    if !input.exclude.is_empty() {
        for glob in &input.exclude {
            purify_analysis::PathGlob::new(glob).map_err(|message| Failure::new(format!("--exclude: {message}")))?;
        }
        options.extend_exclude = set(MoreGlobs(Globs(input.exclude.clone())));
    }
    if let Some(target) = &input.target {
        options.target = set(target.clone());
    }
    options.confidence = input.confidence.and_then(|confidence| set(MinConfidence(confidence)));
    Ok(options)
}

fn scan_project(
    project: &Project,
    input: &InputArgs,
    cwd: &Path,
    fixes: Option<&mut Fixes>,
    bar: &Bar,
    log: &Log,
) -> Result<(Report, Sources), Failure> {
    let user_rules = user_rules(&project.settings, cwd)?;
    let cache = (project.settings.cache && !input.no_cache).then(|| {
        let key = format!("{:?}\n{:?}\n{}\n{:?}", cwd, project.settings.options.entries(), input.no_kinds, user_rules);
        Cache::new(&project.root, &key, &project.files)
    });
    // A cached result has no rewrites.
    if let Some(report) = cache.as_ref().filter(|_| fixes.is_none()).and_then(|cache| cache.load(&project.files)) {
        log.say(|| "unchanged: the cached result holds".to_owned());
        return Ok((report, Sources::on_disk(project.files.clone())));
    }
    let read = read_all(project);
    log.say(|| format!("read {} bytes", read.iter().map(|file| file.source.text.len()).sum::<usize>()));
    let mut rules = rules::all(&user_rules)?;
    rules::aim(&mut rules, &project.settings)?;
    log.say(|| "loaded the rules".to_owned());
    let stamps: Option<Vec<Stamp>> = read.iter().map(|file| file.stamp).collect();
    // Files that vanished since the walk have no bytes and no problem; they are not part of the result.
    let (paths, sources): (Vec<&PathBuf>, Vec<SourceFile>) = read.into_iter().map(|file| (file.path, file.source)).unzip();
    let policy = Policy { fixes: fixes.is_some(), ..policy(&project.settings, input) };
    let mut analysis = analyze(sources, &rules, &policy, bar);
    log.say(|| "analysed".to_owned());
    let sources = Sources::of(&analysis);
    let whole = analysis.files.len() == project.files.len();
    let shown: Vec<String> = paths.iter().map(|path| paths::relative(path, cwd)).collect();
    if let Some(fixes) = fixes {
        take_fixes(&mut analysis, &shown, &project.settings, &rules, fixes);
    }
    let mut report = Report::of(analysis, shown);
    log.say(|| "worked out places".to_owned());
    let vanished = project.files.len() - paths.len();
    if vanished > 0 {
        let message = format!("{} vanished while the scan ran; the rest was analysed", crate::report::count(vanished, "file"));
        report.troubles.push(Trouble { path: paths::relative(&project.root, cwd), message });
    }
    if let (Some(cache), Some(stamps), true) = (&cache, stamps, whole) {
        cache.store(stamps, &report);
        log.say(|| "cached the result".to_owned());
    }
    Ok((report, sources))
}

/// Moves what rewrites are made from out of `analysis`.
fn take_fixes(analysis: &mut Analysis, shown: &[String], settings: &Settings, rules: &RuleSet, fixes: &mut Fixes) {
    let files = analysis.files.iter_mut().zip(shown).map(|(file, path)| {
        let report = FileReport {
            source: file.source.clone(),
            findings: file.findings.clone(),
            suppressed: file.suppressed.clone(),
            unknown_operators: 0,
            sites: std::mem::take(&mut file.sites),
            functions: std::mem::take(&mut file.functions),
            imports: file.imports.clone(),
            named: Vec::new(),
        };
        let mut report = crate::rewrite::eligible(report, settings);
        (report.findings, report.suppressed) = (Vec::new(), Vec::new());
        (path.clone(), report)
    });
    fixes.add(files, Spelling::of(&rules.target));
}

/// Places in a text are 32 bits wide, and a tree takes many times the room of its text.
const LARGEST: u64 = 1 << 30;

struct ReadFile<'a> {
    path: &'a PathBuf,
    source: SourceFile,
    stamp: Option<Stamp>,
}

fn read_all(project: &Project) -> Vec<ReadFile<'_>> {
    project.files.par_iter().filter_map(|path| read_one(path, &project.root)).collect()
}

/// `None` if the file has vanished since the walk: then there is nothing to analyse.
fn read_one<'a>(path: &'a PathBuf, root: &Path) -> Option<ReadFile<'a>> {
    let name = paths::relative(path, root);
    match read_bytes(path) {
        Ok((bytes, stamp)) => Some(ReadFile { path, source: SourceFile::decode(name, &bytes), stamp: Some(stamp) }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            let mut source = SourceFile::from_text(name, "");
            let message = format!("cannot be read: {}", crate::io_message(&error));
            source.problems.push(ReadProblem { message, at: purify_analysis::TextSize::new(0) });
            Some(ReadFile { path, source, stamp: None })
        }
    }
}

fn read_bytes(path: &Path) -> std::io::Result<(Vec<u8>, Stamp)> {
    let mut file = std::fs::File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.len() > LARGEST {
        return Err(std::io::Error::other(format!("{} MB is more than can be analysed", metadata.len() >> 20)));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.read_to_end(&mut bytes)?;
    let stamp = Stamp::new(&metadata, &bytes);
    Ok((bytes, stamp))
}

/// Standard input, as the file that it is taken for.
struct Stdin {
    bytes: Vec<u8>,
    source: SourceFile,
    shown: String,
    root: PathBuf,
    settings: Settings,
}

fn read_stdin(input: &InputArgs, cwd: &Path) -> Result<Stdin, Failure> {
    if input.paths.len() > 1 {
        return Err(Failure::new("`-` stands for standard input and goes with no other path").help("give `-` alone, or paths alone"));
    }
    let name = input.stdin_filename.as_deref();
    let path = paths::absolute(name.unwrap_or(Path::new("stdin.py")), cwd);
    let dir = path.parent().unwrap_or(cwd).to_owned();
    let (root, settings) = in_force(&mut configs(input, cwd)?, &dir, selection(input), &dir, cwd)?;
    let mut bytes = Vec::new();
    let unreadable = |error: std::io::Error| Failure::new("cannot read standard input").because(error.to_string());
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(unreadable)?;
    let source = SourceFile::decode(paths::relative(&path, &root), &bytes);
    let shown = name.map_or_else(|| "<stdin>".to_owned(), |_| paths::relative(&path, cwd));
    Ok(Stdin { bytes, source, shown, root, settings })
}

fn scan_stdin(input: &InputArgs, cwd: &Path, fixes: bool) -> Result<Outcome, Failure> {
    let Stdin { source, shown, root, settings, .. } = read_stdin(input, cwd)?;
    let mut rules = rules::all(&user_rules(&settings, cwd)?)?;
    rules::aim(&mut rules, &settings)?;
    let mut analysis = analyze(vec![source], &rules, &Policy { fixes, ..policy(&settings, input) }, &purify_analysis::Quiet);
    let (mut made, shown) = (Fixes::default(), vec![shown]);
    if fixes {
        take_fixes(&mut analysis, &shown, &settings, &rules, &mut made);
    }
    let (report, sources) = (Report::new(&analysis, shown), Sources::of(&analysis));
    Ok(Outcome { report, sources, confidence: settings.policy.confidence, root, settings, fixes: made })
}

/// A project with what its rewrite is made from.
pub struct ForRewrite {
    /// Each file with its bytes, in the order of the reports.
    pub files: Vec<(PathBuf, Vec<u8>)>,
    /// What the analyzer found, sites of rewrites included.
    pub analysis: Analysis,
    /// How rewritten code spells the target.
    pub spelling: Spelling,
    /// Files that could not be read.
    pub troubles: Vec<Trouble>,
    /// The rules it was analysed with.
    pub rules: RuleSet,
    /// The policy it was analysed with.
    pub policy: Policy,
}

/// Analyses `project` for a rewrite.
pub fn analyze_for_rewrite(project: &Project, input: &InputArgs, cwd: &Path) -> Result<ForRewrite, Failure> {
    let read: Vec<_> = project.files.par_iter().map(|path| (path, read_bytes(path))).collect();
    let (mut files, mut sources, mut troubles) = (Vec::new(), Vec::new(), Vec::new());
    for (path, result) in read {
        match result {
            Ok((bytes, _)) => {
                sources.push(SourceFile::decode(paths::relative(path, &project.root), &bytes));
                files.push((path.clone(), bytes));
            }
            Err(error) => troubles.push(Trouble { path: paths::relative(path, cwd), message: crate::io_message(&error) }),
        }
    }
    let mut rules = rules::all(&user_rules(&project.settings, cwd)?)?;
    rules::aim(&mut rules, &project.settings)?;
    let policy = Policy { fixes: true, ..policy(&project.settings, input) };
    let bar = Bar::new(!input.quiet);
    let analysis = analyze(sources, &rules, &policy, &bar);
    bar.finish();
    Ok(ForRewrite { files, analysis, spelling: Spelling::of(&rules.target), troubles, rules, policy })
}

/// Standard input with what its rewrite is made from.
pub struct StdinForRewrite {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What was found.
    pub report: FileReport,
    /// The settings in force.
    pub settings: Settings,
    /// How rewritten code spells the target.
    pub spelling: Spelling,
}

/// Analyses standard input for a rewrite.
pub fn analyze_stdin(input: &InputArgs, cwd: &Path) -> Result<StdinForRewrite, Failure> {
    let Stdin { bytes, source, settings, .. } = read_stdin(input, cwd)?;
    let mut rules = rules::all(&user_rules(&settings, cwd)?)?;
    rules::aim(&mut rules, &settings)?;
    let policy = Policy { fixes: true, ..policy(&settings, input) };
    let report = analyze(vec![source], &rules, &policy, &purify_analysis::Quiet).files.pop();
    let spelling = Spelling::of(&rules.target);
    report.map(|report| StdinForRewrite { bytes, report, settings, spelling }).ok_or_else(|| Failure::new("standard input gave no report"))
}

fn policy(settings: &Settings, input: &InputArgs) -> Policy {
    Policy { kinds: !input.no_kinds, ..settings.policy.clone() }
}

/// Analyses `sources`, shown as `paths`, under the settings of `outcome`.
pub fn analyze_sources(sources: Vec<SourceFile>, paths: Vec<String>, input: &InputArgs, outcome: &Outcome) -> Result<Report, Failure> {
    let mut rules = rules::all(&user_rules(&outcome.settings, &crate::current_dir()?)?)?;
    rules::aim(&mut rules, &outcome.settings)?;
    let analysis = analyze(sources, &rules, &policy(&outcome.settings, input), &purify_analysis::Quiet);
    Ok(Report::new(&analysis, paths))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command};

    #[test]
    fn a_file_that_vanishes_while_the_scan_runs_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let (kept, gone) = (dir.path().join("kept.py"), dir.path().join("gone.py"));
        std::fs::write(&kept, "import numpy\n").unwrap();
        let cli = Cli::try_parse_from(["purify", "scan", "--isolated", "--no-cache", "--quiet"]).unwrap();
        let Command::Scan(args) = cli.command else { panic!("not a scan") };
        let project = Project { root: dir.path().to_owned(), settings: Settings::new(Options::default()), files: vec![gone, kept] };
        let log = Log { enabled: false, started: Instant::now() };
        let (report, _) = scan_project(&project, &args.input, dir.path(), None, &Bar::new(false), &log).unwrap();
        assert_eq!(report.files.len(), 1);
        assert!(report.files[0].path == "kept.py" && !report.files[0].findings.is_empty());
        assert_eq!(report.troubles.len(), 1);
        assert!(report.troubles[0].message.starts_with("1 file vanished"), "{:?}", report.troubles);
    }
}
