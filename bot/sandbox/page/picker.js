/** The chat picker that a Share button opens. */

import { avatar, make } from "./element.js";
import { dialog } from "./notices.js";

/** The id of the chat that the person picked of `chats`, null when they picked none. */
export async function pickChat(chats, words) {
  const rows = chats.map((chat) =>
    make(
      "button.chat-row",
      { type: "submit", value: String(chat.id), "data-pick-chat": chat.id },
      avatar(chat.id, chat.title, chat.type === "private"),
      make("span.chat-text", {}, make("span.chat-name", {}, chat.title)),
    ),
  );
  const content = [
    make("strong", {}, words.shareWith),
    rows.length ? make("div.picker", { "data-part": "picker" }, rows) : words.noChats,
  ];
  const picked = await dialog(content, [{ label: words.cancel, value: "" }]);
  return picked ? Number(picked) : null;
}

/** The chats of a kind that the button allows, as Telegram names the kinds. */
export function allowedChats(chats, allowed) {
  return chats.filter((chat) =>
    chat.type === "private" ? allowed.allow_bot_chats : allowed.allow_group_chats,
  );
}
