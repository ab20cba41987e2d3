/** Links that start a bot, which a Telegram client answers itself. */

const START_LINK = /^(?:https?:\/\/)?(?:t|telegram)\.me\/(\w+)\/?(?:\?start=([\w-]{1,64}))?$/iu;

/** What stands behind /start in a link to this bot, "" for nothing; null when it is no link to it. */
export function startParameter(address, bot) {
  const [, name, parameter] = START_LINK.exec(address ?? "") ?? [];
  return name?.toLowerCase() === bot.username.toLowerCase() ? (parameter ?? "") : null;
}
