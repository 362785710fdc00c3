/** The list of groups and rooms: what is unread in each, the most recent first, and the count in the tab's title. */

import { fragment, isLookedAt, me } from "./dom.js";
import { getFragment, Unreached } from "./http.js";
import * as live from "./live.js";
import { here } from "./room/here.js";
import { atMostEvery, jitter, MINUTE, SECOND, settled } from "./timing.js";

/** A page this fresh has nothing to fetch anew when it connects. */
const FRESH = 5 * SECOND;

let nav = null;
let title = "";
/** Rooms that spoke while the reader was using the list: they move up when the list is left. */
const risers = new Set();

export function start(element) {
  nav = element;
  title = document.title;
  nav.addEventListener("focusout", () => setTimeout(raise));
  nav.addEventListener("pointerleave", raise);
  addEventListener("focus", showTitle);
  addEventListener("blur", showTitle);
  document.addEventListener("room-renamed", ({ detail }) => rename(detail));
  showTitle();
  live.join("rooms", part);
}

const part = {
  /** A room that is not open here has news. */
  moved({ room, version, posted, mentions_me: mentionsMe }) {
    news(room, version, posted, mentionsMe ? 1 : 0);
  },

  /** A message in the room that is open here. */
  posted({ room, version, author, mentions = [], everyone }) {
    const isMine = author === me();
    if (isMine) rise(room);
    else news(room, version, 1, everyone || mentions.includes(me()) ? 1 : 0);
  },

  /** The member read in a room, here or on another device. */
  read({ room, version }) {
    const link = linkTo(room);
    if (!link || !count(link, "unread")) return;
    if (room === here.room && !here.hasNewer) return show(link, marked(".new"), marked(".new.mentions-me"));
    if (version >= Number(link.dataset.version ?? Infinity)) show(link, 0, 0);
    else refresh();
  },

  renamed({ room, name }) {
    const words = linkTo(room)?.querySelector(".name");
    if (words) words.textContent = name;
  },

  accessBegan() {
    refresh();
  },

  accessEnded({ group }) {
    nav.querySelector(`[data-group="${group}"]`)?.remove();
    showTitle();
  },

  /** Connected again: what was told meanwhile was not heard. */
  up() {
    if (performance.now() > FRESH) refresh();
  },

  /** Between two long polls nobody listens for other rooms. */
  polled: atMostEvery(MINUTE, () => refresh()),
};

function news(room, version, posted, mentions) {
  const link = linkTo(room);
  // A room opened since, or the server does not know how much is new.
  if (!link || posted === null) return refresh();
  if (version <= Number(link.dataset.version ?? 0)) return;
  if (posted) link.dataset.version = version;
  show(link, count(link, "unread") + posted, count(link, "mentions") + mentions);
  if (posted) rise(room);
}

function rise(room) {
  risers.add(room);
  raise();
}

/** How many messages of the open room carry a mark. */
const marked = (mark) => here.list.querySelectorAll(`:scope > .message${mark}`).length;

const linkTo = (room) => nav.querySelector(`a[data-room="${Number(room)}"]`);
const count = (link, what) => Number(link.dataset[what]) || 0;

function show(link, unread, mentions) {
  link.dataset.unread = unread;
  link.dataset.mentions = mentions;
  const badge = link.querySelector(".unread");
  if (badge) {
    badge.hidden = !unread;
    badge.classList.toggle("mine", mentions > 0);
    (badge.querySelector("[data-count]") ?? badge).textContent = unread > 99 ? "99+" : unread || "";
  }
  showTitle();
}

/** Most recent first, within its group; never while the reader points at the list or is in it. */
function raise() {
  if (nav.matches(":hover, :focus-within")) return;
  for (const room of risers) {
    const link = linkTo(room);
    const item = link?.closest("li") ?? link;
    const group = link?.closest("section") ?? nav;
    const firstLink = group.querySelector("a[data-room]");
    const first = firstLink?.closest("li") ?? firstLink;
    if (first && first !== item) first.before(item);
  }
  risers.clear();
}

/** The list as the server has it now. A random wait, because after a restart everybody asks. */
const refresh = settled(() => setTimeout(fetchList, jitter(5 * SECOND)), SECOND);

async function fetchList() {
  try {
    const content = fragment(await getFragment("/sidebar/", "sidebar"));
    tellCounts(content.querySelector("[data-unseen]"));
    replace(content);
  } catch (error) {
    // The list stays as it is. A socket may be back before the rest of the network is: then it is asked again.
    if (error instanceof Unreached) setTimeout(refresh, 5 * SECOND);
  }
}

/** How many notices are unseen and, for moderators, how many posts wait: told by frames, which were not heard. */
function tellCounts(counts) {
  live.hear("notice", { unseen: Number(counts.dataset.unseen) });
  live.hear("waiting", { waiting: Number(counts.dataset.waiting) });
  counts.remove();
}

function replace(content) {
  const focused = nav.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const open = nav.querySelector("[aria-current]")?.dataset.room;
  const { scrollTop } = nav;
  const inner = content.querySelector("#rooms");
  nav.replaceChildren(...(inner ?? content).childNodes);
  nav.scrollTop = scrollTop;
  for (const link of nav.querySelectorAll("[aria-current]")) link.removeAttribute("aria-current");
  if (open) linkTo(open)?.setAttribute("aria-current", "page");
  if (focused) nav.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  showTitle();
}

/* The title of the tab */

/** The room that is open and looked at does not count: its words are being read. */
function showTitle() {
  const counted = isLookedAt() ? "a[data-unread]:not([aria-current])" : "a[data-unread]";
  const unread = [...nav.querySelectorAll(counted)].reduce((sum, link) => sum + count(link, "unread"), 0);
  document.title = unread ? `(${unread > 99 ? "99+" : unread}) ${title}` : title;
}

function rename({ was, name }) {
  title = title.replace(was, () => name);
  showTitle();
}
