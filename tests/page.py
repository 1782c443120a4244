"""Look at the page of `purify report` with a real browser.

    python tests/page.py PURIFY [--out FOLDER]

Needs Chromium with its driver (Debian: `chromium chromium-driver`) and `pip install selenium`. Makes the page of the bundled
example with a history of baselines, and that of a generated project with 100,000 findings; uses both as a person would, with
mouse and keyboard; fails on a wrong count, an unreachable control or a message on the console. Screenshots go to FOLDER.
"""

import argparse
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

ROOT = Path(__file__).resolve().parents[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("purify", type=Path, help="the command to test")
    parser.add_argument("--out", type=Path, help="folder for screenshots")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        small = example(options.purify.resolve(), scratch / "example")
        large = generated(options.purify.resolve(), scratch / "large")
        browser = start(scratch / "profile")
        try:
            out = options.out or scratch
            out.mkdir(parents=True, exist_ok=True)
            check_small(browser, small, out)
            check_large(browser, large, out)
            check_narrow(browser, small, out)
        finally:
            browser.quit()
    print("the page holds")


def start(profile):
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--force-prefers-reduced-motion", "--disable-sync", "--window-size=1280,1000", f"--user-data-dir={profile}"]
    options = webdriver.ChromeOptions()
    for flag in flags:
        options.add_argument(flag)
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def example(purify, folder):
    """The bundled example in a repository whose baseline shrank twice."""
    shutil.copytree(ROOT / "fixtures" / "example", folder)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]

    def commit(text):
        subprocess.run([purify, "gate", "--update", "--quiet", "--allow-growth", "one file at a time"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*git, "add", "-A"], cwd=folder, check=True)
        subprocess.run([*git, "commit", "-qm", text], cwd=folder, check=True)

    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    commit("first")
    for name in ["metrics.py", "backend.py"]:
        path = next(folder.rglob(name))
        subprocess.run([purify, "rewrite", "--apply", "--quiet", path], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        commit(name)
    subprocess.run([purify, "report", "--quiet", "--title", "Example <&>", "-o", "page.html"], cwd=folder, check=True)
    return folder / "page.html"


def generated(purify, folder):
    """100,000 findings in 400 files."""
    folder.mkdir()
    lines = "\n".join(f"    y{i} = np.add(x, {i}) + np.abs(x)" for i in range(83))
    for number in range(400):
        path = folder / f"part{number % 20}" / f"module{number}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"import numpy as np\n\n\ndef f(x: np.ndarray):\n{lines}\n")
    began = time.monotonic()
    subprocess.run([purify, "report", "--quiet", "--no-history", "-o", "page.html"], cwd=folder, check=True)
    page = folder / "page.html"
    print(f"made {page.stat().st_size / 1e6:.1f} MB in {time.monotonic() - began:.1f} s")
    return page


def text(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector).text


def shown(browser):
    """How many findings the filter leaves."""
    return int(text(browser, "#count").split(" of ")[0].replace(",", ""))


def wait_for(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def quiet(browser):
    messages = [entry for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    assert not messages, messages


def picture(browser, path):
    height = browser.execute_script("return document.documentElement.scrollHeight")
    browser.set_window_size(browser.get_window_size()["width"], min(height + 150, 6000))
    browser.execute_script("scrollTo(0, 0)")
    time.sleep(0.3)
    browser.save_screenshot(str(path))


def check_small(browser, page, out):
    browser.get(page.as_uri())
    quiet(browser)
    assert text(browser, "h1") == "Example <&>"
    everything = shown(browser)
    assert everything > 0
    assert browser.find_elements(By.CSS_SELECTOR, "#chart svg polygon"), "no progress is drawn"
    # A family of the overview filters, and the number beside it is what is left.
    row = browser.find_element(By.CSS_SELECTOR, "#families tbody tr:nth-child(3)")
    wanted = int(row.find_elements(By.TAG_NAME, "td")[1].text.replace(",", ""))
    row.find_element(By.TAG_NAME, "button").click()
    assert shown(browser) == wanted, (shown(browser), wanted)
    browser.find_element(By.CSS_SELECTOR, "#filter [type=reset]").click()
    wait_for(lambda: shown(browser) == everything)
    # The keyboard reaches the search and a finding's evidence.
    browser.find_element(By.TAG_NAME, "body").send_keys("/")
    browser.switch_to.active_element.send_keys("numpy")
    wait_for(lambda: 0 < shown(browser) < everything)
    first = browser.find_element(By.CSS_SELECTOR, "#list tbody button")
    first.send_keys(Keys.ENTER)
    assert browser.find_elements(By.CSS_SELECTOR, "#list .detail pre .at"), "no source is shown"
    assert first.get_attribute("aria-expanded") == "true"
    # The map leads into folders and back.
    tile = browser.find_element(By.CSS_SELECTOR, "#map button")
    assert tile.accessible_name
    # Below the bar of sections, which stays on top.
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", tile)
    tile.click()
    picture(browser, out / "light.png")
    browser.find_element(By.ID, "theme").click()
    picture(browser, out / "dark.png")
    assert browser.execute_script("return document.documentElement.dataset.theme") == "dark"
    unnamed = browser.execute_script(
        "return [...document.querySelectorAll('button, input, select')].filter(e => !e.textContent && !e.getAttribute('aria-label') && !e.labels?.length).length")
    assert unnamed == 0, f"{unnamed} controls have no name"
    quiet(browser)


def check_large(browser, page, out):
    browser.set_window_size(1280, 1000)
    began = time.monotonic()
    browser.get(page.as_uri())
    wait_for(lambda: text(browser, "#count"), 30)
    loaded = time.monotonic() - began
    everything = shown(browser)
    assert everything >= 100_000, everything
    search = "document.getElementById('search').value = 'module399 numpy.abs'; const t = performance.now(); select(); return performance.now() - t"
    took = browser.execute_script(search)
    assert shown(browser) == 83, shown(browser)
    nodes = browser.execute_script("return document.querySelectorAll('*').length")
    assert nodes < 10_000, nodes
    print(f"{everything:,} findings: loaded in {loaded:.1f} s, a search takes {took:.0f} ms, {nodes:,} elements")
    picture(browser, out / "large.png")
    quiet(browser)


def check_narrow(browser, page, out):
    browser.set_window_size(500, 900)
    browser.get(page.as_uri())
    time.sleep(0.3)
    wide = browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"the page is {wide} pixels wider than a narrow window"
    picture(browser, out / "narrow.png")


if __name__ == "__main__":
    main()
