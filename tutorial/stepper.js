// stepper.js: walks a recorded filter through one system call, instruction by instruction, in the page.
//
// The page has the instructions as seccomp-inspect read them out of the programs, as a table and as data
// (tutorial/stepper.lua). Without this script the table stands by itself.
'use strict';

// --- the machine of classic BPF, as seccomp has it: like common/inspect/simulate.c --------------------

const LITTLE_ENDIAN = 0x40000000; // __AUDIT_ARCH_LE of linux/audit.h

// A word of struct seccomp_data. Of a field of 64 bits the byte order says which half comes first.
function loadWord(data, offset) {
  if (offset === 0) return data.nr >>> 0;
  if (offset === 4) return data.arch >>> 0;
  const field = offset < 16 ? data.instructionPointer : data.args[(offset - 16) >> 3];
  const high = ((offset & 4) !== 0) === ((data.arch & LITTLE_ENDIAN) !== 0);
  return Number(high ? field >> 32n : field & 0xffffffffn);
}

const operations = {
  0x00: (a, b) => a + b,
  0x10: (a, b) => a - b,
  0x20: (a, b) => Math.imul(a, b),
  0x30: (a, b) => Math.floor(a / b),
  0x40: (a, b) => a | b,
  0x50: (a, b) => a & b,
  0x60: (a, b) => a << (b & 31),
  0x70: (a, b) => a >>> (b & 31),
  0x80: (a) => -a,
  0xa0: (a, b) => a ^ b,
};

const conditions = {
  0x10: (a, b) => a === b,
  0x20: (a, b) => a > b,
  0x30: (a, b) => a >= b,
  0x40: (a, b) => (a & b) !== 0,
};

function load(machine, { code, k }, data) {
  switch (code & 0xe0) {
    case 0x20: return loadWord(data, k);
    case 0x60: return machine.memory[k];
    case 0x80: return 64; // the size of struct seccomp_data
    default: return k;
  }
}

// Executes one instruction; returns true when it returned, with the value in machine.a.
function execute(machine, instruction, data) {
  const { code, jt, jf, k } = instruction;
  const operand = code & 0x08 ? machine.x : k;
  machine.next += 1;
  switch (code & 0x07) {
    case 0: machine.a = load(machine, instruction, data); return false;
    case 1: machine.x = load(machine, instruction, data); return false;
    case 2: machine.memory[k] = machine.a; return false;
    case 3: machine.memory[k] = machine.x; return false;
    case 4: {
      const byZero = (code & 0xf0) === 0x30 && operand === 0; // ends the filter with 0: kill the thread
      machine.a = byZero ? 0 : operations[code & 0xf0](machine.a, operand) >>> 0;
      return byZero;
    }
    case 5:
      if ((code & 0xf0) === 0) machine.next += k;
      else machine.next += conditions[code & 0xf0](machine.a, operand) ? jt : jf;
      return false;
    case 6:
      if ((code & 0x18) === 0) machine.a = k;
      return true;
    default:
      if (code & 0x80) machine.a = machine.x;
      else machine.x = machine.a;
      return false;
  }
}

// The whole way through a filter: for each instruction its index and the accumulator after it. The
// last one's accumulator is the filter's value.
function simulate(instructions, data) {
  const machine = { a: 0, x: 0, memory: new Array(16).fill(0), next: 0 };
  const steps = [];
  for (let returned = false; !returned;) {
    const index = machine.next;
    returned = execute(machine, instructions[index], data);
    steps.push({ index, a: machine.a });
  }
  return steps;
}

// --- what the reader chooses ---------------------------------------------------------------------------

const actions = new Map([
  [0x80000000, 'kill process'], [0x00000000, 'kill thread'], [0x00030000, 'trap'], [0x00050000, 'errno'],
  [0x7fc00000, 'notify'], [0x7ff00000, 'trace'], [0x7ffc0000, 'log'], [0x7fff0000, 'allow'],
]);
const actionOf = (value) => actions.get((value & 0xffff0000) >>> 0) ?? 'kill process';
const hex = (value) => `0x${value.toString(16)}`;

// "-1", "0x10" and "16" as 64 bits, or null.
function parseWord(text) {
  const match = /^\s*(-?)(0x[0-9a-f]+|\d+)\s*$/i.exec(text);
  return match ? BigInt.asUintN(64, match[1] ? -BigInt(match[2]) : BigInt(match[2])) : null;
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

class Stepper {
  constructor(root) {
    const { words, filters, abis } = JSON.parse(root.querySelector('script').textContent);
    Object.assign(this, { root, words, filters, abis, late: new Map() });
    this.region = root.querySelector('.instructions');
    root.classList.add('active');
    this.build();
    this.chooseFromLink() || this.reset();
    window.addEventListener('hashchange', () => this.chooseFromLink());
  }

  // A labelled control; a change of it starts the walk anew.
  control(name, label, made) {
    const id = `stepper-${name}`;
    made.id = id;
    made.addEventListener('change', () => this.changed(name));
    this[name] = made;
    return element('div', { class: 'control' }, element('label', { for: id }, label), made);
  }

  button(name, act) {
    const made = element('button', { type: 'button', class: 'step' }, this.words[name]);
    made.addEventListener('click', act);
    this[`${name}Button`] = made;
    return made;
  }

  build() {
    const { words } = this;
    this.args = [0, 1, 2, 3, 4, 5].map(() =>
      element('input', { type: 'text', value: '0', spellcheck: 'false', autocomplete: 'off' }));
    const args = this.args.map((input, i) => this.control(`arg${i}`, `args[${i}]`, input));
    this.names = element('datalist', { id: 'stepper-names' });
    this.call = element('input', { type: 'text', list: 'stepper-names', spellcheck: 'false', autocomplete: 'off' });
    this.problem = element('p', { class: 'problem', role: 'alert' });
    this.said = element('output', { class: 'said', 'aria-live': 'polite' });
    this.link = element('a', { href: '#stepper' }, words.link);
    const steps = element('div', { class: 'steps', role: 'group', 'aria-label': words.steps },
      this.button('first', () => this.go(0)), this.button('back', () => this.go(this.position - 1)),
      this.button('next', () => this.go(this.position + 1)), this.button('last', () => this.go(this.steps.length)));
    const form = element('form', { class: 'choices' },
      this.control('program', words.program, element('select', {})),
      this.control('architecture', words.architecture, element('select', {})),
      this.control('abi', words.abi, element('select', {})),
      this.control('call', words.call, this.call), this.names,
      element('fieldset', {}, element('legend', {}, words.arguments), ...args));
    form.addEventListener('submit', (event) => { event.preventDefault(); this.changed('call'); });
    this.region.before(form, this.problem, steps, element('p', { class: 'keys' }, words.keys), this.said);
    this.region.after(element('p', {}, this.link));
    for (const part of [steps, this.region]) part.addEventListener('keydown', (event) => this.key(event));
  }

  key(event) {
    const to = { ArrowRight: this.position + 1, ArrowLeft: this.position - 1, Home: 0, End: this.steps.length }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.go(to);
  }

  // Fills a list of choices, keeping the choice where it is still there.
  offer(name, values) {
    const before = this[name].value;
    this[name].replaceChildren(...values.map((value) => element('option', {}, value)));
    this[name].value = values.includes(before) ? before : values[0];
  }

  reset() {
    const { program, architecture, call } = this.root.dataset;
    this.choose([program, architecture, architecture, call]);
  }

  // Takes a state as a link has it: program/architecture/abi/call/arguments/step; the last two may lack.
  choose([program, architecture, abi, call, args = '0', step = '0']) {
    this.offer('program', Object.keys(this.filters));
    const filters = this.filters[program];
    if (!filters?.[architecture]?.abis.includes(abi)) return false;
    this.program.value = program;
    this.offerArchitectures();
    this.architecture.value = architecture;
    this.offerAbis();
    this.abi.value = abi;
    this.offerCalls();
    this.call.value = this.nameOf(call) ?? call;
    args.split(',').slice(0, this.args.length).forEach((value, i) => { this.args[i].value = value; });
    this.walk(step === 'end' ? Infinity : parseInt(step, 10) || 0);
    return true;
  }

  chooseFromLink() {
    const prefix = '#stepper/';
    if (!location.hash.startsWith(prefix)) return false;
    const state = decodeURIComponent(location.hash.slice(prefix.length)).split('/');
    if (!this.choose(state)) {
      this.reset();
      this.problem.textContent = this.words.badLink;
    }
    this.root.scrollIntoView();
    return true;
  }

  changed(name) {
    if (name === 'program') this.offerArchitectures();
    if (name === 'program' || name === 'architecture') this.offerAbis();
    if (name === 'program' || name === 'architecture' || name === 'abi') this.offerCalls();
    this.walk(0);
    this.remember();
  }

  offerArchitectures() { this.offer('architecture', Object.keys(this.filters[this.program.value])); }
  offerAbis() { this.offer('abi', this.filters[this.program.value][this.architecture.value].abis); }
  offerCalls() {
    this.names.replaceChildren(...this.abis[this.abi.value].calls.map(([name]) => element('option', { value: name })));
  }

  nameOf(number) {
    return this.abis[this.abi.value].calls.find((call) => String(call[1]) === number)?.[0];
  }

  // The call's number, by its name or as it is typed, or null.
  number() {
    const text = this.call.value.trim();
    const found = this.abis[this.abi.value].calls.find(([name]) => name === text);
    if (found) return found[1];
    const word = parseWord(text);
    return word === null ? null : Number(BigInt.asUintN(32, word));
  }

  fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (all, key) => values[key]);
  }

  // Simulates the call that is chosen, and shows the first so many steps. What can't be read is said, and
  // the walk before stays.
  walk(position) {
    const nr = this.number();
    const args = this.args.map((input) => parseWord(input.value));
    const bad = args.indexOf(null);
    this.call.toggleAttribute('aria-invalid', nr === null);
    args.forEach((arg, i) => this.args[i].toggleAttribute('aria-invalid', arg === null));
    this.problem.textContent = nr === null ? this.fill(this.words.badCall, { abi: this.abi.value })
      : bad >= 0 ? this.fill(this.words.badArgument, { i: bad }) : '';
    if (this.problem.textContent && this.steps) return;
    const { arch } = this.abis[this.abi.value];
    this.show(this.filters[this.program.value][this.architecture.value]);
    this.steps = simulate(this.instructions, { nr, arch, instructionPointer: 0n, args });
    this.move(position);
  }

  // The table of a filter's instructions, if it is another than before.
  show(filter) {
    if (filter === this.shown) return;
    this.shown = filter;
    this.instructions = filter.instructions.map(([code, jt, jf, k, meaning]) => ({ code, jt, jf, k, meaning }));
    const body = this.region.querySelector('tbody');
    const digits = (value, count) => value.toString(16).padStart(count, '0');
    body.replaceChildren(...this.instructions.map(({ code, jt, jf, k, meaning }, i) => element('tr', {},
      element('th', { scope: 'row' }, String(i)),
      element('td', { class: 'code' }, element('code', {}, `${digits(code, 4)} ${digits(jt, 2)} ${digits(jf, 2)} ${digits(k, 8)}`)),
      element('td', {}, meaning), element('td', { class: 'accumulator' }))));
  }

  go(position) {
    this.move(position);
    this.remember();
  }

  // Marks the first so many instructions of the walk as executed.
  move(wanted) {
    const position = Math.max(0, Math.min(wanted, this.steps.length));
    const rows = this.region.querySelectorAll('tbody tr');
    this.position = position;
    for (const row of rows) {
      row.className = '';
      row.removeAttribute('aria-current');
      row.lastChild.textContent = '';
    }
    for (const { index, a } of this.steps.slice(0, position)) {
      rows[index].className = 'executed';
      rows[index].lastChild.textContent = hex(a);
    }
    if (position > 0) rows[this.steps[position - 1].index].setAttribute('aria-current', 'step');
    this.say();
    this.beforeNextFrame('row', () => this.bringIntoView(rows[position > 0 ? this.steps[position - 1].index : 0]));
  }

  // What is slow is done once a frame: of each kind what was asked for last.
  beforeNextFrame(kind, act) {
    if (this.late.size === 0) {
      requestAnimationFrame(() => {
        for (const late of this.late.values()) late();
        this.late.clear();
      });
    }
    this.late.set(kind, act);
  }

  // Scrolls the table, and never the page.
  bringIntoView(row) {
    const top = row.offsetTop;
    if (top < this.region.scrollTop || top + 2 * row.offsetHeight > this.region.scrollTop + this.region.clientHeight) {
      this.region.scrollTop = top - this.region.clientHeight / 2;
    }
  }

  say() {
    const { words, steps, position } = this;
    const ended = position === steps.length;
    const { index, a } = steps[Math.max(position - 1, 0)];
    const { meaning } = this.instructions[index];
    this.said.className = 'said';
    delete this.said.dataset.value;
    if (ended) {
      const action = actionOf(a);
      this.said.dataset.value = a;
      this.said.className += action === 'allow' || action === 'log' ? ' added' : ' removed';
      this.said.textContent = this.fill(words.verdict, { n: steps.length, value: hex(a), verdict: words[action], effect: words[`${action}, effect`] });
    } else {
      this.said.textContent = position === 0 ? this.fill(words.start, { n: this.instructions.length })
        : this.fill(words.step, { i: index, meaning, a: hex(a), next: steps[position].index });
    }
    this.firstButton.setAttribute('aria-disabled', position === 0);
    this.backButton.setAttribute('aria-disabled', position === 0);
    this.nextButton.setAttribute('aria-disabled', ended);
    this.lastButton.setAttribute('aria-disabled', ended);
  }

  // The address of the page names the state, so that it can be sent to somebody.
  remember() {
    const args = this.args.map((input) => input.value.trim()).join(',');
    const state = [this.program.value, this.architecture.value, this.abi.value, this.call.value.trim(), args,
      this.position === this.steps.length ? 'end' : this.position];
    this.link.href = `#stepper/${state.map(encodeURIComponent).join('/')}`;
    this.beforeNextFrame('address', () => history.replaceState(null, '', this.link.href));
  }
}

document.addEventListener('DOMContentLoaded', () => {
  const root = document.querySelector('.stepper');
  if (!root) return;
  for (const link of document.querySelectorAll('a[data-state]')) link.href = `#stepper/${link.dataset.state}`;
  new Stepper(root);
});
