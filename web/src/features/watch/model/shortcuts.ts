/** Which key does what, given where the focus is. */

export type Command =
  | 'play-pause'
  | 'mute'
  | 'volume-up'
  | 'volume-down'
  | 'fullscreen'
  | 'theatre'
  | 'pip'
  | 'go-live'
  | 'seek-back'
  | 'seek-forward'
  | 'statistics'
  | 'shortcuts'
  | 'close';

export interface KeyPress {
  readonly key: string;
  readonly modified: boolean;
}

/** What has the focus: something that takes text, a layer of its own (menu, dialog), or a widget with own keys. */
export type Focus = 'text' | 'layer' | 'button' | 'slider' | 'other';

export interface KeyContext {
  readonly focus: Focus;
  /** The player has the focus, or the page cannot scroll: arrows are not needed for anything else. */
  readonly arrowsFree: boolean;
}

const commands = new Map<string, Command>([
  [' ', 'play-pause'],
  ['k', 'play-pause'],
  ['m', 'mute'],
  ['arrowup', 'volume-up'],
  ['arrowdown', 'volume-down'],
  ['f', 'fullscreen'],
  ['t', 'theatre'],
  ['i', 'pip'],
  ['l', 'go-live'],
  ['arrowleft', 'seek-back'],
  ['arrowright', 'seek-forward'],
  ['s', 'statistics'],
  ['?', 'shortcuts'],
  ['escape', 'close'],
]);

export function commandFor({ key, modified }: KeyPress, { focus, arrowsFree }: KeyContext): Command | null {
  if (modified || focus === 'text' || focus === 'layer') return null;
  const name = key.toLowerCase();
  const isArrow = name.startsWith('arrow');
  if (isArrow && (focus === 'slider' || !arrowsFree)) return null;
  if (name === ' ' && focus === 'button') return null;
  return commands.get(name) ?? null;
}

const textInputs = ['text', 'search', 'email', 'password', 'url', 'tel', 'number', 'date', 'time'];

export function focusOf(element: Element | null): Focus {
  if (!element) return 'other';
  if (element.closest('[role="menu"], [role="dialog"], [role="alertdialog"]')) return 'layer';
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return 'text';
  if (element instanceof HTMLElement && element.isContentEditable) return 'text';
  if (element instanceof HTMLInputElement) return textInputs.includes(element.type) ? 'text' : 'slider';
  if (element.closest('[role="slider"], [role="radiogroup"], [role="tablist"], [role="log"]')) return 'slider';
  return element.closest('button, a, summary') ? 'button' : 'other';
}
