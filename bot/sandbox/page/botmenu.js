/** What a person may do with the bot itself: stop it in their own chat, mute or remove it in a group they lead. */

import { openMenu } from "./menu.js";
import * as server from "./server.js";

const IN_GROUP = [
  ["member", "member", []],
  ["administrator", "administrator", []],
  ["no-videos", "restricted", ["can_send_videos"]],
  ["muted", "restricted", ["can_send_messages"]],
  ["removed", "kicked", []],
];

/** Whether the person has anything to choose there. */
export function leadsBot(session, chat) {
  return chat.type === "private" || Boolean(session.person.is_admin);
}

/** Opens the menu at `opener`, with what the bot is there now. */
export async function openBotMenu(session, words, chat, opener) {
  if (!(await session.refresh())) return;
  const items = chat.type === "private" ? inPrivate(session, words, chat) : inGroup(session, words, chat);
  openMenu(items, opener, { label: words.botMenu });
}

function inPrivate(session, words, chat) {
  const blocked = chat.bot.status === "kicked";
  const label = blocked ? words.startBot : words.stopBot;
  const [name, shape] = blocked ? ["start-bot", "check"] : ["stop-bot", "close"];
  const wanted = { person: session.person.id, blocked: !blocked };
  const run = () => session.attempt(() => server.block(wanted));
  return [{ name, shape, label, danger: !blocked, run }];
}

function inGroup(session, words, chat) {
  const now = kindOf(chat.bot);
  const person = session.person.id;
  const items = IN_GROUP.map(([name, status, denied]) => ({
    name: `bot-${name}`,
    label: words.botIs[name],
    checked: name === now,
    run: () => session.attempt(() => server.changeBot({ person, status, denied })),
  }));
  const grow = () => session.attempt(() => server.upgradeGroup({ person }));
  return [...items, { name: "upgrade", shape: "send", label: words.upgrade, run: grow }];
}

function kindOf({ status, denied }) {
  if (status === "restricted") return denied.includes("can_send_messages") ? "muted" : "no-videos";
  return status === "left" || status === "kicked" ? "removed" : status;
}
