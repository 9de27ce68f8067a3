// Collects what was asserted: for every rule how often it was checked and what broke it.

const KEPT_MESSAGES = 5;

export class Report {
  #rules = new Map();

  // `message` is text, or a function that makes it when the check failed. Returns `holds`.
  check(rule, holds, message) {
    let entry = this.#rules.get(rule);
    if (!entry) this.#rules.set(rule, (entry = { checked: 0, failed: 0, messages: [] }));
    entry.checked++;
    if (!holds) {
      entry.failed++;
      if (entry.messages.length < KEPT_MESSAGES)
        entry.messages.push(typeof message === 'function' ? message() : message);
    }
    return Boolean(holds);
  }

  failed(rule) {
    return this.#rules.get(rule)?.failed ?? 0;
  }

  checked(rule) {
    return this.#rules.get(rule)?.checked ?? 0;
  }

  get failedRules() {
    return [...this.#rules]
      .filter(([, entry]) => entry.failed)
      .map(([rule]) => rule)
      .sort();
  }

  get ok() {
    return this.failedRules.length === 0;
  }

  toString() {
    const rows = [...this.#rules].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
    return rows
      .map(([rule, { checked, failed, messages }]) =>
        [
          `${failed ? 'FAIL' : 'ok  '} ${rule}: ${checked} checked${failed ? `, ${failed} broken` : ''}`,
          ...messages.map((message) => `       ${message}`),
        ].join('\n'),
      )
      .join('\n');
  }
}
