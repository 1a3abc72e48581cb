"""Takes pictures of every page of a running product, light, dark and at phone width, to be looked at.

python -m tests.end_to_end.screenshots http://127.0.0.1:8000 admin PASSWORD FOLDER [page ...], or make screenshots.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.end_to_end.browsing import CHROMIUM, SCREENS, list_navigation, log_in

FORMS = ("add", "connect", "export")  # beside a list


def list_pages(page: Page, home: str) -> Iterator[tuple[str, str]]:
    """Every page that can be reached: (name, address)."""
    yield "home", "/admin/"
    page.goto(f"{home}/admin/")
    for address in list_navigation(page):
        name = "-".join(part for part in address.split("/")[2:] if part) or "home"
        if name == "home":
            continue
        yield name, address
        page.goto(home + address)
        row = page.locator("#result_list tbody th a, #result_list tbody td.field-name a").first
        if row.count():
            yield f"{name}-page", str(row.get_attribute("href"))
        paths = page.locator("a[href]").evaluate_all("links => links.map(link => link.pathname)")
        for form in FORMS:
            if f"{address}{form}/" in paths:
                yield f"{name}-{form}", f"{address}{form}/"
    yield "api-docs", "/api/v1/docs/"


def take(home: str, login: str, password: str, folder: Path, wanted: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for screen, options in SCREENS.items():
            page = browser.new_context(**options).new_page()
            log_in(page, home, login, password)
            for name, address in dict(list_pages(page, home)).items():
                if not wanted or name in wanted:
                    page.goto(home + address)
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=folder / f"{name}-{screen}.png", full_page=screen == "phone")
                    print(f"{name}-{screen}.png")
        browser.close()


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("No Chromium found. On Debian: apt install chromium")
    take(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]), sys.argv[5:])
