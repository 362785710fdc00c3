/**
 * Looks for what could tell who a patient is, before it is sent: the browser's twin of moderation/guard/looking.py, by
 * the same table, patient-data.json, and the shapes of hospital numbers that the page brings. The server looks again; this
 * one only spares the way there. Places are in JavaScript's own units.
 */

import { SECOND, wait } from "../timing.js";

const UNSEEN = /[\u0300-\u036f]|[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/;
const MOST_OF_A_KIND = 400;
const MOST_BESIDE = 4;
export const [NOTHING, DOUBT, SURE] = [0, 1, 2];

let rules = null;
let loading = null;

/**
 * Fetch the table, when somebody begins to write. Without it, or in a browser too old for its patterns, nothing is found
 * here: then the server says so.
 */
export async function load() {
  loading ??= fetchTable().finally(() => (loading = null));
  await Promise.race([loading, wait(1.5 * SECOND)]);
}

async function fetchTable() {
  const { guard: address, letters, digits } = document.querySelector("[data-guard]")?.dataset ?? {};
  try {
    if (address) rules ??= readTable(await (await fetch(address)).json(), { letters, digits });
  } catch {
    // Offline, or too old: nothing of this may keep words from being sent.
  }
}

export const table = () => rules?.table;

function readTable(table, shapes) {
  const spelledOut = (pattern) => {
    while (/%[A-Z_]+%/.test(pattern)) pattern = pattern.replace(/%([A-Z_]+)%/g, (_, name) => table.words[name]);
    return pattern;
  };
  const pattern = (source, flags) => source && new RegExp(spelledOut(source), flags);
  const shaped = table.shaped.filter((line) => shapes[line.of]).map((line) => {
    return { ...line, pattern: line.pattern.replace("%SHAPES%", () => shapes[line.of]) };
  });
  const signals = [...table.signals, ...shaped].map((line) => ({
    kind: line.kind,
    pattern: pattern(line.pattern, line.case ? "dg" : "dgi"),
    near: pattern(line.near, "i"),
    unlessNear: pattern(line.unless_near, "i"),
    unlessBefore: pattern(line.unless_before, "i"),
    unlessAfter: pattern(line.unless_after, "i"),
    needs: line.needs ?? [],
    digits: pattern(line.digits, ""),
    hasCheck: Boolean(line.check),
    level: line.sure ? SURE : line.ask ? DOUBT : NOTHING,
  }));
  return { table, signals, allowed: new Set(table.own_story_allows) };
}

/** {level, marks: [{kind, start, end}]}: what is in the text, and how surely. */
export function look(text, ownStory = false) {
  if (!rules) return { level: NOTHING, marks: [] };
  const { plain, places } = plainly(text);
  const isAllowed = (kind) => ownStory && rules.allowed.has(kind);
  const alone = rules.signals.filter(({ level, kind }) => level && !isAllowed(kind));
  const found = alone.flatMap((signal) => marksOf(signal, plain).map((mark) => ({ level: signal.level, mark })));
  found.sort((one, other) => other.level - one.level);
  const marks = [...found.map(({ mark }) => mark), ...together(plain, isAllowed)];
  if (!marks.length) return { level: NOTHING, marks };
  const level = found[0]?.level ?? DOUBT;
  return { level, marks: inOrder(marks, places) };
}

/** The text as the patterns read it, and where each sign of that stands in the text. */
function plainly(text) {
  const places = [];
  let plain = "";
  let place = 0;
  for (const sign of text) {
    if (!UNSEEN.test(sign)) {
      plain += plainSign(sign);
      while (places.length < plain.length) places.push(place);
    }
    place += sign.length;
  }
  places.push(text.length);
  return { plain, places };
}

function plainSign(sign) {
  if (sign < "\x80") return "*_`\t\r\n|".includes(sign) ? " " : sign;
  if (/\p{Nd}/u.test(sign)) return digit(sign);
  if (/\p{Zs}/u.test(sign)) return " ";
  if (/\p{Pd}/u.test(sign)) return "-";
  const { letters, as } = rules.table.like;
  if (letters.includes(sign)) return as[letters.indexOf(sign)];
  const plain = sign.normalize("NFKD")[0];
  return plain >= " " && plain <= "~" && /[\p{L}\p{P}]/u.test(sign) ? plain : sign;
}

function digit(sign) {
  const plain = sign.normalize("NFKD");
  if (/^\d$/.test(plain)) return plain;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(sign.codePointAt(0) - value - 1))) value += 1;
  return String(value);
}

/** Most texts lack even what a signal cannot do without: then its pattern need not look. */
function mayHold({ digits, needs }, text) {
  if (digits && !digits.test(text)) return false;
  const small = text.toLowerCase();
  return !needs.length || needs.some((need) => small.includes(need));
}

function marksOf(signal, text) {
  if (!mayHold(signal, text)) return [];
  const { near_within: near, before_within: before, after_within: after } = rules.table;
  const marks = [];
  for (const match of text.matchAll(signal.pattern)) {
    const [start, end] = match.indices[0];
    const around = text.slice(Math.max(0, start - near), end + near);
    if (signal.unlessBefore?.test(text.slice(Math.max(0, start - before), start))) continue;
    if (signal.unlessAfter?.test(text.slice(end, end + after))) continue;
    if (signal.near && !signal.near.test(around)) continue;
    if (signal.unlessNear?.test(around)) continue;
    if (signal.hasCheck && !hasCheckDigit(match[0])) continue;
    const [from, to] = match.indices[1] ?? [start, end];
    marks.push({ kind: signal.kind, start: from, end: to });
  }
  return marks;
}

/** NHS Data Dictionary, modulus 11. */
function hasCheckDigit(words) {
  const digits = words.match(/\d/g).map(Number);
  const sum = digits.slice(0, 9).reduce((total, each, place) => total + each * (10 - place), 0);
  const check = 11 - (sum % 11);
  return check !== 10 && check % 11 === digits[9];
}

function together(text, isAllowed) {
  const known = new Map();
  const marks = (kind) => {
    if (!known.has(kind)) {
      const found = rules.signals.filter((signal) => signal.kind === kind).flatMap((signal) => marksOf(signal, text));
      known.set(kind, found.sort((one, other) => one.start - other.start).slice(0, MOST_OF_A_KIND));
    }
    return known.get(kind);
  };
  const { ask_together: lines, together_within: within } = rules.table;
  for (const kinds of lines) {
    if (kinds.some(isAllowed) || !kinds.every((kind) => marks(kind).length)) continue;
    for (const first of marks(kinds[0])) {
      const isBeside = (mark) => Math.abs(mark.start - first.start) <= within;
      const beside = kinds.slice(1).map((kind) => marks(kind).filter(isBeside).slice(0, MOST_BESIDE));
      const group = everyChoice([[first], ...beside]).find((each) => spread(each) <= within);
      if (group) return group;
    }
  }
  return [];
}

const everyChoice = (lists) => lists.reduce((all, list) => all.flatMap((some) => list.map((one) => [...some, one])), [[]]);

const spread = (marks) => Math.max(...marks.map(({ end }) => end)) - Math.min(...marks.map(({ start }) => start));

function inOrder(marks, places) {
  const kept = [];
  for (const mark of marks.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    if (!kept.length || mark.start >= kept.at(-1).end) kept.push(mark);
  }
  return kept.map(({ kind, start, end }) => ({ kind, start: places[start], end: places[end] }));
}

/* What could stand there instead: moderation/guard/rewriting.py */

/** The text with neutral words in the marked places. */
export function offered(text, marks) {
  let [rewritten, at] = ["", 0];
  for (const mark of marks) {
    const before = text.slice(0, mark.start);
    rewritten += text.slice(at, mark.start) + fitted(neutral(mark, text.slice(mark.start, mark.end)), before.slice(-8));
    at = mark.end;
  }
  return rewritten + text.slice(at);
}

function neutral({ kind }, words) {
  const { instead, instead_of_a_name: names, decades } = rules.table;
  if (kind === "name" || kind === "named_patient") return names.find(([start]) => new RegExp(start, "i").test(words))[1];
  if (kind !== "age") return instead[kind] ?? words;
  const span = decades[/\d\d/.exec(words)?.[0][0]];
  if (!span) return "a woman";
  return words.toLowerCase().startsWith("age") ? `in her ${span}` : `a woman in her ${span}`;
}

function fitted(instead, before) {
  const noun = /\b(?:an?|the|our|my|this|that|one)\s$/i.test(before) ? instead.replace(/^(?:an?|the) /, "") : instead;
  return /(?:^|[.!?:]\s|\n)\W*$/.test(before) ? noun.charAt(0).toUpperCase() + noun.slice(1) : noun;
}

/** The sentence for a finding, with the kinds of what was found. */
export function sentence(name, marks) {
  const said = [...new Set(marks.map(({ kind }) => rules.table.said[kind]))];
  const last = said.pop();
  return rules.table.sentences[name].replace("{}", said.length ? `${said.join(", ")} and ${last}` : last);
}
