/* Renews the parts of a page that are marked with data-live (see backoffice/templatetags/live.py).

   Only nodes that differ are touched, so that nothing flickers and a focused button stays focused. Hidden tabs do not
   ask. When the server answers with an element that is not marked any more, the end is reached. */
"use strict";

(function () {
  const LONGEST_WAIT_SECONDS = 60;

  function renewAttributes(present, fresh) {
    for (const { name } of [...present.attributes]) {
      if (!fresh.hasAttribute(name)) present.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (present.getAttribute(name) !== value) present.setAttribute(name, value);
    }
  }

  function renew(present, fresh) {
    if (present.isEqualNode(fresh)) return;
    const isText = present.nodeType !== Node.ELEMENT_NODE;
    if (isText || present.nodeName !== fresh.nodeName || present.id !== fresh.id) {
      present.replaceWith(fresh);
      return;
    }
    renewAttributes(present, fresh);
    const before = [...present.childNodes];
    const after = [...fresh.childNodes];
    after.forEach((node, index) => (index < before.length ? renew(before[index], node) : present.append(node)));
    before.slice(after.length).forEach((node) => node.remove());
  }

  async function ask(element) {
    const answer = await fetch(element.dataset.live, { headers: { "X-Requested-With": "XMLHttpRequest" } });
    if (answer.redirected || [403, 404].includes(answer.status)) return null; // logged out, or gone
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.getElementById(element.id);
  }

  function untilShown() {
    if (!document.hidden) return Promise.resolve();
    return new Promise((go) => document.addEventListener("visibilitychange", go, { once: true })).then(untilShown);
  }

  async function keepAlive(element) {
    let failures = 0;
    while (element.dataset.live && element.isConnected) {
      const seconds = Math.min(element.dataset.liveSeconds * 2 ** failures, LONGEST_WAIT_SECONDS);
      await new Promise((go) => setTimeout(go, seconds * 1000));
      await untilShown();
      let fresh;
      try {
        fresh = await ask(element);
        failures = 0;
      } catch {
        failures += 1; // a server that restarts is back soon
        if (failures > 1) element.classList.add("live-lost");
        continue;
      }
      if (fresh === null) {
        element.classList.add("live-lost");
        return;
      }
      renew(element, fresh);
    }
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-live]").forEach(keepAlive));
})();
