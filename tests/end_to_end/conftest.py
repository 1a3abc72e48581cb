"""A headless browser for the tests that look at pages as people do."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.end_to_end.browsing import CHROMIUM
from tests.end_to_end.workers import running_worker


@pytest.fixture(scope="module")
def started_browser() -> Iterator[Browser]:
    """One for a module, as starting it takes longer than most of its tests."""
    assert CHROMIUM, "CI=true, but there is no Chromium"
    with pytest.MonkeyPatch.context() as patched, sync_playwright() as playwright:
        # Playwright runs an event loop in this thread; Django would refuse the database there.
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def browser(started_browser: Browser) -> Iterator[Browser]:
    """As good as new: no page, cookie or download of one test reaches the next."""
    yield started_browser
    for context in started_browser.contexts:
        context.close()


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    with running_worker():
        yield
